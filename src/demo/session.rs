//! A signed-in way to the services of this process.

use chrono::TimeDelta;

use minqing_platform::client::{self, Peer};
use minqing_platform::clock::{Clock as _, System};
use minqing_platform::identity::issuer::BuiltIn;
use minqing_platform::identity::{Appointment, Role};
use tonic::Request;
use tonic::metadata::{Ascii, MetadataValue};

use crate::suite::Suite;
use crate::token::AUDIENCE;

/// How long the loading of the city may take.
const LIFETIME: TimeDelta = TimeDelta::hours(1);

/// A peer, and the token to call it with.
pub struct Session {
    peer: Peer,
    authorization: Option<MetadataValue<Ascii>>,
}

impl Session {
    /// Signs in as an administrator of everything.
    pub fn open(suite: &Suite, issuer: &BuiltIn) -> Self {
        let administrator = [Appointment::everywhere(Role::Administrator)];
        let token = issuer.mint("demo", &administrator, LIFETIME, System.now(), AUDIENCE);
        Self {
            peer: client::in_process(suite.assembled.peer.clone()),
            authorization: format!("Bearer {token}").parse().ok(),
        }
    }

    /// The way to the services.
    pub fn peer(&self) -> Peer {
        self.peer.clone()
    }

    /// A request with the token.
    pub fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(authorization) = &self.authorization {
            request.metadata_mut().insert("authorization", authorization.clone());
        }
        request
    }
}
