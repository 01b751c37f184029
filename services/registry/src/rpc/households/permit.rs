//! What the RPCs on one household share: who may act on it, what they see, and the record they leave.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use uuid::Uuid;

use crate::Registry;
use crate::convert::Sight;
use crate::domain::access::Access;
use crate::domain::household::Household;

/// A household on which the caller may act.
pub struct Permitted {
    /// The household.
    pub household: Household,
    /// Whether the caller lives in it.
    pub own: bool,
    /// How much of its address the caller sees.
    pub sight: Sight,
}

/// The household, if the caller may do this to it.
pub async fn household(registry: &Registry, call: &Call, action: &str, id: &str) -> Result<Permitted, Error> {
    // Whoever may do this to no household at all is told so, whether this one exists or not.
    registry.authorize(call, action, Target { division: None, own: true })?;
    let household =
        registry.store.household(id).await?.ok_or_else(|| Refusal::missing(format!("household {id}")))?;
    let own = match person(call) {
        Some(person) => registry.store.lives_in(person, id).await?,
        None => false,
    };
    let grid = household.grid.as_str();
    registry.authorize(call, action, Target { division: Some(grid), own })?;
    let within = call.caller.roles().iter().any(|appointment| {
        appointment.covers(grid) && registry.policy.allows(appointment.role, action, true, false)
    });
    let sight = if own || within { Sight::Whole } else { Sight::Masked };
    Ok(Permitted { household, own, sight })
}

/// The id of the person to whom the caller is linked.
pub fn person(call: &Call) -> Option<&str> {
    call.caller.person.as_deref()?.strip_prefix("people/")
}

/// The record of what the caller is about to see.
pub fn access(
    registry: &Registry,
    call: &Call,
    subject: String,
    purpose: String,
    fields: &[String],
) -> Access {
    Access {
        id: Uuid::now_v7(),
        subject,
        actor: call.caller.name_for_audit().into_owned(),
        purpose,
        fields: fields.to_vec(),
        occur_time: registry.clock.now(),
    }
}

/// The refusal of a resident who is not there.
pub fn missing_resident(household: &str, number: i32) -> Error {
    Refusal::missing(format!("resident {number} of household {household}")).into()
}

/// The number after which a page of what is numbered in a household begins.
pub fn number_after(page: &Page) -> i32 {
    page.after.as_deref().and_then(|number| number.parse().ok()).unwrap_or(0)
}
