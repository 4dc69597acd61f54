//! Virtual time: an executor and an event queue
