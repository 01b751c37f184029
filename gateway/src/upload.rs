//! A streamed request: lines of JSON, or bytes as they are, in; messages out; one line or piece in memory at a time.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use bytes::{Buf as _, Bytes, BytesMut};
use futures::{Stream, stream};
use prost_reflect::DynamicMessage;
use tokio::sync::oneshot;
use tonic::Status;

use crate::edge::Call;
use crate::status::{Failure, Reason};
use crate::{call, headers, raw};

/// The lines of a body.
struct Lines {
    body: BodyDataStream,
    buffer: BytesMut,
    /// How much of the buffer is known to hold no line end.
    searched: usize,
    /// The number of the last line that was given out.
    line: u64,
    ended: bool,
    line_bytes_max: usize,
    idle_timeout: Duration,
}

impl Lines {
    /// The next line that is not blank; none at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        loop {
            let end = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n');
            let line = match end {
                Some(offset) => {
                    let line = self.buffer.split_to(self.searched + offset).freeze();
                    self.buffer.advance(1);
                    line
                }
                None if self.ended && self.buffer.is_empty() => return Ok(None),
                None if self.ended => self.buffer.split().freeze(),
                None => {
                    self.searched = self.buffer.len();
                    self.fill().await?;
                    continue;
                }
            };
            self.searched = 0;
            self.line += 1;
            if line.len() > self.line_bytes_max {
                return Err(self.too_long());
            }
            if !line.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some(line));
            }
        }
    }

    async fn fill(&mut self) -> Result<(), Failure> {
        if self.buffer.len() > self.line_bytes_max {
            self.line += 1;
            return Err(self.too_long());
        }
        match raw::chunk(&mut self.body, self.idle_timeout).await? {
            Some(chunk) => self.buffer.extend_from_slice(&chunk),
            None => self.ended = true,
        }
        Ok(())
    }

    fn too_long(&self) -> Failure {
        let message = format!("the line is longer than {} bytes", self.line_bytes_max);
        Failure::new(Reason::BodyTooLarge, message).in_line(self.line)
    }
}

/// What a body is read as.
enum Source {
    Lines(Lines),
    Pieces(raw::Pieces),
}

struct Upload {
    call: Arc<Call>,
    source: Source,
    /// Whether a message was given out.
    begun: bool,
    /// Where the refusal of a line goes; taken when the stream has ended.
    refusal: Option<oneshot::Sender<Failure>>,
}

impl Upload {
    async fn next(&mut self) -> Result<Option<DynamicMessage>, Failure> {
        match &mut self.source {
            Source::Lines(lines) => {
                let line = lines.next().await?;
                let number = lines.line;
                self.of_line(line, number)
            }
            Source::Pieces(pieces) => {
                let piece = pieces.next().await?;
                let first = !std::mem::replace(&mut self.begun, true);
                // A body without bytes still says what the rest of the request says.
                let message = (first || piece.is_some())
                    .then(|| raw::request_message(&self.call, piece.unwrap_or_default(), first));
                message.transpose()
            }
        }
    }

    fn of_line(&mut self, line: Option<Bytes>, number: u64) -> Result<Option<DynamicMessage>, Failure> {
        let binding = &self.call.binding;
        // What the path and the query say is said once, in the first message.
        let assignments = if self.begun { &[][..] } else { &self.call.assignments };
        match line {
            Some(line) => {
                let message = call::request_message(binding, &line, assignments);
                self.begun = true;
                message.map(Some).map_err(|failure| failure.in_line(number))
            }
            // A body without lines still carries what the path and the query say.
            None if !self.begun && !assignments.is_empty() => {
                self.begun = true;
                let mut message = DynamicMessage::new(binding.rpc.input.clone());
                for assignment in assignments {
                    assignment.apply(&mut message)?;
                }
                Ok(Some(message))
            }
            None => Ok(None),
        }
    }
}

/// The messages of a body. A line that is refused breaks the stream towards the service, which so never takes a part for
/// the whole; why it was refused comes out of the receiver.
pub(crate) fn messages(
    call: Arc<Call>,
    body: Body,
) -> Result<
    (impl Stream<Item = Result<DynamicMessage, Status>> + Send + 'static, oneshot::Receiver<Failure>),
    Failure,
> {
    let options = &call.edge.options;
    let idle_timeout = Duration::from_millis(options.upload_idle_timeout_ms);
    let source = if call.binding.raw_request {
        headers::require_unpacked(&call.headers)?;
        Source::Pieces(raw::Pieces::new(body, idle_timeout))
    } else {
        headers::require_content_type(&call.headers, "application/x-ndjson")?;
        Source::Lines(Lines {
            body: body.into_data_stream(),
            buffer: BytesMut::new(),
            searched: 0,
            line: 0,
            ended: false,
            line_bytes_max: options.line_bytes_max,
            idle_timeout,
        })
    };
    let (sender, receiver) = oneshot::channel();
    let upload = Upload { call, source, begun: false, refusal: Some(sender) };
    let messages = stream::unfold(upload, |mut upload| async move {
        upload.refusal.as_ref()?;
        match upload.next().await {
            Ok(message) => message.map(|message| (Ok(message), upload)),
            Err(failure) => {
                let status = Status::new(failure.code(), "the client's stream was refused");
                if let Some(refusal) = upload.refusal.take() {
                    // The receiver is gone only when the call has ended already; then nobody waits for the reason.
                    let _ = refusal.send(failure);
                }
                Some((Err(status), upload))
            }
        }
    });
    Ok((messages, receiver))
}
