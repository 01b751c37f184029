//! Prints the OpenAPI document of every service of the suite, for validators and generators:
//! `cargo run -p minqing-gateway --example openapi > openapi.json`.

use std::error::Error;
use std::io::Write as _;

use minqing_gateway::{Gateway, Options};
use minqing_platform::client::Peer;
use tonic::Status;

fn main() -> Result<(), Box<dyn Error>> {
    // The document needs to know which services there are, not where.
    let peer = Peer::new(tower::service_fn(async |_: http::Request<tonic::body::Body>| {
        Ok(Status::unavailable("nothing is called here").into_http())
    }));
    // Another descriptor set may be given as a file, to see what it would become.
    let descriptors = match std::env::args_os().nth(1) {
        Some(file) => std::fs::read(file)?,
        None => minqing_proto::DESCRIPTORS.to_vec(),
    };
    let gateway = Gateway::new(&descriptors, Options::default(), |_| Some(peer.clone()))?;
    std::io::stdout().write_all(gateway.openapi())?;
    Ok(())
}
