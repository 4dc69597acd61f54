//! The chunked strategy
