//! Layers come gzipped, as zstd frames or plain. What they are is seen from their first bytes, never from a media type,
//! because archives made by hand are often mislabelled.

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, BufRead, BufReader, Read};

const BUFFER_BYTES: usize = 256 << 10;
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// A frame to skip begins with 0x50 to 0x5f and these.
const ZSTD_SKIPPABLE: &[u8] = &[0x2a, 0x4d, 0x18];
const MAGIC_BYTES: usize = 4;

/// The plain content of a stream.
pub(crate) fn plain<'a>(source: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let mut source = BufReader::with_capacity(BUFFER_BYTES, source);
    let mut magic = [0; MAGIC_BYTES];
    let known = read_up_to(&mut source, &mut magic)?;
    let source = BufReader::with_capacity(BUFFER_BYTES, io::Cursor::new(magic).take(known as u64).chain(source));
    Ok(if magic.starts_with(GZIP) {
        Box::new(MultiGzDecoder::new(source))
    } else if magic == ZSTD || (magic[0] & 0xf0 == 0x50 && &magic[1..] == ZSTD_SKIPPABLE) {
        Box::new(Zstd { source, frame: FrameDecoder::new(), in_frame: false })
    } else {
        Box::new(source)
    })
}

fn read_up_to(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut known = 0;
    while known < buffer.len() {
        match source.read(&mut buffer[known..])? {
            0 => break,
            count => known += count,
        }
    }
    Ok(known)
}

/// Any number of zstd frames, as `zstd` itself reads them.
struct Zstd<R> {
    source: R,
    frame: FrameDecoder,
    in_frame: bool,
}

impl<R: BufRead> Zstd<R> {
    /// Whether there is another frame.
    fn next_frame(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.frame.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let skipped = io::copy(&mut self.source.by_ref().take(length.into()), &mut io::sink())?;
                    if skipped < length.into() {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
            }
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.in_frame && self.frame.can_collect() > 0 {
                return self.frame.read(buffer);
            }
            if self.in_frame && !self.frame.is_finished() {
                let decoded = self.frame.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1));
                decoded.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
                continue;
            }
            self.in_frame = self.next_frame()?;
            if !self.in_frame || buffer.is_empty() {
                return Ok(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
    use std::io::Write;

    fn content() -> Vec<u8> {
        (0..300_000_u32).flat_map(|number| (number / 7).to_le_bytes()).collect()
    }

    fn check(stream: &[u8], expected: &[u8]) {
        let mut read = Vec::new();
        plain(stream).unwrap().read_to_end(&mut read).unwrap();
        assert_eq!(read.len(), expected.len());
        assert!(read == expected, "other content");
    }

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(content: &[u8]) -> Vec<u8> {
        compress_to_vec(content, CompressionLevel::Fastest)
    }

    #[test]
    fn stream_of_any_kind_reads_as_its_content() {
        let content = content();
        check(&content, &content);
        check(b"ab", b"ab");
        check(b"", b"");
        check(&gzip(&content), &content);
        check(&zstd(&content), &content);
    }

    #[test]
    fn several_members_read_as_one() {
        let content = content();
        let (first, second) = content.split_at(100_000);
        check(&[gzip(first), gzip(second)].concat(), &content);
        let skipped = [&[0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"xyz"].concat();
        check(&[skipped.clone(), zstd(first), skipped, zstd(second)].concat(), &content);
    }

    #[test]
    fn stream_that_is_cut_off_is_an_error() {
        for whole in [gzip(&content()), zstd(&content())] {
            let cut = plain(&whole[..whole.len() / 2]).and_then(|mut read| io::copy(&mut read, &mut io::sink()));
            assert!(cut.is_err());
        }
    }
}
