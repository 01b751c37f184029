//! A real gRPC service of the test protos, and a way to send requests through the gateway to it.

use std::convert::Infallible;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{HeaderMap, Request, Response, StatusCode};
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use http_body_util::BodyExt as _;
use minqing_gateway::{Gateway, Options};
use minqing_platform::client::{self, Peer, in_process};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, MethodDescriptor};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::MetadataMap;
use tonic::server::{Grpc, StreamingService};
use tonic::{Status, Streaming};
use tower::{Service, ServiceExt as _};

/// The descriptors of the test protos.
pub static DESCRIPTORS: LazyLock<Vec<u8>> = LazyLock::new(|| compile("kitchen.proto"));
/// The same, to be looked up.
pub static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(DESCRIPTORS.as_slice()).expect("our own protos"));

/// Compiles a proto of the tests' folder.
pub fn compile(file: &str) -> Vec<u8> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    compile_in(&[here.join("tests/proto"), here.join("../proto/proto")], file)
}

/// Compiles a proto that is given as text.
pub fn compile_text(name: &str, text: &str) -> Vec<u8> {
    let folder = std::env::temp_dir().join(format!("minqing-gateway-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for protos");
    let file = format!("{name}.proto");
    std::fs::write(folder.join(&file), text).expect("a proto");
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let set = compile_in(&[folder.clone(), here.join("../proto/proto")], &file);
    std::fs::remove_dir_all(folder).expect("the folder is ours");
    set
}

fn compile_in(includes: &[std::path::PathBuf], file: &str) -> Vec<u8> {
    let mut compiler = protox::Compiler::new(includes).expect("the include paths exist");
    compiler.include_imports(true).include_source_info(true).open_file(file).expect("a valid proto");
    compiler.encode_file_descriptor_set()
}

pub fn message(name: &str) -> MessageDescriptor {
    POOL.get_message_by_name(&format!("kitchen.v1.{name}")).expect("a message of the test protos")
}

/// A message from its JSON.
pub fn from_json(name: &str, json: Value) -> DynamicMessage {
    DynamicMessage::deserialize(message(name), json).expect("valid JSON of the message")
}

/// The JSON of a message, by prost-reflect.
pub fn to_json(message: &DynamicMessage) -> Value {
    serde_json::to_value(message).expect("a message that has a JSON form")
}

pub type Answers = BoxStream<'static, Result<DynamicMessage, Status>>;

/// A call as the service sees it.
pub struct Incoming {
    pub method: MethodDescriptor,
    pub metadata: MetadataMap,
    pub requests: Streaming<DynamicMessage>,
}

type Handler = Arc<dyn Fn(Incoming) -> BoxFuture<'static, Result<Answers, Status>> + Send + Sync>;

/// A gRPC service that answers every method of the pool through one handler, over tonic's own server code.
#[derive(Clone)]
struct Upstream(Handler);

impl Service<Request<tonic::body::Body>> for Upstream {
    type Response = Response<tonic::body::Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<tonic::body::Body>) -> Self::Future {
        let (service, method) = request.uri().path()[1..].split_once('/').expect("a gRPC path");
        let service = POOL.get_service_by_name(service).expect("a service of the test protos");
        let method = service.methods().find(|one| one.name() == method).expect("a method of the service");
        let handler = Method { handler: self.0.clone(), method: method.clone() };
        Box::pin(async move { Ok(Grpc::new(TestCodec(method.input())).streaming(handler, request).await) })
    }
}

struct Method {
    handler: Handler,
    method: MethodDescriptor,
}

impl StreamingService<DynamicMessage> for Method {
    type Response = DynamicMessage;
    type ResponseStream = Answers;
    type Future = BoxFuture<'static, Result<tonic::Response<Answers>, Status>>;

    fn call(&mut self, request: tonic::Request<Streaming<DynamicMessage>>) -> Self::Future {
        let (metadata, _, requests) = request.into_parts();
        let disposition = match self.method.name() {
            "DownloadFilm" => Some("attachment; filename=\"a.mp4\""),
            "ShowFilm" => Some("inline"),
            _ => None,
        };
        let answers = (self.handler)(Incoming { method: self.method.clone(), metadata, requests });
        Box::pin(async move {
            let mut response = tonic::Response::new(answers.await?);
            if let Some(disposition) = disposition {
                response.metadata_mut().insert("content-disposition", disposition.parse().expect("ASCII"));
            }
            Ok(response)
        })
    }
}

struct TestCodec(MessageDescriptor);

impl Codec for TestCodec {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = TestEncoder;
    type Decoder = TestCodec;

    fn encoder(&mut self) -> TestEncoder {
        TestEncoder
    }

    fn decoder(&mut self) -> TestCodec {
        TestCodec(self.0.clone())
    }
}

struct TestEncoder;

impl Encoder for TestEncoder {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(&mut self, item: DynamicMessage, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        item.encode(buffer).map_err(|error| Status::internal(error.to_string()))
    }
}

