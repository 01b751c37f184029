//! What the feed is told of a need: that something happened, never what somebody wrote or who somebody is.

use minqing_platform::journal::NewEvent;
use serde_json::json;

use crate::domain::need::{Need, Recorded};

/// The events of the feed for the newest part of a history.
pub(super) fn events(after: &Need, history: &[Recorded]) -> Vec<NewEvent> {
    let of = |recorded: &Recorded| NewEvent {
        kind: recorded.event.name(),
        subject: format!("needs/{}", after.id),
        division_code: after.place.code.to_string(),
        payload: json!({
            "version": recorded.version,
            "status": after.status,
            "source": after.source,
            "post": after.requirements.post.as_ref().map(|post| format!("posts/{post}")),
            "team": after.team.as_ref().map(|team| format!("teams/{team}")),
        }),
    };
    history.iter().map(of).collect()
}
