//! Between messages and domain: reading names, codes and dates with the path of the field, and writing answers.

mod assignment;
mod attachment;
mod calendar;
mod case;
mod dispatch;
mod figures;
mod item;
#[cfg(test)]
mod named;
mod observation;
mod supervision;

pub use assignment::{assignment, assignment_name};
pub use attachment::{attachment, attachment_name, content_disposition};
pub use calendar::{
    calendar, calendar_changes, calendar_name, calendar_organization, calendar_version, deadline, limit,
    new_calendar, notice, start,
};
pub use case::{OpenReporter, case, case_limit, case_number, history_entry, similar_case, tracked};
pub use dispatch::{
    dispatch_rule, dispatch_rule_changes, dispatch_rule_name, dispatch_suggestion, new_dispatch_rule,
    optional_organization, whole_item, whole_organization,
};
pub(crate) use figures::flat;
pub use figures::{figure_query, figure_selection, figure_snapshot, figures, figures_csv};
pub use item::{item, item_changes, item_name, item_report, new_item};
pub use minqing_platform::field::{
    Faults, code, count, date, each, effective_on, etag, grid_name, instant, name, named, optional_code,
    optional_named, optional_prose, optional_text, prose, text, timestamp,
};
pub use minqing_platform::named::{member, number, optional_member};
pub use observation::{
    ObservationDraft, Whereabouts, observation, observation_digest, observation_draft, observation_figures,
    observation_name, observation_violation,
};
pub use supervision::{orphan, supervision_csv, supervision_record};
