//! The way in: a reader of all output below one directory.

use crate::error::Error;
use crate::extent::{self, Extent};
use crate::filter::{self, Filter, FilterPage};
use crate::get::{self, GetEvents, Page};
use crate::snapshot::{Sizes, Snapshot};
use crate::stream::Stream;
use std::path::{Path, PathBuf};

/// Reads output files as log streams. Holds nothing open between calls; a stream without a file is empty.
#[derive(Clone, Debug)]
pub struct LogReader {
    root: PathBuf,
    sizes: Sizes,
}

impl LogReader {
    /// A reader of the files below `output_root`, which is `<data directory>/output`.
    pub fn new(output_root: &Path) -> Self {
        Self { root: output_root.to_owned(), sizes: Sizes::REAL }
    }

    #[cfg(test)]
    pub(crate) fn with_sizes(output_root: &Path, sizes: Sizes) -> Self {
        Self { root: output_root.to_owned(), sizes }
    }

    /// A page of one stream (`CWL-2`).
    ///
    /// # Errors
    /// [`Error::InvalidNextToken`] for a token of something else, [`Error::Read`] when the files cannot be read.
    pub fn get_log_events(&self, stream: &Stream, query: &GetEvents) -> Result<Page, Error> {
        get::page(&mut self.open(stream)?, stream, query, self.sizes)
    }

    /// A page of the events of many streams, interleaved by time (`CWL-3`).
    ///
    /// # Errors
    /// As for a page of one stream, and [`Error::InvalidFilterPattern`].
    pub fn filter_log_events(&self, streams: &[Stream], filter: &Filter) -> Result<FilterPage, Error> {
        filter::page(self, streams, filter, self.sizes)
    }

    /// The times of a stream's first and last event (`CWL-4`).
    ///
    /// # Errors
    /// [`Error::Read`] when the files cannot be read.
    pub fn stream_extent(&self, stream: &Stream) -> Result<Extent, Error> {
        extent::extent(&mut self.open(stream)?)
    }

    pub(crate) fn open(&self, stream: &Stream) -> Result<Snapshot, Error> {
        Snapshot::open(&self.root, stream, self.sizes)
    }
}
