//! Which origins a child of an array job works on.

use std::ops::Range;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("child {index} of an array of {size} cannot be: the index counts from 0 and must be below the size")]
pub(crate) struct Error {
    index: u32,
    size: u32,
}

/// A child's place in its array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) index: u32,
    pub(crate) size: u32,
}

impl Share {
    pub(crate) fn new(index: u32, size: u32) -> Result<Self, Error> {
        if index < size { Ok(Self { index, size }) } else { Err(Error { index, size }) }
    }

    /// A contiguous share of the origins; the children's shares differ by one origin at most.
    pub(crate) fn origins(self, nodes: u32) -> Range<u32> {
        let boundary = |child: u32| (u64::from(child) * u64::from(nodes) / u64::from(self.size)) as u32;
        boundary(self.index)..boundary(self.index + 1)
    }
}

/// The array job's id from a child's (`<array job>:<index>`).
pub(crate) fn array_job_id(job_id: &str) -> &str {
    job_id.split([':', '#']).next().unwrap_or(job_id)
}
