//! Between messages and domain: reading names, codes and dates with the path of the field, and writing answers.

mod attachment;
mod calendar;

pub use attachment::{attachment, attachment_name, content_disposition};
pub use calendar::{
    calendar, calendar_changes, calendar_name, calendar_organization, calendar_version, deadline, limit,
    new_calendar, notice, start,
};
