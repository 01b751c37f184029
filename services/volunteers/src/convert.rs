//! Between messages and domain: reading names, codes and dates with the path of the field, and writing answers.

mod post;
mod team;
mod volunteer;
mod volunteer_given;

#[cfg(test)]
mod named;

pub use post::{post_message, post_name, post_report};
pub use team::{
    membership, membership_name, new_team, optional_team, optional_volunteer, team, team_changes, team_name,
    volunteer_name,
};
pub use volunteer::{Sight, access_record, volunteer};
pub use volunteer_given::{day, guardian, new_volunteer, note, optional_note, purpose, volunteer_changes};
