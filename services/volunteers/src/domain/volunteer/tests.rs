//! The rules of fitting and of changing records.
