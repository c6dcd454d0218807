//! Reads and writes under conditions.

use s3s::dto::ETag;

use super::*;
use crate::object::Attributes;

fn object() -> Object {
    Object {
        etag: "abc".into(),
        size: 3,
        modified_ms: 1_700_000_000_400,
        attributes: Attributes::default(),
        pieces: vec![],
    }
}

fn etag(value: &str) -> Option<ETagCondition> {
    Some(ETagCondition::ETag(ETag::Strong(value.into())))
}

fn check_read(conditions: Conditions, expected: Verdict) {
    assert_eq!(conditions.judge(&object()), expected, "{conditions:?}");
}

#[test]
fn read_if_match_other_etag_fails() {
    check_read(Conditions { if_match: etag("abc"), ..Default::default() }, Verdict::Proceed);
    check_read(Conditions { if_match: etag("xyz"), ..Default::default() }, Verdict::Failed);
}

#[test]
fn read_if_none_match_same_etag_is_not_modified() {
    check_read(Conditions { if_none_match: etag("abc"), ..Default::default() }, Verdict::NotModified);
    check_read(Conditions { if_none_match: Some(ETagCondition::Any), ..Default::default() }, Verdict::NotModified);
    check_read(Conditions { if_none_match: etag("xyz"), ..Default::default() }, Verdict::Proceed);
}

#[test]
fn read_since_own_second_is_not_modified() {
    let own = Some(timestamp(1_700_000_000_000));
    let before = Some(timestamp(1_699_999_999_000));
    check_read(Conditions { if_modified_since: own.clone(), ..Default::default() }, Verdict::NotModified);
    check_read(Conditions { if_modified_since: before.clone(), ..Default::default() }, Verdict::Proceed);
    check_read(Conditions { if_unmodified_since: own, ..Default::default() }, Verdict::Proceed);
    check_read(Conditions { if_unmodified_since: before, ..Default::default() }, Verdict::Failed);
}

#[test]
fn read_matching_etag_outranks_dates() {
    let before = Some(timestamp(0));
    check_read(
        Conditions { if_match: etag("abc"), if_unmodified_since: before, ..Default::default() },
        Verdict::Proceed,
    );
}

#[test]
fn write_if_none_match_any_needs_no_object() {
    assert!(admit_write(None, Some(&ETagCondition::Any), None).is_ok());
    assert!(admit_write(None, Some(&ETagCondition::Any), Some(&object())).is_err());
}

#[test]
fn write_if_match_needs_that_object() {
    assert!(admit_write(etag("abc").as_ref(), None, Some(&object())).is_ok());
    assert!(admit_write(etag("xyz").as_ref(), None, Some(&object())).is_err());
    assert!(admit_write(etag("abc").as_ref(), None, None).is_err());
}
