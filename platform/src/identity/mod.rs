//! Who is calling: roles, appointments, and the tokens that prove them.

mod caller;
mod role;

pub use caller::{Appointment, Caller, SYSTEM_ISSUER};
pub use role::{Role, UnknownRole};
