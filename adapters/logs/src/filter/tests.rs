//! Events of many streams, by rule and against the model.

use super::{Filter, FilterPage, FilteredEvent};
use crate::testing::{Life, Output, Step, ended, steps, stream};
use crate::{Error, LogReader, Stream};
use longshore_types::Timestamp;
use proptest::prelude::*;

fn time(ms: i64) -> Option<Timestamp> {
    Some(Timestamp::from_millis(ms))
}

fn get(reader: &LogReader, streams: &[Stream], filter: &Filter) -> FilterPage {
    reader.filter_log_events(streams, filter).unwrap()
}

fn texts(events: &[FilteredEvent]) -> Vec<&str> {
    events.iter().map(|found| found.event.message.as_str()).collect()
}

/// Follows tokens until there is none.
fn follow(reader: &LogReader, streams: &[Stream], mut filter: Filter) -> Vec<FilteredEvent> {
    let mut events = Vec::new();
    for _ in 0..10_000 {
        let page = get(reader, streams, &filter);
        events.extend(page.events);
        match page.next_token {
            Some(token) => filter.next_token = Some(token),
            None => return events,
        }
    }
    panic!("the pages have no end");
}

/// Two streams whose events alternate.
fn two_streams() -> (Output, [Stream; 2]) {
    let (output, streams) = (Output::new(), [stream(1), stream(2)]);
    output.write_at(&streams[0], 10, "a\n");
    output.write_at(&streams[1], 20, "b\n");
    output.write_at(&streams[0], 30, "c\n");
    output.write_at(&streams[1], 30, "d\n");
    (output, streams)
}

#[test]
fn cwl_3_streams_are_interleaved_by_time() {
    let (output, streams) = two_streams();
    let page = get(&output.reader(), &streams, &Filter::default());
    assert_eq!(texts(&page.events), ["a", "b", "c", "d"]);
    assert_eq!(page.events.iter().map(|found| found.stream).collect::<Vec<_>>(), [0, 1, 0, 1]);
    assert_eq!(page.next_token, None);
}

#[test]
fn cwl_3_both_times_are_inclusive() {
    let (output, streams) = two_streams();
    let filter = |start, end| Filter { start_time: time(start), end_time: time(end), ..Filter::default() };
    assert_eq!(texts(&get(&output.reader(), &streams, &filter(10, 20)).events), ["a", "b"]);
    assert_eq!(texts(&get(&output.reader(), &streams, &filter(21, 30)).events), ["c", "d"]);
}

#[test]
fn cwl_3_pattern_selects_and_limit_pages() {
    let (output, streams) = two_streams();
    let filter = Filter { pattern: "-b".into(), limit: Some(2), ..Filter::default() };
    let page = get(&output.reader(), &streams, &filter);
    assert_eq!(texts(&page.events), ["a", "c"]);
    let page = get(&output.reader(), &streams, &Filter { next_token: page.next_token, ..filter });
    assert_eq!((texts(&page.events), page.next_token), (vec!["d"], None));
}

#[test]
fn cwl_3_bad_token_and_bad_pattern_are_refused() {
    let (output, streams) = two_streams();
    let token = Filter { next_token: Some("x".into()), ..Filter::default() };
    assert!(matches!(output.reader().filter_log_events(&streams, &token), Err(Error::InvalidNextToken)));
    let pattern = Filter { pattern: "{".into(), ..Filter::default() };
    assert!(matches!(output.reader().filter_log_events(&streams, &pattern), Err(Error::InvalidFilterPattern)));
}

#[test]
fn cwl_3_page_without_limit_stays_below_a_mebibyte() {
    let (output, streams) = (Output::new(), [ended(&stream(1), 9), ended(&stream(2), 9)]);
    for stream in &streams {
        output.write(stream, format!("{}\n", "x".repeat(999)).repeat(1_000));
    }
    assert_eq!(get(&output.reader(), &streams, &Filter::default()).events.len(), (1 << 20) / 999);
    assert_eq!(follow(&output.reader(), &streams, Filter::default()).len(), 2_000);
}

