//! The gateway over HTTP keep-alive against the same RPC over direct gRPC, both on TCP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::grid_service_client::GridServiceClient;
use tokio::net::TcpStream;
use tonic::Status;

use super::Plan;
use super::lookups::locate_request;
use crate::child::Outcome;
use crate::house::House;
use crate::lattice::Grid;
use crate::load::{self, Caller, Calls, Target};
use crate::options::Options;
use crate::place::Place;
use crate::{city, table};

/// The table.
pub const TABLE: Plan = Plan {
    title: "gateway: HTTP/1.1 keep-alive against the same RPC over gRPC, both on TCP",
    header: &[
        "database",
        "what",
        "callers",
        "gRPC/s",
        "p50 ms",
        "p99 ms",
        "HTTP/s",
        "p50 ms",
        "p99 ms",
        "HTTP of gRPC",
        "gRPC CPU µs",
        "HTTP CPU µs",
        "CPU",
    ],
};

/// How many call at a time: over HTTP each on a connection of its own, over gRPC all on one.
const CALLERS: [usize; 3] = [1, 16, 64];

/// Compares.
pub async fn measure(options: &Options, place: &Place) -> anyhow::Result<Outcome> {
    let house = House::open(place).await?;
    let grids = Arc::new(city::grids());
    let mut outcome = Outcome::default();
    let pairs = [
        ("GetDivision", division(&house, &grids), http(&house, &grids, division_path)),
        ("LocateGrid", locate(&house, &grids), http(&house, &grids, locate_path)),
    ];
    for (name, grpc, http) in pairs {
        let targets = [grpc, http];
        for callers in CALLERS {
            table::say(&format!("{name}, {callers} callers"));
            let round = Duration::from_millis(options.round_ms);
            let seen = load::compare(&targets, callers, options.rounds, round).await?;
            let mut row = vec![place.kind.title().to_owned(), name.to_owned(), callers.to_string()];
            for one in &seen {
                row.push(table::count(one.rate.round() as u64));
                row.push(table::milliseconds(one.p50));
                row.push(table::milliseconds(one.p99));
            }
            row.push(format!("{:.2}", seen[1].rate / seen[0].rate));
            row.extend(seen.iter().map(|one| table::microseconds(one.cost)));
            let [grpc, http] = [seen[0], seen[1]].map(|one| one.cost.as_secs_f64().max(1e-9));
            row.push(format!("{:.2}", grpc / http));
            outcome.rows.push(row);
        }
    }
    outcome.notes.push(format!(
        "medians of {} interleaved rounds of {} ms; over HTTP every caller has a connection of its own, over gRPC all share one; \
         CPU is the processor time of this process, caller and suite together, for each answer",
        options.rounds, options.round_ms
    ));
    house.end().await?;
    Ok(outcome)
}

fn division(house: &House, grids: &Arc<Vec<Grid>>) -> Arc<dyn Target> {
    let (client, grids) = (DivisionServiceClient::new(house.tcp.clone()), grids.clone());
    Arc::new(Calls(move |number: usize| {
        let mut client = client.clone();
        let request = proto::GetDivisionRequest { name: format!("divisions/{}", village(&grids, number)) };
        async move { client.get_division(request).await.map(drop) }
    }))
}

fn locate(house: &House, grids: &Arc<Vec<Grid>>) -> Arc<dyn Target> {
    let (client, grids) = (GridServiceClient::new(house.tcp.clone()), grids.clone());
    Arc::new(Calls(move |number: usize| {
        let mut client = client.clone();
        let request = locate_request(&grids, number);
        async move { client.locate_grid(request).await.map(drop) }
    }))
}

fn village(grids: &[Grid], number: usize) -> &str {
    grids[number * 31 % grids.len()].code.get(..12).unwrap_or_default()
}

/// A path to GET, by a number.
type Path = fn(&[Grid], usize) -> String;

fn division_path(grids: &[Grid], number: usize) -> String {
    format!("/v1/divisions/{}", village(grids, number))
}

fn locate_path(grids: &[Grid], number: usize) -> String {
    let (latitude, longitude) = grids[number * 31 % grids.len()].place(number);
    format!("/v1/grids:locate?latitude={latitude}&longitude={longitude}&datum=DATUM_WGS_84")
}

fn http(house: &House, grids: &Arc<Vec<Grid>>, path: Path) -> Arc<dyn Target> {
    Arc::new(Http { address: house.http, grids: grids.clone(), path })
}

/// The gateway.
struct Http {
    address: SocketAddr,
    grids: Arc<Vec<Grid>>,
    path: Path,
}

/// One connection to it.
struct Connection {
    sender: SendRequest<Empty<Bytes>>,
    grids: Arc<Vec<Grid>>,
    path: Path,
}

#[async_trait]
impl Target for Http {
    async fn caller(&self) -> anyhow::Result<Box<dyn Caller>> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Box::new(Connection { sender, grids: self.grids.clone(), path: self.path }))
    }
}

#[async_trait]
impl Caller for Connection {
    async fn call(&mut self, number: usize) -> Result<(), Status> {
        let failed = |error: &dyn std::fmt::Display| Status::unavailable(error.to_string());
        let request = Request::get((self.path)(&self.grids, number))
            .header(header::HOST, "localhost")
            .body(Empty::new())
            .map_err(|error| failed(&error))?;
        self.sender.ready().await.map_err(|error| failed(&error))?;
        let response = self.sender.send_request(request).await.map_err(|error| failed(&error))?;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(|error| failed(&error))?.to_bytes();
        if status == StatusCode::OK && body.starts_with(b"{") {
            return Ok(());
        }
        Err(Status::unknown(format!("{status}: {}", String::from_utf8_lossy(&body))))
    }
}
