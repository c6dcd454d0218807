//! Pages of one stream, by rule and against the model.

use super::{GetEvents, Page};
use crate::testing::{Life, Output, Seen, Step, ended, steps, stream};
use crate::{Error, Event, LogReader, Stream};
use longshore_types::Timestamp;
use proptest::prelude::*;

fn head(limit: usize) -> GetEvents {
    GetEvents { start_from_head: true, limit: Some(limit), ..GetEvents::default() }
}

fn texts(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.message.as_str()).collect()
}

fn seen(events: &[Event]) -> Vec<(i64, &str)> {
    events.iter().map(|event| (event.timestamp.as_millis(), event.message.as_str())).collect()
}

fn model(events: &[Seen]) -> Vec<(i64, &str)> {
    events.iter().map(|event| (event.time, event.text.as_str())).collect()
}

fn get(reader: &LogReader, stream: &Stream, query: &GetEvents) -> Page {
    reader.get_log_events(stream, query).unwrap()
}

/// Three lines in an ended attempt.
fn three_lines() -> (Output, Stream) {
    let (output, stream) = (Output::new(), stream(1));
    output.write_at(&stream, 10, "one\n");
    output.write_at(&stream, 20, "two\r\n");
    output.write(&stream, "three");
    (output, ended(&stream, 30))
}

#[test]
fn cwl_2_no_token_shows_the_newest_page_ascending() {
    let (output, stream) = three_lines();
    let page = get(&output.reader(), &stream, &GetEvents { limit: Some(2), ..GetEvents::default() });
    assert_eq!(seen(&page.events), [(20, "two"), (30, "three")]);
}

#[test]
fn cwl_2_start_from_head_shows_the_oldest_page() {
    let (output, stream) = three_lines();
    assert_eq!(seen(&get(&output.reader(), &stream, &head(2)).events), [(10, "one"), (20, "two")]);
}

#[test]
fn cwl_2_start_time_is_inclusive_and_end_time_exclusive() {
    let (output, stream) = three_lines();
    let time = |ms| Some(Timestamp::from_millis(ms));
    let query = GetEvents { start_time: time(10), end_time: time(20), ..GetEvents::default() };
    assert_eq!(texts(&get(&output.reader(), &stream, &query).events), ["one"]);
}

#[test]
fn cwl_2_end_of_stream_gives_the_same_token_back() {
    let (output, stream) = three_lines();
    let last = get(&output.reader(), &stream, &GetEvents::default());
    let forward = GetEvents { next_token: Some(last.next_forward_token.clone()), ..GetEvents::default() };
    let page = get(&output.reader(), &stream, &forward);
    assert_eq!((page.events, page.next_forward_token), (vec![], last.next_forward_token));
    let backward = GetEvents { next_token: Some(last.next_backward_token.clone()), ..GetEvents::default() };
    let page = get(&output.reader(), &stream, &backward);
    assert_eq!((page.events, page.next_backward_token), (vec![], last.next_backward_token));
}

#[test]
fn cwl_2_tokens_have_the_form_that_aws_gives_them() {
    let (output, stream) = three_lines();
    let page = get(&output.reader(), &stream, &GetEvents::default());
    for (token, letter) in [(page.next_forward_token, "f/"), (page.next_backward_token, "b/")] {
        let digits = token.strip_prefix(letter).and_then(|rest| rest.strip_suffix("/s")).unwrap();
        assert!(digits.len() == 56 && digits.bytes().all(|digit| digit.is_ascii_digit()), "{token}");
    }
}

#[test]
fn cwl_2_token_of_another_stream_is_refused() {
    let (output, first) = three_lines();
    let token = get(&output.reader(), &stream(2), &GetEvents::default()).next_forward_token;
    for bad in [token.as_str(), "", "f/", "f/1/s", "x"] {
        let query = GetEvents { next_token: Some(bad.into()), ..GetEvents::default() };
        let error = output.reader().get_log_events(&first, &query).unwrap_err();
        assert!(matches!(error, Error::InvalidNextToken), "{bad}");
        assert_eq!(error.to_string(), "The specified nextToken is invalid.");
    }
}

#[test]
fn cwl_2_page_without_limit_stays_below_a_mebibyte() {
    let (output, stream) = (Output::new(), stream(1));
    output.write(&stream, format!("{}\n", "x".repeat(999)).repeat(3_000));
    let page = get(&output.reader(), &ended(&stream, 5), &GetEvents::default());
    assert_eq!(page.events.len(), (1 << 20) / 999);
}

#[test]
fn cwl_2_page_without_limit_has_ten_thousand_events() {
    let (output, stream) = (Output::new(), stream(1));
    output.write(&stream, "x\n".repeat(25_000));
    let stream = ended(&stream, 5);
    let limits = [None, Some(10_000), Some(70_000)].map(|limit| GetEvents { limit, ..GetEvents::default() });
    assert_eq!(limits.map(|query| get(&output.reader(), &stream, &query).events.len()), [10_000; 3]);
}

#[test]
fn cwl_7_line_of_more_than_256_kib_is_split() {
    let (output, stream) = (Output::new(), stream(1));
    output.write(&stream, format!("{}\n{}\n", "a".repeat(262_144), "€".repeat(262_144)));
    let events = get(&output.reader(), &ended(&stream, 5), &GetEvents::default()).events;
    assert_eq!(events[0].message.len(), 262_144);
    assert!(events[1..].iter().all(|event| event.message.len() <= 262_144 && !event.message.contains('\u{fffd}')));
    assert_eq!(texts(&events[1..]).concat(), "€".repeat(262_144));
}

