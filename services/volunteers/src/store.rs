//! The port to what is stored: one trait, made of a part for each noun. Each method is one transaction.

pub mod hour;
pub mod need;
pub mod post;
pub mod sql;
pub mod team;
pub mod volunteer;

use std::sync::Arc;

use minqing_platform::feed::Source;

pub use hour::HourStore;
pub use need::NeedStore;
pub use post::PostStore;
pub use team::TeamStore;
pub use volunteer::VolunteerStore;

/// Everything that is stored of volunteers.
pub trait Store: HourStore + NeedStore + PostStore + VolunteerStore + TeamStore + Source {}

impl<T: HourStore + NeedStore + PostStore + VolunteerStore + TeamStore + Source> Store for T {}

/// A store that is shared.
pub type Shared = Arc<dyn Store>;
