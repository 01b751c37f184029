//! The port to what is stored: one trait, made of a part for each noun. Each method is one transaction.

pub mod activity;
pub mod certificate;
pub mod check;
pub mod figure;
pub mod hour;
pub mod hour_report;
pub mod matching;
pub mod need;
pub mod post;
pub mod sealed;
pub mod sign_up;
pub mod sql;
pub mod team;
pub mod volunteer;

use std::sync::Arc;

use minqing_platform::feed::Source;

pub use activity::ActivityStore;
pub use certificate::CertificateStore;
pub use check::CheckStore;
pub use figure::FigureStore;
pub use hour::HourStore;
pub use hour_report::HourReportStore;
pub use matching::MatchingStore;
pub use need::NeedStore;
pub use post::PostStore;
pub use sign_up::{SignUpStore, SwapStore};
pub use team::TeamStore;
pub use volunteer::VolunteerStore;

/// Everything that is stored of volunteers.
pub trait Store:
    ActivityStore
    + CertificateStore
    + FigureStore
    + CheckStore
    + HourReportStore
    + HourStore
    + MatchingStore
    + NeedStore
    + PostStore
    + SignUpStore
    + Source
    + SwapStore
    + TeamStore
    + VolunteerStore
{
}

impl<T> Store for T where
    T: ActivityStore
        + CertificateStore
        + FigureStore
        + CheckStore
        + HourReportStore
        + HourStore
        + MatchingStore
        + NeedStore
        + PostStore
        + SignUpStore
        + Source
        + SwapStore
        + TeamStore
        + VolunteerStore
{
}

/// A store that is shared.
pub type Shared = Arc<dyn Store>;