#[test]
fn long_search_without_a_match_answers_with_a_token() {
    let (output, streams) = (Output::new(), [ended(&stream(1), 9)]);
    output.write(&streams[0], "nothing\n".repeat(50) + "here\n");
    let filter = Filter { pattern: "here".into(), ..Filter::default() };
    let page = get(&output.small(), &streams, &filter);
    assert!(page.events.is_empty() && page.next_token.is_some());
    assert_eq!(texts(&follow(&output.small(), &streams, filter)), ["here"]);
}

#[test]
fn stream_that_ended_long_before_is_not_opened() {
    let (output, early) = (Output::new(), ended(&stream(1), 9));
    // A directory in the place of the file: opening it would do, reading it would fail.
    output.obstruct(&early);
    let filter = |start| Filter { start_time: time(start), ..Filter::default() };
    assert!(output.reader().filter_log_events(std::slice::from_ref(&early), &filter(9)).is_err());
    assert!(get(&output.reader(), &[early], &filter(1_000_000)).events.is_empty());
}

fn lives(scripts: &[Vec<Step>], mut ends: u8) -> (Output, Vec<Life>) {
    let output = Output::new();
    let mut lives: Vec<Life> = (0..).zip(scripts).map(|(number, _)| Life::new(stream(number))).collect();
    for (life, script) in lives.iter_mut().zip(scripts) {
        script.iter().for_each(|step| life.step(&output, step));
        if ends & 1 == 1 {
            life.end();
        }
        ends >>= 1;
    }
    (output, lives)
}

proptest! {
    #[test]
    fn cwl_3_pages_are_the_model(
        scripts in proptest::collection::vec(steps(), 0..5), ends: u8, limit in 1_usize..6, start in 999_i64..1_020,
        length in 0_i64..40, pattern in prop_oneof![Just(""), Just("a"), Just("-b")]
    ) {
        let (output, lives) = lives(&scripts, ends);
        let streams: Vec<Stream> = lives.iter().map(|life| life.stream.clone()).collect();
        let mut expected = Vec::new();
        for (place, stream) in streams.iter().enumerate() {
            expected.extend(output.model(stream).into_iter().map(|seen| (seen.time, place, seen.start, seen.text)));
        }
        expected.sort();
        expected.retain(|(time, _, _, text)| {
            let matching = match pattern {
                "a" => text.contains('a'),
                "-b" => !text.contains('b'),
                _ => true,
            };
            matching && (start..=start + length).contains(time)
        });
        let expected: Vec<_> = expected.into_iter().map(|(time, place, _, text)| (time, place, text)).collect();
        let filter = Filter {
            start_time: time(start), end_time: time(start + length), pattern: pattern.into(), limit: Some(limit), next_token: None,
        };
        let events = follow(&output.small(), &streams, filter);
        let found: Vec<_> =
            events.iter().map(|found| (found.event.timestamp.as_millis(), found.stream, found.event.message.clone())).collect();
        prop_assert_eq!(found, expected);
        prop_assert!(events.is_sorted_by(|one, next| one.event.id < next.event.id));
    }

    #[test]
    fn cwl_6_following_by_start_time_and_id_sees_every_event_once(script in steps()) {
        let (output, mut life) = (Output::new(), Life::new(stream(4)));
        let mut ids = std::collections::BTreeSet::new();
        let mut latest = None;
        let mut poll = |life: &Life| {
            let filter = Filter { start_time: latest, ..Filter::default() };
            for found in follow(&output.small(), std::slice::from_ref(&life.stream), filter) {
                latest = latest.max(Some(found.event.timestamp));
                ids.insert(found.event.id);
            }
        };
        for step in &script {
            life.step(&output, step);
            poll(&life);
        }
        life.end();
        poll(&life);
        prop_assert_eq!(ids.len(), output.model(&life.stream).len());
    }
}
