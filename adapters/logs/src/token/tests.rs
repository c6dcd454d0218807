//! Tokens and ids: what is written is read, and nothing else is.

use super::{Key, Place, event_id, read_key, read_place, stream_digits, write_key, write_place};
use crate::testing::stream;
use longshore_types::Timestamp;
use proptest::prelude::*;

proptest! {
    #[test]
    fn place_written_is_the_place_read(number: u128, offset: u64, forward: bool) {
        let place = if forward { Place::Forward(offset) } else { Place::Backward(offset) };
        let token = write_place(&stream(number), place);
        prop_assert_eq!(read_place(&stream(number), &token).ok(), Some(place));
        prop_assert!(read_place(&stream(number ^ 1), &token).is_err());
    }

    #[test]
    fn key_written_is_the_key_read(time: i64, stream: u128, offset: u64) {
        let key = Key { time: Timestamp::from_millis(time), stream, offset };
        prop_assert_eq!(read_key(&write_key(key)).ok(), Some(key));
    }

    #[test]
    fn text_that_is_no_token_is_refused(text in ".{0,70}") {
        prop_assert!(read_key(&text).is_err());
        prop_assert!(read_place(&stream(1), &text).is_err());
    }

    #[test]
    fn cwl_3_event_ids_sort_as_the_events_do(
        one in (0_i64..1 << 44, 0_u128..3, any::<u64>()), other in (0_i64..1 << 44, 0_u128..3, any::<u64>())
    ) {
        let id = |(time, number, offset)| event_id(Timestamp::from_millis(time), &stream_digits(&stream(number)), offset);
        prop_assert_eq!(id(one).cmp(&id(other)), one.cmp(&other));
        prop_assert_eq!(id(one).len(), 56);
    }
}
