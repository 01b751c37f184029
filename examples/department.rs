//! A department's own system, in a hundred lines: it follows what is dispatched to the department, signs for it, works on
//! it, and tells the outcome.
//!
//! ```text
//! export MINQING_TOKEN=$(minqing token --role system_account --organization housing --division 321181)
//! cargo run --example department -- http://127.0.0.1:9090 housing.cursor
//! ```
//!
//! It can be killed at any moment. The place in the stream is kept in a file after each change, so a change is seen
//! again at most; and every step asks first where the assignment stands, so seeing it again does nothing twice.

#![expect(clippy::print_stdout, reason = "a program at a terminal")]

use std::error::Error;
use std::time::Duration;
use std::{env, fs};

use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::assignment_service_client::AssignmentServiceClient;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

type Client = AssignmentServiceClient<InterceptedService<Channel, Token>>;

/// Says who calls, with every call.
#[derive(Clone)]
struct Token(MetadataValue<Ascii>);

impl Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, cursor_file, rest @ ..] = arguments.as_slice() else {
        return Err("usage: department http://HOST:PORT CURSOR_FILE [RESOLVED_MAX]".into());
    };
    let resolved_max: usize = rest.first().map_or(Ok(usize::MAX), |max| max.parse())?;
    let token = Token(format!("Bearer {}", env::var("MINQING_TOKEN")?).parse()?);
    let channel = Endpoint::from_shared(address.clone())?.connect_lazy();
    let mut client = AssignmentServiceClient::with_interceptor(channel, token);
    let mut resolved = 0;
    while resolved < resolved_max {
        // Streams end: the service is upgraded, a network fails. Then it goes on from the place it kept.
        if let Err(status) = follow(&mut client, cursor_file, &mut resolved, resolved_max).await {
            println!("the stream ended ({}); going on in a second", status.code());
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    Ok(())
}

async fn follow(
    client: &mut Client,
    cursor_file: &str,
    resolved: &mut usize,
    resolved_max: usize,
) -> Result<(), Status> {
    let cursor = fs::read_to_string(cursor_file).unwrap_or_default();
    let request = proto::WatchAssignmentsRequest { cursor, ..Default::default() };
    let mut changes = client.watch_assignments(request).await?.into_inner();
    while let Some(change) = changes.message().await? {
        if let Some(assignment) = change.assignment
            && work_on(client, assignment).await?
        {
            *resolved += 1;
        }
        fs::write(cursor_file, change.cursor).map_err(|error| Status::internal(error.to_string()))?;
        if *resolved >= resolved_max {
            return Ok(());
        }
    }
    Err(Status::unavailable("the stream ended"))
}

/// Takes an assignment one step further; whether that was the last.
async fn work_on(client: &mut Client, assignment: proto::Assignment) -> Result<bool, Status> {
    let name = assignment.name.clone();
    match assignment.status() {
        proto::AssignmentStatus::Pending => {
            client.sign_assignment(proto::SignAssignmentRequest { name, ..Default::default() }).await?;
            println!("signed for {}: {}", assignment.name, title(&assignment));
            Ok(false)
        }
        proto::AssignmentStatus::Signed => {
            let text = answer(&assignment);
            client
                .resolve_assignment(proto::ResolveAssignmentRequest { name, text, ..Default::default() })
                .await?;
            println!("resolved {}", assignment.name);
            Ok(true)
        }
        // Paused until somebody answers, or over: the next change is told when it comes.
        _ => Ok(false),
    }
}

/// Here a department's real work goes in.
fn answer(assignment: &proto::Assignment) -> String {
    format!("您反映的“{}”已处理完毕，感谢您的来信。", title(assignment))
}

fn title(assignment: &proto::Assignment) -> &str {
    assignment.case.as_ref().map_or("", |case| case.title.as_str())
}
