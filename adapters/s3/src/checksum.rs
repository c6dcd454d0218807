//! Digests of content while it streams by, and their comparison with what the client says they are.

use http::HeaderMap;
use s3s::S3ErrorCode;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Md5};
use serde::{Deserialize, Serialize};

use crate::failure::{Result, refuse};

pub(crate) mod multipart;

/// Base64 digests by algorithm, as they travel in `x-amz-checksum-*`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Checksums {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crc32: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crc32c: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crc64nvme: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha256: Option<String>,
}

/// The five checksum fields that many inputs share.
macro_rules! checksums_of {
    ($dto:expr) => {
        $crate::checksum::Checksums {
            crc32: $dto.checksum_crc32.clone(),
            crc32c: $dto.checksum_crc32c.clone(),
            crc64nvme: $dto.checksum_crc64nvme.clone(),
            sha1: $dto.checksum_sha1.clone(),
            sha256: $dto.checksum_sha256.clone(),
        }
    };
}

/// The reverse: writes them to an output.
macro_rules! set_checksums {
    ($dto:expr, $sums:expr) => {{
        let sums: $crate::checksum::Checksums = $sums;
        $dto.checksum_crc32 = sums.crc32;
        $dto.checksum_crc32c = sums.crc32c;
        $dto.checksum_crc64nvme = sums.crc64nvme;
        $dto.checksum_sha1 = sums.sha1;
        $dto.checksum_sha256 = sums.sha256;
    }};
}
pub(crate) use {checksums_of, set_checksums};

/// One algorithm of `x-amz-checksum-algorithm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    fn header(self) -> String {
        format!("x-amz-checksum-{}", self.name().to_ascii_lowercase())
    }
}

impl Checksums {
    pub(crate) fn get(&self, algorithm: Algorithm) -> Option<&str> {
        match algorithm {
            Algorithm::Crc32 => self.crc32.as_deref(),
            Algorithm::Crc32c => self.crc32c.as_deref(),
            Algorithm::Crc64Nvme => self.crc64nvme.as_deref(),
            Algorithm::Sha1 => self.sha1.as_deref(),
            Algorithm::Sha256 => self.sha256.as_deref(),
        }
    }

    pub(crate) fn set(&mut self, algorithm: Algorithm, value: String) {
        let slot = match algorithm {
            Algorithm::Crc32 => &mut self.crc32,
            Algorithm::Crc32c => &mut self.crc32c,
            Algorithm::Crc64Nvme => &mut self.crc64nvme,
            Algorithm::Sha1 => &mut self.sha1,
            Algorithm::Sha256 => &mut self.sha256,
        };
        *slot = Some(value);
    }

    pub(crate) fn algorithms(&self) -> impl Iterator<Item = Algorithm> {
        Algorithm::ALL.into_iter().filter(|algorithm| self.get(*algorithm).is_some())
    }

    /// Adds what the trailer of a chunked body says.
    pub(crate) fn add_trailer(&mut self, trailer: &HeaderMap) {
        for algorithm in Algorithm::ALL {
            if let Some(value) = trailer.get(algorithm.header()).and_then(|value| value.to_str().ok()) {
                self.set(algorithm, value.to_owned());
            }
        }
    }

    /// Refuses content whose digests are not the ones claimed.
    pub(crate) fn require(&self, computed: &Checksums) -> Result<()> {
        for algorithm in self.algorithms() {
            if self.get(algorithm) != computed.get(algorithm) {
                let name = algorithm.name();
                let message = format!("The {name} you specified did not match the calculated checksum.");
                return Err(refuse(S3ErrorCode::BadDigest, message));
            }
        }
        Ok(())
    }
}

/// What the client claims of a body, and what it wants computed.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    pub(crate) checksums: Checksums,
    pub(crate) md5: Option<[u8; 16]>,
    pub(crate) compute: Vec<Algorithm>,
}

impl Claims {
    /// `algorithm` is `x-amz-sdk-checksum-algorithm`; trailers announced in the headers are computed from the start.
    pub(crate) fn new(
        checksums: Checksums,
        content_md5: Option<&str>,
        algorithm: Option<&str>,
        headers: &HeaderMap,
    ) -> Result<Self> {
        let mut compute: Vec<Algorithm> = checksums.algorithms().collect();
        if let Some(name) = algorithm {
            let unknown = || refuse(S3ErrorCode::InvalidRequest, format!("Unknown checksum algorithm {name}."));
            compute.push(Algorithm::parse(name).ok_or_else(unknown)?);
        }
        let announced = headers.get("x-amz-trailer").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_announced = |algorithm: &Algorithm| {
            announced.split(',').any(|name| name.trim().eq_ignore_ascii_case(&algorithm.header()))
        };
        compute.extend(Algorithm::ALL.into_iter().filter(is_announced));
        Ok(Self { checksums, md5: content_md5.map(parse_md5).transpose()?, compute })
    }

    pub(crate) fn require(&self, digests: &Digests) -> Result<()> {
        if self.md5.is_some_and(|md5| md5 != digests.md5) {
            let message = "The Content-MD5 you specified did not match what we received.";
            return Err(refuse(S3ErrorCode::BadDigest, message));
        }
        self.checksums.require(&digests.checksums)
    }
}

fn parse_md5(header: &str) -> Result<[u8; 16]> {
    base64_simd::STANDARD
        .decode_to_vec(header)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| refuse(S3ErrorCode::InvalidDigest, "The Content-MD5 you specified is not valid."))
}

/// The digests of a finished body.
#[derive(Debug, Clone)]
pub(crate) struct Digests {
    pub(crate) md5: [u8; 16],
    pub(crate) checksums: Checksums,
}

impl Digests {
    pub(crate) fn etag(&self) -> String {
        hex_simd::encode_to_string(self.md5, hex_simd::AsciiCase::Lower)
    }
}

/// Digests of a body that is still arriving.
pub(crate) struct Running {
    md5: Md5,
    checksums: ChecksumHasher,
}

impl Running {
    pub(crate) fn new(compute: &[Algorithm]) -> Self {
        let wants = |algorithm| compute.contains(&algorithm);
        let checksums = ChecksumHasher {
            crc32: wants(Algorithm::Crc32).then(Default::default),
            crc32c: wants(Algorithm::Crc32c).then(Default::default),
            crc64nvme: wants(Algorithm::Crc64Nvme).then(Default::default),
            sha1: wants(Algorithm::Sha1).then(Default::default),
            sha256: wants(Algorithm::Sha256).then(Default::default),
        };
        Self { md5: Md5::new(), checksums }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.checksums.update(bytes);
    }

    pub(crate) fn finish(self) -> Digests {
        let sums = self.checksums.finalize();
        let mut md5 = [0; 16];
        md5.copy_from_slice(self.md5.finalize().as_ref());
        Digests { md5, checksums: checksums_of!(sums) }
    }
}
