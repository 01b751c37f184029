//! The port to what is stored: one trait, made of a part for each noun. Each method is one transaction.

pub mod hour;
pub mod need;
pub mod sql;

use std::sync::Arc;

use minqing_platform::feed::Source;

pub use hour::HourStore;
pub use need::NeedStore;

/// Everything that is stored of volunteers.
pub trait Store: HourStore + NeedStore + Source {}

impl<T: HourStore + NeedStore + Source> Store for T {}

/// A store that is shared.
pub type Shared = Arc<dyn Store>;
