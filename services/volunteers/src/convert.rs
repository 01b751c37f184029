//! Between messages and domain: reading names, codes and dates with the path of the field, and writing answers.

mod activity;
mod certificate;
mod figure;
mod hour;
mod matching;
#[cfg(test)]
mod named;
mod need;
mod page;
mod post;
mod sign_up;
mod team;
mod volunteer;
mod volunteer_given;

pub use activity::{activity, activity_changes, activity_name, activity_plan, new_shift, shift, shift_name};
pub use certificate::{
    certificate, certificate_content, certificate_number, certificate_request, certificate_request_id,
    content_disposition, verified_certificate,
};
pub use figure::{volunteer_figure, volunteer_figure_query, volunteer_figures_csv};
pub use hour::{honour, hour_entry, hour_head, hour_seq, hour_summary};
pub use matching::{explanation, matched, matching, matching_id, tried_match, tried_matching};
pub use minqing_platform::field::{
    Faults, count, date, each, etag, instant, name, named, optional_code, optional_named, optional_prose,
    optional_text, prose, text, timestamp,
};
pub use minqing_platform::named::{member, optional_member};
pub use need::{Given, history_entry, need, need_id, post, requirements};
pub use page::{page_id, page_instant_id};
pub use post::{post_message, post_name, post_report};
pub use sign_up::{
    Proof, hour_report, hour_report_facts, hour_report_name, proof, sign_up, sign_up_name, swap, swap_name,
};
pub use team::{
    membership, membership_name, new_team, optional_team, optional_volunteer, team, team_changes, team_name,
    volunteer_name,
};
pub use volunteer::{Sight, access_record, volunteer};
pub use volunteer_given::{day, guardian, new_volunteer, note, optional_note, purpose, volunteer_changes};
