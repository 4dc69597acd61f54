//! A record as tables, Markdown and charts
