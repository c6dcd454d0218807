//! Parsers of argument values. Each message says what was wrong and what would do.

use std::time::Duration;

/// `KEY=VALUE`; the value may hold further `=`.
pub(super) fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE".to_owned()),
    }
}

/// `90`, `90s`, `10m`, `1h 30m`: seconds without a unit.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    humantime::parse_duration(text).map_err(|error| format!("{error}; write it as 90s, 10m or 2h"))
}

/// The id of a job that must finish first, with the type of the dependency if it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DependsOn {
    pub(super) job_id: Option<String>,
    pub(super) kind: Option<String>,
}

/// `ID`, `ID:N_TO_N` or `SEQUENTIAL`. A child's id, `ID:3`, has a colon too.
pub(super) fn depends_on(text: &str) -> Result<DependsOn, String> {
    if text == "SEQUENTIAL" {
        return Ok(DependsOn { job_id: None, kind: Some(text.to_owned()) });
    }
    let (id, kind) = match text.rsplit_once(':') {
        Some((id, kind @ ("N_TO_N" | "SEQUENTIAL"))) => (id, Some(kind.to_owned())),
        Some((_, last)) if !last.chars().all(|c| c.is_ascii_digit()) => {
            return Err(format!("`{last}` is not a type of dependency; use N_TO_N or SEQUENTIAL"));
        }
        _ => (text, None),
    };
    if id.is_empty() {
        return Err("write it as ID, ID:N_TO_N or SEQUENTIAL".to_owned());
    }
    Ok(DependsOn { job_id: Some(id.to_owned()), kind })
}

/// A status, in any case.
pub(super) fn status(text: &str) -> Result<String, String> {
    let upper = text.to_ascii_uppercase();
    let known = crate::client::job::STATUSES;
    if known.contains(&upper.as_str()) { Ok(upper) } else { Err(format!("use one of {}", known.join(", "))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_with_equals_signs_keeps_them() {
        assert_eq!(key_value("OPTS=a=b"), Ok(("OPTS".to_owned(), "a=b".to_owned())));
    }

    #[test]
    fn value_without_key_says_the_form() {
        assert_eq!(key_value("=b"), Err("write it as KEY=VALUE".to_owned()));
        assert_eq!(key_value("b"), Err("write it as KEY=VALUE".to_owned()));
    }

    #[test]
    fn duration_without_unit_is_seconds() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1h 30m"), Ok(Duration::from_secs(5400)));
        assert!(duration("soon").is_err());
    }

    #[test]
    fn dependency_on_child_is_no_type() {
        let id = |id: &str| Some(id.to_owned());
        assert_eq!(depends_on("a-b:3"), Ok(DependsOn { job_id: id("a-b:3"), kind: None }));
        assert_eq!(depends_on("a-b:N_TO_N"), Ok(DependsOn { job_id: id("a-b"), kind: id("N_TO_N") }));
        assert_eq!(depends_on("SEQUENTIAL"), Ok(DependsOn { job_id: None, kind: id("SEQUENTIAL") }));
        assert!(depends_on("a-b:N_T_N").is_err());
        assert!(depends_on(":N_TO_N").is_err());
    }

    #[test]
    fn status_in_lower_case_is_understood() {
        assert_eq!(status("running"), Ok("RUNNING".to_owned()));
        assert!(status("done").is_err());
    }
}
