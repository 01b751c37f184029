//! The suite in this process, as `minqing up` runs it, with the ways to it.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use chrono::TimeDelta;
use minqing::settings::Settings;
use minqing::suite::Suite;
use minqing_platform::client::{self, Peer};
use minqing_platform::clock::{Clock as _, System};
use minqing_platform::config::Secret;
use minqing_platform::identity::issuer::{AUDIENCE, BuiltIn};
use minqing_platform::identity::{Appointment, Role};
use minqing_platform::probe;
use minqing_platform::server;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::Request;
use tonic::metadata::{Ascii, MetadataValue};

use crate::echo;
use crate::place::Place;

/// How long a measurement may take.
const LIFETIME: TimeDelta = TimeDelta::hours(6);

/// A running suite.
pub struct House {
    /// The suite.
    pub suite: Suite,
    /// The way in within this process.
    pub in_process: Peer,
    /// The way in over TCP on loopback, on one connection.
    pub tcp: Peer,
    /// Where HTTP is served.
    pub http: SocketAddr,
    authorization: MetadataValue<Ascii>,
    closing: CancellationToken,
    serving: JoinHandle<anyhow::Result<()>>,
}

impl House {
    /// Starts the suite on a place, with the echoes beside it, and serves gRPC and HTTP on ports of loopback.
    ///
    /// # Errors
    /// It does not start.
    pub async fn open(place: &Place) -> anyhow::Result<Self> {
        let mut settings = Settings { data: place.data.clone(), ..Settings::default() };
        settings.registry.database.url = Secret::new(place.url.clone());
        settings = settings.with_data(None)?;
        settings.server.drain_ms = 0;
        let built_in = Arc::new(BuiltIn::open(&settings.data).context("the key of the built-in issuer")?);
        let mut identity = settings.identity.clone();
        let suite =
            Suite::start(&settings, identity.clone(), Arc::clone(&built_in), Arc::new(System)).await?;
        identity.issuers.push(built_in.options());
        let assembled = echo::beside(&suite.assembled, identity, &settings.server).await?;

        let closing = CancellationToken::new();
        let (grpc, http) = (TcpListener::bind("127.0.0.1:0").await?, TcpListener::bind("127.0.0.1:0").await?);
        let (grpc_address, http_address) = (grpc.local_addr()?, http.local_addr()?);
        let router = suite.router(settings.gateway.clone(), closing.clone())?;
        let (ending, road, options) = (closing.clone(), assembled.clone(), settings.server.clone());
        let serving = tokio::spawn(async move {
            let (served, answered) = tokio::join!(
                server::serve(grpc, &road, &options, ending.clone()),
                probe::serve(http, router, ending),
            );
            served?;
            Ok(answered?)
        });
        let endpoint = format!("http://{grpc_address}");
        let tcp = client::connect(&client::Options { endpoint, ..client::Options::default() })?;
        let administrator = [Appointment::everywhere(Role::Administrator)];
        let token = built_in.mint("bench", &administrator, LIFETIME, System.now(), AUDIENCE);
        Ok(Self {
            in_process: client::in_process(assembled.peer.clone()),
            tcp,
            http: http_address,
            authorization: format!("Bearer {token}").parse()?,
            suite,
            closing,
            serving,
        })
    }

    /// A request of an administrator.
    pub fn request<T>(&self, message: T) -> Request<T> {
        signed(&self.authorization, message)
    }

    /// The administrator's token, for requests made elsewhere.
    pub fn authorization(&self) -> MetadataValue<Ascii> {
        self.authorization.clone()
    }

    /// Ends the suite.
    ///
    /// # Errors
    /// It could not be served to the end.
    pub async fn end(self) -> anyhow::Result<()> {
        self.closing.cancel();
        // A connection of ours would be waited for.
        drop((self.tcp, self.in_process));
        let served = self.serving.await?;
        self.suite.end().await;
        served
    }
}

/// A request with a token.
pub fn signed<T>(authorization: &MetadataValue<Ascii>, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", authorization.clone());
    request
}
