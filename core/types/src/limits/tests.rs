//! Limits by name.

use super::*;

#[test]
fn every_limit_can_be_set_and_read_by_its_name() {
    for limit in Limits::catalogue() {
        let mut limits = Limits::standard();
        let name = limit.name();
        assert_eq!((limits.get(&name), Limits::aws().get(&name)), (Some(limit.standard), Some(limit.aws)), "{name}");
        assert_eq!(limits.set(&name, 7), Ok(()));
        assert_eq!(limits.get(&name), Some(7), "{name}");
        assert_eq!(limits.set(&name, UNLIMITED), Ok(()));
        assert_eq!(limits.get(&name), Some(UNLIMITED), "{name}");
    }
}

#[test]
fn no_limit_is_stricter_than_that_of_aws() {
    for limit in Limits::catalogue() {
        assert!(limit.standard >= limit.aws, "{}", limit.name());
    }
}

#[test]
fn unknown_name_and_number_beyond_the_type_are_refused() {
    let mut limits = Limits::standard();
    let unknown = SetLimitError::Unknown { name: "array-sizes".into() };
    assert_eq!(limits.set("array-sizes", 1), Err(unknown));
    let most = u64::from(u32::MAX) - 1;
    let too_high = |name: &str| Err(SetLimitError::TooHigh { name: name.into(), most });
    assert_eq!(limits.set("array-size", most + 2), too_high("array-size"));
    assert_eq!(limits, Limits::standard());
}
