//! The ETag and checksums of an object that was uploaded in parts, from those of the parts alone.

use crc_fast::{CrcAlgorithm, checksum_combine};
use s3s::crypto::{Checksum as _, Md5};

use super::{Algorithm, Checksums, Running};

/// `md5-of-md5s-N`; the parts' ETags are hex MD5s by construction.
pub(crate) fn etag<'a>(part_etags: impl Iterator<Item = &'a str>) -> String {
    let mut md5 = Md5::new();
    let mut count = 0;
    for etag in part_etags {
        md5.update(&hex_simd::decode_to_vec(etag).unwrap_or_default());
        count += 1;
    }
    format!("{}-{count}", hex_simd::encode_to_string(md5.finalize().as_ref(), hex_simd::AsciiCase::Lower))
}

/// The checksum of the parts' checksums, `…-N`; none if a part lacks it.
pub(crate) fn composite(algorithm: Algorithm, parts: &[(u64, Checksums)]) -> Option<String> {
    let mut running = Running::new(&[algorithm]);
    for (_, checksums) in parts {
        running.update(&decode(checksums.get(algorithm)?)?);
    }
    let whole = running.finish().checksums;
    Some(format!("{}-{}", whole.get(algorithm)?, parts.len()))
}

/// The CRC of the whole object, joined from the CRCs of (length, checksums); none for SHA or if a part lacks it.
pub(crate) fn full_object(algorithm: Algorithm, parts: &[(u64, Checksums)]) -> Option<String> {
    let (crc, width) = match algorithm {
        Algorithm::Crc32 => (CrcAlgorithm::Crc32IsoHdlc, 4),
        Algorithm::Crc32c => (CrcAlgorithm::Crc32Iscsi, 4),
        Algorithm::Crc64Nvme => (CrcAlgorithm::Crc64Nvme, 8),
        Algorithm::Sha1 | Algorithm::Sha256 => return None,
    };
    let mut whole: Option<u64> = None;
    for (length, checksums) in parts {
        let part = decode(checksums.get(algorithm)?)?.iter().fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
        whole = Some(whole.map_or(part, |before| checksum_combine(crc, before, part, *length)));
    }
    let bytes = whole?.to_be_bytes();
    Some(base64_simd::STANDARD.encode_to_string(&bytes[8 - width..]))
}

fn decode(base64: &str) -> Option<Vec<u8>> {
    base64_simd::STANDARD.decode_to_vec(base64).ok()
}

#[cfg(test)]
mod tests;
