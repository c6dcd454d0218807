//! Content on its way out: large reads on the blocking pool, one ahead of the client, never a thread held by a slow one.

use std::collections::VecDeque;
use std::fs::File;
use std::future::Future as _;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::Stream;
use s3s::StdError;
use s3s::stream::{ByteStream, RemainingLength};
use tokio::task::{JoinHandle, spawn_blocking};

use super::reclaim::Session;

const CHUNK_BYTES: u64 = 512 << 10;

/// A range of one content file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) path: PathBuf,
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

/// The bytes of several extents, in order.
#[derive(Debug)]
pub(crate) struct ContentStream {
    extents: VecDeque<Extent>,
    open: Option<File>,
    read: Option<JoinHandle<io::Result<(File, Bytes)>>>,
    remaining: u64,
    _session: Session,
}

impl ContentStream {
    /// `session` must have begun before the extents were looked up.
    pub(crate) fn new(extents: impl IntoIterator<Item = Extent>, session: Session) -> Self {
        let extents: VecDeque<Extent> = extents.into_iter().filter(|extent| extent.length > 0).collect();
        let remaining = extents.iter().map(|extent| extent.length).sum();
        Self { extents, open: None, read: None, remaining, _session: session }
    }

    /// Starts the next read if there is one to do and none under way.
    fn read_ahead(&mut self) {
        let Some(extent) = self.extents.front_mut().filter(|_| self.read.is_none()) else { return };
        let length = extent.length.min(CHUNK_BYTES);
        let (path, offset, open) = (extent.path.clone(), extent.offset, self.open.take());
        self.read = Some(spawn_blocking(move || read_chunk(open, path, offset, length)));
        extent.offset += length;
        extent.length -= length;
    }

    fn finish_read(&mut self, file: File) {
        self.read = None;
        if self.extents.front().is_some_and(|extent| extent.length == 0) {
            self.extents.pop_front();
        } else {
            self.open = Some(file);
        }
    }
}

fn read_chunk(open: Option<File>, path: PathBuf, offset: u64, length: u64) -> io::Result<(File, Bytes)> {
    let mut file = match open {
        Some(file) => file,
        None => {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(offset))?;
            file
        }
    };
    let mut chunk = Vec::with_capacity(length as usize);
    file.by_ref().take(length).read_to_end(&mut chunk)?;
    if chunk.len() as u64 != length {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a content file is shorter than its row says"));
    }
    Ok((file, chunk.into()))
}

impl Stream for ContentStream {
    type Item = Result<Bytes, StdError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.read_ahead();
        let Some(read) = self.read.as_mut() else { return Poll::Ready(None) };
        match ready!(Pin::new(read).poll(cx)).map_err(io::Error::other).flatten() {
            Ok((file, chunk)) => {
                self.finish_read(file);
                self.remaining -= chunk.len() as u64;
                self.read_ahead();
                Poll::Ready(Some(Ok(chunk)))
            }
            Err(error) => {
                tracing::error!(%error, "content could not be read to its end");
                self.extents.clear();
                self.read = None;
                Poll::Ready(Some(Err(error.into())))
            }
        }
    }
}

impl ByteStream for ContentStream {
    fn remaining_length(&self) -> RemainingLength {
        usize::try_from(self.remaining).map_or_else(|_| RemainingLength::unknown(), RemainingLength::new_exact)
    }
}
