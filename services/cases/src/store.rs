//! The port to what is stored: one trait, made of a part for each noun. Each method is one transaction.

pub mod attachment;
pub mod calendar;
pub mod case;
pub mod sql;

use std::sync::Arc;

use minqing_platform::feed::Source;

pub use attachment::AttachmentStore;
pub use calendar::CalendarStore;
pub use case::CaseStore;

/// Everything that is stored of cases.
pub trait Store: AttachmentStore + CalendarStore + CaseStore + Source {}

impl<T: AttachmentStore + CalendarStore + CaseStore + Source> Store for T {}

/// A store that is shared.
pub type Shared = Arc<dyn Store>;
