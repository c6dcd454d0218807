//! Boundaries and times against the model, at every offset.

use crate::testing::{Life, Output, steps, stream};
use longshore_types::Timestamp;
use proptest::prelude::*;

proptest! {
    #[test]
    fn boundary_at_any_offset_is_the_start_of_the_event_there(steps in steps(), ends: bool) {
        let (output, mut life) = (Output::new(), Life::new(stream(3)));
        for step in &steps {
            life.step(&output, step);
        }
        if ends {
            life.end();
        }
        let mut snapshot = output.small().open(&life.stream).unwrap();
        let model = output.model(&life.stream);
        for position in 0..snapshot.bytes() {
            let starts = model.iter().map(|event| event.start).filter(|start| *start <= position);
            let ends = model.iter().map(|event| event.end).filter(|end| *end <= position);
            let expected = starts.chain(ends).max().unwrap_or(0);
            prop_assert_eq!(snapshot.boundary(position).unwrap(), expected, "at {}", position);
        }
    }

    #[test]
    fn seek_finds_the_first_event_at_or_after_a_time(steps in steps(), ends: bool) {
        let (output, mut life) = (Output::new(), Life::new(stream(3)));
        for step in &steps {
            life.step(&output, step);
        }
        if ends {
            life.end();
        }
        let mut snapshot = output.small().open(&life.stream).unwrap();
        let model = output.model(&life.stream);
        let end = model.last().map_or(0, |event| event.end);
        for time in 999..life.now + 8 {
            let expected = model.iter().find(|event| event.time >= time).map_or(end, |event| event.start);
            prop_assert_eq!(snapshot.seek(Timestamp::from_millis(time)).unwrap(), expected, "at {}", time);
        }
    }
}
