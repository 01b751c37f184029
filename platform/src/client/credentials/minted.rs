//! A token of the built-in issuer, made in this process and kept in memory only.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderValue;

use super::{Credentials, Unavailable, bearer};
use crate::clock;
use crate::identity::issuer::{AUDIENCE, BuiltIn};
use crate::identity::{Appointment, Role};

/// How long a token is good for.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// How long before its end it is replaced.
const RENEWED: TimeDelta = TimeDelta::minutes(5);

/// The account of one service of a suite in one process, under the built-in issuer.
pub struct Minted {
    issuer: Arc<BuiltIn>,
    subject: &'static str,
    appointment: Appointment,
    clock: clock::Shared,
    held: Mutex<Option<(HeaderValue, DateTime<Utc>)>>,
}

impl Minted {
    /// A system account everywhere, by the name of its service (`cases`).
    pub fn new(issuer: Arc<BuiltIn>, subject: &'static str, clock: clock::Shared) -> Self {
        let appointment = Appointment::everywhere(Role::SystemAccount);
        Self { issuer, subject, appointment, clock, held: Mutex::default() }
    }

    /// The same for a service that does an organization's work (`organizations/x`).
    pub fn of(mut self, organization: String) -> Self {
        self.appointment.organization = Some(organization);
        self
    }

    fn mint(&self, now: DateTime<Utc>) -> Option<HeaderValue> {
        let held = std::slice::from_ref(&self.appointment);
        bearer(&self.issuer.mint(self.subject, held, LIFETIME, now, AUDIENCE))
    }
}

#[async_trait]
impl Credentials for Minted {
    async fn authorization(&self) -> Result<HeaderValue, Unavailable> {
        let now = self.clock.now();
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back makes the token one of the future, which nobody takes.
        let fresh = |minted: DateTime<Utc>| now >= minted && now - minted < LIFETIME - RENEWED;
        if let Some((value, minted)) = &*held
            && fresh(*minted)
        {
            return Ok(value.clone());
        }
        let value = self.mint(now).ok_or(Unavailable)?;
        *held = Some((value.clone(), now));
        Ok(value)
    }
}
