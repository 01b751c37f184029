//! The gRPC codec of messages that are known only by their descriptors.

use std::fmt;
use std::sync::Arc;

use prost::Message as _;
use prost_reflect::{DynamicMessage, MessageDescriptor};
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

/// Encodes requests, decodes answers of one type.
#[derive(Clone)]
pub(crate) struct DynamicCodec {
    pub(crate) output: MessageDescriptor,
}

/// What a service sent that is not a message of its type.
#[derive(Debug)]
pub(crate) struct Undecodable(prost::DecodeError);

impl fmt::Display for Undecodable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the answer is not of its type: {}", self.0)
    }
}

impl std::error::Error for Undecodable {}

impl Codec for DynamicCodec {
    /// A streamed request can break in the middle. The error breaks the body, so that the service sees a call that
    /// failed and not one that ended.
    type Encode = Result<DynamicMessage, Status>;
    type Decode = DynamicMessage;
    type Encoder = DynamicEncoder;
    type Decoder = DynamicDecoder;

    fn encoder(&mut self) -> DynamicEncoder {
        DynamicEncoder
    }

    fn decoder(&mut self) -> DynamicDecoder {
        DynamicDecoder { output: self.output.clone() }
    }
}

/// See [`DynamicCodec`].
pub(crate) struct DynamicEncoder;

impl Encoder for DynamicEncoder {
    type Item = Result<DynamicMessage, Status>;
    type Error = Status;

    fn encode(&mut self, item: Self::Item, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        item?.encode(buffer).map_err(|_| Status::internal("the request does not fit its buffer"))
    }
}

/// See [`DynamicCodec`].
pub(crate) struct DynamicDecoder {
    output: MessageDescriptor,
}

impl Decoder for DynamicDecoder {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        DynamicMessage::decode(self.output.clone(), buffer).map(Some).map_err(|error| {
            let mut status = Status::internal("the answer is not of its type");
            status.set_source(Arc::new(Undecodable(error)));
            status
        })
    }
}
