//! Calls by the bytes of their messages, whatever RPC they are.

use bytes::{Buf as _, BufMut as _, Bytes};
use tonic::body::Body;
use tonic::client::GrpcService;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Request, Status};

#[derive(Default)]
struct Plain;

impl Codec for Plain {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

/// Sends one message and tells how the call went, or began in the case of a stream.
///
/// # Panics
/// The path is none, or the service is not ready.
pub async fn call<S>(service: S, path: &str, request: Request<Bytes>) -> Code
where
    S: GrpcService<Body>,
    S::Error: std::fmt::Debug,
    S::ResponseBody: http_body::Body<Data = Bytes> + Send + 'static,
    <S::ResponseBody as http_body::Body>::Error: Into<Box<dyn std::error::Error + Send + Sync>> + Send,
{
    let mut client = tonic::client::Grpc::new(service);
    client.ready().await.expect("a service in this process is ready");
    let request = request.map(tokio_stream::once);
    let path = path.parse().expect("the path of an RPC");
    let mut answers = match client.streaming(request, path, Plain).await {
        Ok(answers) => answers.into_inner(),
        Err(refusal) => return refusal.code(),
    };
    answers.message().await.map_or_else(|refusal| refusal.code(), |_| Code::Ok)
}
