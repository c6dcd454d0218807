//! A blob as one stream, whatever becomes of the connections that bring it.

use super::{Repository, Request};
use crate::Error;
use std::io::{self, Read};
use ureq::BodyReader;
use ureq::http::StatusCode;

/// Connections in a row that may break without having brought anything.
const BARREN_MAX: u32 = 3;

pub(super) struct Blob<'a> {
    repository: &'a Repository,
    url: String,
    body: BodyReader<'static>,
    /// Bytes read.
    at: u64,
    /// Bytes of the whole, if the registry has said so.
    size: Option<u64>,
    barren: u32,
}

impl<'a> Blob<'a> {
    pub(super) fn open(repository: &'a Repository, url: String) -> Result<Self, Error> {
        let answer = repository.send(Request { head_only: false, url: &url, accept: "*/*", from: 0 })?;
        let size = answer.body().content_length();
        Ok(Self { repository, url, body: answer.into_body().into_reader(), at: 0, size, barren: 0 })
    }

    /// Goes on over a new connection.
    fn reopen(&mut self, cause: io::Error) -> io::Result<()> {
        self.barren += 1;
        if self.barren > BARREN_MAX {
            return Err(cause);
        }
        tracing::info!(url = self.url, at = self.at, %cause, "a download broke off; going on from there");
        let request = Request { head_only: false, url: &self.url, accept: "*/*", from: self.at };
        let answer = self.repository.send(request).map_err(|error| io::Error::other(error.chain()))?;
        let continues = answer.status() == StatusCode::PARTIAL_CONTENT;
        self.body = answer.into_body().into_reader();
        if !continues {
            let skipped = io::copy(&mut self.body.by_ref().take(self.at), &mut io::sink())?;
            if skipped < self.at {
                return Err(cause);
            }
        }
        Ok(())
    }

    fn read_some(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer)?;
        if count == 0 && !buffer.is_empty() && self.size.is_some_and(|size| self.at < size) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(count)
    }
}

impl Read for Blob<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.read_some(buffer) {
                Ok(count) => {
                    self.at += count as u64;
                    if count > 0 {
                        self.barren = 0;
                    }
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.reopen(error)?,
            }
        }
    }
}
