//! Chunked bodies whole, split anywhere, and broken.

use proptest::prelude::*;

use super::*;

const SIGNED: &[u8] =
    b"5;chunk-signature=ab\r\nhello\r\n6;chunk-signature=cd\r\n world\r\n0;chunk-signature=ef\r\n\r\n";
const TRAILED: &[u8] = b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n";

fn decode(pieces: &[&[u8]]) -> Result<(Vec<u8>, HeaderMap), Error> {
    let mut decoder = Decoder::default();
    let mut decoded = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        while let Some(data) = decoder.next()? {
            decoded.extend_from_slice(&data);
        }
    }
    Ok((decoded, decoder.finish()?))
}

#[test]
fn signed_chunks_are_joined_without_signatures() {
    assert_eq!(decode(&[SIGNED]).unwrap().0, b"hello world");
}

#[test]
fn trailer_is_returned() {
    let (decoded, trailer) = decode(&[TRAILED]).unwrap();
    assert_eq!(decoded, b"abc");
    assert_eq!(trailer["x-amz-checksum-crc32"], "NSRBwg==");
}

#[test]
fn body_without_final_empty_line_is_complete() {
    let (decoded, trailer) = decode(&[b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n"]).unwrap();
    assert_eq!((decoded.as_slice(), trailer.len()), (&b"abc"[..], 1));
    assert!(decode(&[b"0\r\n"]).is_ok());
}

#[test]
fn body_that_ends_early_is_refused() {
    for end in [1, 4, 8, TRAILED.len() - 40] {
        assert_eq!(decode(&[&TRAILED[..end]]).unwrap_err(), Error::Incomplete, "cut at {end}");
    }
}

#[test]
fn malformed_chunks_are_refused() {
    assert_eq!(decode(&[b"xyz\r\nabc"]).unwrap_err(), Error::ChunkHeader);
    assert_eq!(decode(&[b"3\r\nabcdef\r\n"]).unwrap_err(), Error::ChunkEnd);
    assert_eq!(decode(&[b"0\r\nno colon\r\n"]).unwrap_err(), Error::Trailer);
    assert_eq!(decode(&[&[b'1'; LINE_MAX_BYTES]]).unwrap_err(), Error::ChunkHeader);
}

proptest! {
    #[test]
    fn body_split_anywhere_decodes_the_same(cuts in prop::collection::btree_set(1..SIGNED.len(), 0..10)) {
        let mut pieces = Vec::new();
        let mut rest = SIGNED;
        for cut in cuts.iter().rev() {
            let (before, piece) = rest.split_at(*cut);
            pieces.insert(0, piece);
            rest = before;
        }
        pieces.insert(0, rest);
        prop_assert_eq!(decode(&pieces).unwrap().0, b"hello world");
    }
}
