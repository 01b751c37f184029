//! Who is calling: roles, appointments, and the tokens that prove them.
//!
//! [`Authenticator`] turns a request's headers into its [`Caller`]. Tokens are JWTs of configured issuers
//! ([`Options`]); what their subjects may do comes from the registry through an [`AppointmentSource`]. To trust one more
//! issuer, configure it; to add a role, add it to [`Role`] and to the policies.

mod appointments;
mod authenticator;
mod caller;
mod error;
pub mod issuer;
mod jwks;
mod options;
mod remote;
mod role;
mod source;
#[cfg(test)]
mod tests;
mod token;

pub use appointments::{AppointmentSource, Linked, Nobody, Unavailable};
pub use authenticator::Authenticator;
pub use caller::{Appointment, Caller, SYSTEM_ISSUER};
pub use error::Error;
pub(crate) use options::url as issuer_url;
pub use options::{Algorithm, AppointmentsFrom, Invalid, IssuerOptions, Options};
pub(crate) use remote::client as issuer_client;
pub use role::{Role, UnknownRole};
