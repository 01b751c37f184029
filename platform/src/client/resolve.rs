//! A channel over every address that the names of a service give, looked up again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use http::Uri;
use tokio::net::lookup_host;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};
use tonic::transport::channel::Change;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tower::{BoxError, ServiceExt, service_fn};

use super::carry::answering;
use super::{Error, Options, Peer, tls};

/// How long one look-up may take.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

/// How soon names are looked up again while there is no address at all.
const LOOKUP_AGAIN: Duration = Duration::from_millis(500);

/// The most addresses that one name may give; more are left out, in the order of addresses.
const ADDRESSES_MAX: usize = 256;

/// The changes of addresses that may wait for the channel.
const CHANGES_MAX: usize = 64;

/// One name of the service.
#[derive(Debug, Clone)]
struct Target {
    uri: Uri,
    host: String,
    port: u16,
    tls: Option<ClientTlsConfig>,
}

/// A channel that follows the addresses of the endpoint's names.
pub(super) fn channel(options: &Options) -> Result<Peer, Error> {
    let timeout = Duration::from_millis(options.connect_timeout_ms);
    let believed = options.tls.as_ref().map(|options| tls::config(options, timeout)).transpose()?;
    let domain = options.tls.as_ref().and_then(|options| options.domain.as_deref());
    let read = |text: &str| target(text.trim())?.believing(believed.clone(), domain);
    let targets = options.endpoint.split(',').map(read).collect::<Result<Vec<_>, _>>()?;
    let (channel, changes) = Channel::balance_channel(CHANGES_MAX);
    let (known, addresses) = watch::channel(None);
    let resolver = Resolver { targets, options: options.clone(), changes, known };
    tokio::spawn(resolver.run());
    Ok(answering(service_fn(move |request| {
        let (channel, mut addresses) = (channel.clone(), addresses.clone());
        async move {
            // The balancer lets calls wait while it knows no address: one that is not resolved would wait for ever.
            let known = addresses.wait_for(Option::is_some).await.map(|known| known.unwrap_or(0));
            if known.unwrap_or(0) == 0 {
                return Err(BoxError::from("the name of the service has no address"));
            }
            channel.oneshot(request).await.map_err(BoxError::from)
        }
    })))
}

fn target(text: &str) -> Result<Target, Error> {
    let refused = || Error::Endpoint { endpoint: text.to_owned() };
    let uri: Uri = text.parse().map_err(|_| refused())?;
    if !matches!(uri.scheme_str(), Some("http" | "https"))
        || !matches!(uri.path(), "" | "/")
        || uri.query().is_some()
    {
        return Err(refused());
    }
    // The brackets of an IPv6 address belong to the URI, not to the address.
    let host = uri.host().ok_or_else(refused)?.trim_matches(['[', ']']).to_owned();
    let port = uri.port_u16().ok_or_else(refused)?;
    Ok(Target { uri, host, port, tls: None })
}

impl Target {
    /// The target with what it must prove by TLS, of which both ends of the configuration must know.
    fn believing(self, tls: Option<ClientTlsConfig>, domain: Option<&str>) -> Result<Self, Error> {
        let endpoint = || self.uri.to_string();
        if tls.is_some() != (self.uri.scheme_str() == Some("https")) {
            return Err(Error::Scheme { endpoint: endpoint() });
        }
        let Some(tls) = tls else { return Ok(self) };
        let name = domain.unwrap_or(&self.host);
        let tls = tls.domain_name(name);
        // The same is done for each address later, where a fault could only be logged.
        Endpoint::from(self.uri.clone())
            .tls_config(tls.clone())
            .map_err(|_| Error::Domain { name: name.to_owned() })?;
        Ok(Self { tls: Some(tls), ..self })
    }
}

/// The task that looks names up.
struct Resolver {
    targets: Vec<Target>,
    options: Options,
    changes: mpsc::Sender<Change<SocketAddr, Endpoint>>,
    /// How many addresses there are; `None` before the first look-up.
    known: watch::Sender<Option<usize>>,
}

