//! One message is one frame: its length as four little-endian bytes, then its JSON.

use crate::Error;
use serde::{Serialize, de::DeserializeOwned};
use std::io::{self, Read};

/// The largest frame, in bytes without the length.
pub const FRAME_MAX: usize = 16 << 20;

const LENGTH_BYTES: usize = size_of::<u32>();

/// Appends a message to a buffer; on an error the buffer is as before.
pub(crate) fn append<M: Serialize>(buffer: &mut Vec<u8>, message: &M) -> Result<(), Error> {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; LENGTH_BYTES]);
    let written = serde_json::to_writer(&mut *buffer, message).map_err(Error::Encode);
    let bytes = buffer.len() - start - LENGTH_BYTES;
    let checked = written.and_then(|()| length(bytes));
    match checked {
        Ok(length) => buffer[start..start + LENGTH_BYTES].copy_from_slice(&length),
        Err(_) => buffer.truncate(start),
    }
    checked.map(|_| ())
}

fn length(bytes: usize) -> Result<[u8; LENGTH_BYTES], Error> {
    match u32::try_from(bytes) {
        Ok(length) if bytes <= FRAME_MAX => Ok(length.to_le_bytes()),
        _ => Err(Error::FrameTooLarge { bytes }),
    }
}

/// Reads a message; `None` at the end of the stream between two frames.
pub(crate) fn read<M: DeserializeOwned>(stream: &mut impl Read, buffer: &mut Vec<u8>) -> Result<Option<M>, Error> {
    let mut length = [0; LENGTH_BYTES];
    match stream.read_exact(&mut length[..1]) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(Error::Read(error)),
    }
    stream.read_exact(&mut length[1..]).map_err(Error::Read)?;
    let bytes = u32::from_le_bytes(length) as usize;
    if bytes > FRAME_MAX {
        return Err(Error::FrameTooLarge { bytes });
    }
    buffer.clear();
    // The length is a claim: room is made for what comes.
    let came = stream.take(bytes as u64).read_to_end(buffer).map_err(Error::Read)?;
    if came < bytes {
        return Err(Error::Read(io::ErrorKind::UnexpectedEof.into()));
    }
    serde_json::from_slice(buffer).map(Some).map_err(|source| Error::Malformed { bytes, source })
}

#[cfg(test)]
mod tests;
