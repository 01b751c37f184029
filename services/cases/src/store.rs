//! The port to what is stored: one trait, made of a part for each noun. Each method is one transaction.

pub mod attachment;
pub mod calendar;
pub mod case;
pub mod check;
pub mod dispatch;
pub mod figures;
pub mod item;
pub mod observation;
pub mod search;
pub mod sql;
pub mod timer;
pub mod told;

use std::sync::Arc;

use minqing_platform::feed::Source;

pub use attachment::AttachmentStore;
pub use calendar::CalendarStore;
pub use case::CaseStore;
pub use check::CheckStore;
pub use dispatch::DispatchStore;
pub use figures::FigureStore;
pub use item::ItemStore;
pub use observation::ObservationStore;
pub use search::SearchStore;
pub use timer::TimerStore;
pub use told::ToldStore;

/// Everything that is stored of cases.
pub trait Store: Core + Service + Source {}

impl<T: Core + Service + Source> Store for T {}

/// Cases, and what is derived from them.
pub trait Core: CaseStore + CheckStore + FigureStore + SearchStore + TimerStore + ToldStore {}

impl<T: CaseStore + CheckStore + FigureStore + SearchStore + TimerStore + ToldStore> Core for T {}

/// What cases are handled by: calendars, the catalogue, rules, files; and what they come from.
pub trait Service: AttachmentStore + CalendarStore + DispatchStore + ItemStore + ObservationStore {}

impl<T: AttachmentStore + CalendarStore + DispatchStore + ItemStore + ObservationStore> Service for T {}

/// A store that is shared.
pub type Shared = Arc<dyn Store>;