impl Resolver {
    /// Looks names up until the channel is gone.
    async fn run(self) {
        let mut present: BTreeMap<SocketAddr, usize> = BTreeMap::new();
        loop {
            for index in 0..self.targets.len() {
                // A name server that is down must not take away the addresses that still answer.
                let Some(found) = self.look_up(index).await else { continue };
                if self.follow(&mut present, index, &found).await.is_err() {
                    return;
                }
            }
            self.known.send_replace(Some(present.len()));
            let interval = Duration::from_secs(self.options.resolve_interval_s);
            tokio::select! {
                () = sleep(if present.is_empty() { LOOKUP_AGAIN } else { interval }) => {}
                () = self.changes.closed() => return,
            }
        }
    }

    async fn look_up(&self, index: usize) -> Option<BTreeSet<SocketAddr>> {
        let target = &self.targets[index];
        match timeout(LOOKUP_TIMEOUT, lookup_host((target.host.as_str(), target.port))).await {
            Ok(Ok(found)) => Some(found.collect::<BTreeSet<_>>().into_iter().take(ADDRESSES_MAX).collect()),
            Ok(Err(error)) => {
                tracing::warn!(%error, host = target.host, "a name was not found");
                None
            }
            Err(_) => {
                tracing::warn!(host = target.host, "a name was not found in time");
                None
            }
        }
    }

    /// Tells the channel of addresses that came and went.
    async fn follow(
        &self,
        present: &mut BTreeMap<SocketAddr, usize>,
        index: usize,
        found: &BTreeSet<SocketAddr>,
    ) -> Result<(), Box<mpsc::error::SendError<Change<SocketAddr, Endpoint>>>> {
        let gone = present.iter().filter(|(address, of)| **of == index && !found.contains(address));
        for address in gone.map(|(address, _)| *address).collect::<Vec<_>>() {
            self.changes.send(Change::Remove(address)).await.map_err(Box::new)?;
            present.remove(&address);
        }
        for address in found {
            if !present.contains_key(address) {
                self.changes
                    .send(Change::Insert(*address, self.endpoint(index, *address)))
                    .await
                    .map_err(Box::new)?;
                present.insert(*address, index);
            }
        }
        Ok(())
    }

    fn endpoint(&self, index: usize, address: SocketAddr) -> Endpoint {
        let seconds = Duration::from_secs;
        let options = &self.options;
        let target = &self.targets[index];
        let scheme = if target.tls.is_some() { "https" } else { "http" };
        let uri = Uri::builder().scheme(scheme).authority(address.to_string()).path_and_query("/").build();
        let endpoint = Endpoint::from(uri.expect("a socket address is an authority"));
        let endpoint = match &target.tls {
            Some(tls) => endpoint.tls_config(tls.clone()).expect("it was tried when the target was read"),
            None => endpoint,
        };
        endpoint
            .origin(target.uri.clone())
            .connect_timeout(Duration::from_millis(options.connect_timeout_ms))
            .http2_keep_alive_interval(seconds(options.keepalive_interval_s))
            .keep_alive_timeout(seconds(options.keepalive_timeout_s))
            .tcp_nodelay(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_channel_is_told_of_addresses_that_come_and_go_and_of_no_others() {
        let (changes, mut told) = mpsc::channel(CHANGES_MAX);
        let targets = vec![target("http://a:1").unwrap(), target("http://[::1]:2").unwrap()];
        assert_eq!(targets[1].host, "::1");
        let (known, _) = watch::channel(None);
        let resolver = Resolver { targets, options: Options::default(), changes, known };
        let set = |ports: &[u16]| ports.iter().map(|port| SocketAddr::from(([10, 0, 0, 1], *port))).collect();
        let mut present = BTreeMap::new();
        for (index, ports) in [(0, &[1, 2][..]), (1, &[9]), (0, &[2, 3]), (0, &[2, 3]), (1, &[])] {
            resolver.follow(&mut present, index, &set(ports)).await.unwrap();
        }
        drop(resolver);
        let mut heard = Vec::new();
        while let Some(change) = told.recv().await {
            heard.push(match change {
                Change::Insert(address, _) => i32::from(address.port()),
                Change::Remove(address) => -i32::from(address.port()),
            });
        }
        assert_eq!(heard, [1, 2, 9, -1, 3, -9]);
        assert_eq!(present.into_keys().map(|address| address.port()).collect::<Vec<_>>(), [2, 3]);
    }
}
