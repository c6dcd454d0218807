//! Decoder of `aws-chunked` bodies: `size[;chunk-signature=…]\r\n data \r\n … 0\r\n trailer`. Signatures are not verified
//! here; this serves the endpoint that accepts any credentials.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes, BytesMut};
use futures::Stream;
use http::{HeaderMap, HeaderName, HeaderValue};
use s3s::stream::{ByteStream, RemainingLength};
use s3s::{Body, StdError};

use super::Trailer;

/// Longest chunk header or trailer line.
const LINE_MAX_BYTES: usize = 16 << 10;
const TRAILER_MAX_LINES: usize = 100;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum Error {
    #[error("read a chunk header of the aws-chunked body")]
    ChunkHeader,
    #[error("read the end of a chunk of the aws-chunked body")]
    ChunkEnd,
    #[error("read the trailer of the aws-chunked body")]
    Trailer,
    #[error("read the aws-chunked body: it ended early")]
    Incomplete,
}

/// The pure decoder: bytes in by `push`, decoded data out by `next`.
#[derive(Debug, Default)]
struct Decoder {
    buffer: BytesMut,
    state: State,
    trailer: HeaderMap,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Header,
    Data {
        remaining: u64,
    },
    DataEnd,
    Trailer,
    Done,
}

impl Decoder {
    fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next decoded bytes; none until more is pushed, or when the body is done.
    fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            match self.state {
                State::Header => {
                    let Some(line) = self.line(Error::ChunkHeader)? else { return Ok(None) };
                    self.state = match parse_size(&line)? {
                        0 => State::Trailer,
                        remaining => State::Data { remaining },
                    };
                }
                State::Data { remaining: 0 } => self.state = State::DataEnd,
                State::Data { remaining } => {
                    let length = usize::try_from(remaining).unwrap_or(usize::MAX).min(self.buffer.len());
                    if length == 0 {
                        return Ok(None);
                    }
                    self.state = State::Data { remaining: remaining - length as u64 };
                    return Ok(Some(self.buffer.split_to(length).freeze()));
                }
                State::DataEnd => {
                    if self.buffer.len() < 2 {
                        return Ok(None);
                    }
                    if !self.buffer.starts_with(b"\r\n") {
                        return Err(Error::ChunkEnd);
                    }
                    self.buffer.advance(2);
                    self.state = State::Header;
                }
                State::Trailer => {
                    let Some(line) = self.line(Error::Trailer)? else { return Ok(None) };
                    self.add_trailer(&line)?;
                }
                State::Done => return Ok(None),
            }
        }
    }

    /// What follows the last byte. Clients may leave out the empty line at the very end.
    fn finish(&mut self) -> Result<HeaderMap, Error> {
        if self.state == State::Trailer {
            let rest = self.buffer.split();
            self.add_trailer(&rest)?;
            self.state = State::Done;
        }
        if self.state == State::Done { Ok(std::mem::take(&mut self.trailer)) } else { Err(Error::Incomplete) }
    }

    fn line(&mut self, error: Error) -> Result<Option<BytesMut>, Error> {
        let Some(end) = self.buffer.iter().take(LINE_MAX_BYTES).position(|byte| *byte == b'\n') else {
            return if self.buffer.len() >= LINE_MAX_BYTES { Err(error) } else { Ok(None) };
        };
        let line = self.buffer.split_to(end + 1);
        Ok(Some(line))
    }

    fn add_trailer(&mut self, line: &[u8]) -> Result<(), Error> {
        let line = line.trim_ascii();
        if line.is_empty() {
            self.state = State::Done;
            return Ok(());
        }
        let text = std::str::from_utf8(line).map_err(|_| Error::Trailer)?;
        let (name, value) = text.split_once(':').ok_or(Error::Trailer)?;
        let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| Error::Trailer)?;
        let value = HeaderValue::from_str(value.trim()).map_err(|_| Error::Trailer)?;
        if self.trailer.len() == TRAILER_MAX_LINES {
            return Err(Error::Trailer);
        }
        self.trailer.append(name, value);
        Ok(())
    }
}

fn parse_size(line: &[u8]) -> Result<u64, Error> {
    let line = line.trim_ascii();
    let size = line.split(|byte| *byte == b';').next().unwrap_or_default();
    let text = std::str::from_utf8(size).map_err(|_| Error::ChunkHeader)?;
    u64::from_str_radix(text.trim(), 16).map_err(|_| Error::ChunkHeader)
}

/// The decoded body as a stream.
#[derive(Debug)]
pub(super) struct Dechunked {
    body: Body,
    decoder: Decoder,
    trailer: Trailer,
    remaining: u64,
    is_finished: bool,
}

impl Dechunked {
    /// `length` is what the client says the decoded body has.
    pub(super) fn new(body: Body, trailer: Trailer, length: u64) -> Self {
        Self { body, decoder: Decoder::default(), trailer, remaining: length, is_finished: false }
    }
}

impl Stream for Dechunked {
    type Item = Result<Bytes, StdError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while !this.is_finished {
            if let Some(data) = this.decoder.next()? {
                this.remaining = this.remaining.saturating_sub(data.len() as u64);
                return Poll::Ready(Some(Ok(data)));
            }
            match ready!(Pin::new(&mut this.body).poll_next(cx)?) {
                Some(bytes) => this.decoder.push(&bytes),
                None => {
                    this.is_finished = true;
                    this.trailer.set(this.decoder.finish()?);
                }
            }
        }
        Poll::Ready(None)
    }
}

impl ByteStream for Dechunked {
    fn remaining_length(&self) -> RemainingLength {
        usize::try_from(self.remaining).map_or_else(|_| RemainingLength::unknown(), RemainingLength::new_exact)
    }
}

#[cfg(test)]
mod tests;
