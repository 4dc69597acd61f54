//! The runtime trait on tokio, and jobs over real futures