#[test]
fn running_attempt_shows_only_whole_lines_that_the_index_covers() {
    let (output, stream) = (Output::new(), stream(1));
    output.write(&stream, "unseen\n");
    assert!(get(&output.reader(), &stream, &head(9)).events.is_empty());
    output.write_at(&stream, 10, "half");
    output.write(&stream, " more\n");
    assert_eq!(seen(&get(&output.reader(), &stream, &head(9)).events), [(10, "unseen")]);
    output.record(&stream, 20);
    assert_eq!(seen(&get(&output.reader(), &stream, &head(9)).events), [(10, "unseen"), (20, "half more")]);
}

#[test]
fn end_before_the_last_record_does_not_turn_time_back() {
    let (output, stream) = (Output::new(), stream(1));
    output.write_at(&stream, 50, "one\n");
    output.write(&stream, "two\n");
    assert_eq!(seen(&get(&output.reader(), &ended(&stream, 40), &head(9)).events), [(50, "one"), (50, "two")]);
}

#[test]
fn torn_record_counts_for_nothing() {
    let (output, stream) = (Output::new(), stream(1));
    output.write_at(&stream, 10, "one\n");
    output.write(&stream, "two\n");
    output.index(&stream, &8_u64.to_le_bytes());
    assert_eq!(seen(&get(&output.reader(), &stream, &head(9)).events), [(10, "one")]);
}

#[test]
fn missing_file_is_an_empty_stream() {
    let page = get(&Output::new().reader(), &ended(&stream(1), 10), &GetEvents::default());
    assert!(page.events.is_empty());
}

#[test]
fn bytes_that_are_not_utf_8_are_shown_as_replacement_characters() {
    let (output, stream) = (Output::new(), stream(1));
    output.write(&stream, b"a\xffb\n");
    assert_eq!(texts(&get(&output.reader(), &ended(&stream, 5), &head(9)).events), ["a\u{fffd}b"]);
}

/// Follows tokens from one end until one repeats.
fn follow(reader: &LogReader, stream: &Stream, mut query: GetEvents) -> Vec<Event> {
    let forward = query.start_from_head;
    let mut events = Vec::new();
    loop {
        let page = get(reader, stream, &query);
        let token = if forward { page.next_forward_token } else { page.next_backward_token };
        if forward {
            events.extend(page.events);
        } else {
            events.splice(0..0, page.events);
        }
        if query.next_token.as_deref() == Some(token.as_str()) {
            return events;
        }
        query.next_token = Some(token);
    }
}

fn live(steps: &[Step]) -> (Output, Life) {
    let (output, mut life) = (Output::new(), Life::new(stream(7)));
    for step in steps {
        life.step(&output, step);
    }
    (output, life)
}

proptest! {
    #[test]
    fn cwl_2_pages_in_both_directions_are_the_model(
        steps in steps(), ends: bool, limit in 1_usize..5, start in proptest::option::of(999_i64..1_040),
        length in proptest::option::of(0_i64..40)
    ) {
        let (output, mut life) = live(&steps);
        if ends {
            life.end();
        }
        let end = length.map(|length| start.unwrap_or(999) + length);
        let in_time = |event: &Seen| start.is_none_or(|start| event.time >= start) && end.is_none_or(|end| event.time < end);
        let expected: Vec<Seen> = output.model(&life.stream).into_iter().filter(in_time).collect();
        let (start_time, end_time) = (start.map(Timestamp::from_millis), end.map(Timestamp::from_millis));
        for start_from_head in [true, false] {
            let query = GetEvents { start_time, end_time, limit: Some(limit), start_from_head, next_token: None };
            let events = follow(&output.small(), &life.stream, query);
            prop_assert_eq!(seen(&events), model(&expected), "from head: {}", start_from_head);
            prop_assert!(events.is_sorted_by(|one, next| one.id < next.id));
        }
    }

    #[test]
    fn cwl_2_forward_token_sees_what_is_added_exactly_once(steps in steps(), limit in 1_usize..5) {
        let (output, mut life) = (Output::new(), Life::new(stream(7)));
        let mut query = head(limit);
        let mut events = Vec::new();
        let mut look = |life: &Life| loop {
            let page = get(&output.small(), &life.stream, &query);
            events.extend(page.events);
            let is_last = query.next_token.as_ref() == Some(&page.next_forward_token);
            query.next_token = Some(page.next_forward_token);
            if is_last {
                break;
            }
        };
        for step in &steps {
            life.step(&output, step);
            look(&life);
        }
        life.end();
        look(&life);
        let expected = output.model(&life.stream);
        prop_assert_eq!(seen(&events), model(&expected));
    }

    #[test]
    fn page_in_the_middle_leads_back_to_what_came_before(steps in steps(), first in 1_usize..6, second in 1_usize..6) {
        let (output, mut life) = live(&steps);
        life.end();
        let reader = output.small();
        let one = get(&reader, &life.stream, &head(first));
        let forward = GetEvents { next_token: Some(one.next_forward_token), ..head(second) };
        let two = get(&reader, &life.stream, &forward);
        let backward = GetEvents { next_token: Some(two.next_backward_token), ..head(one.events.len()) };
        let again = get(&reader, &life.stream, &backward);
        prop_assert!(two.events.is_empty() || one.events.ends_with(&again.events));
        prop_assert!(one.events.is_empty() || !again.events.is_empty());
    }
}
