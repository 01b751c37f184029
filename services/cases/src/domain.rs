//! Nouns, states and rules. Pure: no async, no SQL, no gRPC, no clock.

pub mod attachment;
pub mod case;
pub mod dispatch;
pub mod figures;
pub mod item;
pub mod item_file;
pub mod item_import;
pub mod observation;
pub mod search;
pub mod similar;
pub mod words;

pub mod calendar;
