//! Calls by the bytes of their messages, whatever RPC they are.

use bytes::{Buf as _, BufMut as _, Bytes};
use minqing_platform::client::Peer;
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
pub async fn call(peer: &Peer, path: &str, request: Request<Bytes>) -> Code {
    let mut client = tonic::client::Grpc::new(peer.clone());
    client.ready().await.unwrap();
    let request = request.map(|message| futures::stream::iter([message]));
    let answered = client.streaming(request, path.parse().unwrap(), Plain).await;
    let mut answers = match answered {
        Ok(answers) => answers.into_inner(),
        Err(refusal) => return refusal.code(),
    };
    answers.message().await.map_or_else(|refusal| refusal.code(), |_| Code::Ok)
}