impl Decoder for TestCodec {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        DynamicMessage::decode(self.0.clone(), buffer)
            .map(Some)
            .map_err(|error| Status::internal(error.to_string()))
    }
}

/// What a service was asked: the method, the messages, the metadata.
pub type Seen = (String, Vec<DynamicMessage>, MetadataMap);

/// A gateway before a service.
pub struct Kitchen {
    pub router: axum::Router,
    pub shutdown: CancellationToken,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Kitchen {
    /// A service that answers `answer` of what it was asked, once it has been asked all of it.
    pub fn answering(
        answer: impl Fn(&MethodDescriptor, &[DynamicMessage]) -> Result<Vec<DynamicMessage>, Status>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let answer = Arc::new(answer);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        let handler = move |incoming: Incoming| -> BoxFuture<'static, Result<Answers, Status>> {
            let (answer, log) = (answer.clone(), log.clone());
            Box::pin(async move {
                let requests: Vec<DynamicMessage> = incoming.requests.try_collect().await?;
                let name = incoming.method.name().to_owned();
                log.lock().expect("no panic").push((name, requests.clone(), incoming.metadata));
                let answers = answer(&incoming.method, &requests)?;
                Ok(stream::iter(answers.into_iter().map(Ok)).boxed())
            })
        };
        Self { seen, ..Self::handling(Options::default(), handler) }
    }

    /// A service whose answers are empty.
    pub fn quiet() -> Self {
        Self::answering(|method, _| Ok(vec![DynamicMessage::new(method.output())]))
    }

    /// A service of one's own.
    pub fn handling(
        options: Options,
        handler: impl Fn(Incoming) -> BoxFuture<'static, Result<Answers, Status>> + Send + Sync + 'static,
    ) -> Self {
        Self::before(options, in_process(Upstream(Arc::new(handler))))
    }

    /// A service of one's own at the far end of a connection. It lives as long as the test's runtime.
    pub async fn far(
        handler: impl Fn(Incoming) -> BoxFuture<'static, Result<Answers, Status>> + Send + Sync + 'static,
    ) -> Self {
        let service = Upstream(Arc::new(handler))
            .map_request(|request: Request<Body>| request.map(tonic::body::Body::new));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("a bound listener"));
        tokio::spawn(
            async move { axum::serve(listener, axum::Router::new().fallback_service(service)).await },
        );
        let options = client::Options { endpoint, ..client::Options::default() };
        Self::before(Options::default(), client::connect(&options).expect("an endpoint"))
    }

    /// A gateway before this peer.
    pub fn before(options: Options, peer: Peer) -> Self {
        let gateway = Gateway::new(&DESCRIPTORS, options, |_| Some(peer.clone())).expect("valid annotations");
        let shutdown = CancellationToken::new();
        Self { router: gateway.router(shutdown.clone()), shutdown, seen: Arc::default() }
    }

    /// The last call that the service saw.
    pub fn last(&self) -> Seen {
        self.seen.lock().expect("no panic").last().cloned().expect("a call")
    }

    /// How many calls the service saw.
    pub fn calls(&self) -> usize {
        self.seen.lock().expect("no panic").len()
    }

    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.expect("the router never fails")
    }

    /// Sends a request whose body is JSON, if there is one.
    pub async fn ask(&self, method: &str, uri: &str, body: &str) -> Reply {
        let mut request = Request::builder().method(method).uri(uri);
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        self.reply(request.body(Body::from(body.to_owned())).expect("a request")).await
    }

    pub async fn reply(&self, request: Request<Body>) -> Reply {
        let response = self.send(request).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a whole body").to_bytes();
        let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Reply { status: parts.status, headers: parts.headers, text }
    }

    /// The one message that the service got for a request, as JSON.
    pub async fn received(&self, method: &str, uri: &str, body: &str) -> Value {
        let reply = self.ask(method, uri, body).await;
        assert_eq!(reply.status, StatusCode::OK, "{method} {uri} {body}: {}", reply.text);
        to_json(&self.last().1[0])
    }

    /// Sends a request that must be refused with 400, and gives the reason and the field.
    pub async fn refused(&self, method: &str, uri: &str, body: &str) -> (String, String) {
        let calls = self.calls();
        let reply = self.ask(method, uri, body).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{method} {uri} {body}: {}", reply.text);
        assert_eq!(self.calls(), calls, "nothing may reach the service");
        (reply.reason(), reply.field())
    }
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// A detail of an error by its type's short name.
    pub fn detail(&self, name: &str) -> Value {
        let details = self.json()["details"].as_array().cloned().unwrap_or_default();
        let wanted = format!("type.googleapis.com/google.rpc.{name}");
        details.into_iter().find(|detail| detail["@type"] == wanted.as_str()).unwrap_or_default()
    }

    pub fn reason(&self) -> String {
        self.detail("ErrorInfo")["reason"].as_str().unwrap_or_default().to_owned()
    }

    pub fn field(&self) -> String {
        self.detail("BadRequest")["fieldViolations"][0]["field"].as_str().unwrap_or_default().to_owned()
    }
}
