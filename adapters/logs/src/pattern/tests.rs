//! Patterns by example: what matches, what does not, and what is no pattern.

use super::Pattern;
use crate::Error;

fn check(pattern: &str, matching: &[&str], other: &[&str]) {
    let parsed = Pattern::parse(pattern).unwrap();
    for message in matching {
        assert!(parsed.matches(message), "{pattern} should match {message}");
    }
    for message in other {
        assert!(!parsed.matches(message), "{pattern} should not match {message}");
    }
}

#[test]
fn cwl_3_empty_pattern_matches_everything() {
    check("", &["", "x"], &[]);
    check("  ", &["x"], &[]);
}

#[test]
fn cwl_3_words_have_to_be_there_all() {
    check("ERROR disk", &["disk: ERROR", "ERROR disks"], &["ERROR", "error disk"]);
    check("\"no space\" left", &["no space left"], &["no  space left"]);
    check(r#""say \"hi\" \ ""#, &[r#"say "hi" \ !"#], &["say hi"]);
}

#[test]
fn cwl_3_question_marks_need_one_of_several() {
    check("?WARN ?ERROR", &["WARN", "an ERROR"], &["INFO"]);
    check("?WARN -quiet", &["WARN"], &["WARN quiet", "INFO"]);
    check("?WARN main", &["main"], &["WARN"]);
}

#[test]
fn cwl_3_minus_excludes() {
    check("ERROR -\"exit code 0\"", &["ERROR exit code 1"], &["ERROR exit code 0"]);
    check("-debug", &["", "info"], &["debug"]);
}

#[test]
fn cwl_3_percent_signs_enclose_a_regular_expression() {
    check("%4[0-9]{2} %", &["status 404 "], &["status 504 "]);
    check("GET -%5..%", &["GET 200"], &["GET 500", "PUT 200"]);
}

#[test]
fn cwl_3_json_compares_numbers_and_text() {
    let log = r#"{"a":1,"status":404,"path":"/api/jobs","nested":{"list":[{"k v":"x"}]},"ok":true,"none":null}"#;
    for pattern in [
        "{ $.a = 1 }",
        "{$.a=1.0}",
        "{ $.a != 2 && $.status >= 4.04e2 }",
        "{ $.status > 403 && $.status < 405 && $.status <= 404 }",
        r#"{ $.path = "/api/*" }"#,
        r#"{ $.path = */jobs }"#,
        r#"{ $.path = "*p*j*" && $.path != "api" }"#,
        r#"{ $.path = %^/a.i/% }"#,
        r#"{ $.nested.list[0]["k v"] = x }"#,
        "{ $.ok IS TRUE && $.none is null && $.absent NOT EXISTS && $.a EXISTS }",
        "{ $.a = 2 || $.a = 1 && $.status = 404 }",
        "{ ($.a = 2 || $.a = 1) && ($.status = 404) }",
    ] {
        check(pattern, &[log, &format!(" {log} ")], &["", "a = 1", "[1]", "{\"a\":"]);
    }
    for pattern in [
        "{ $.a = 2 }",
        "{ $.a = 1 && $.status = 500 }",
        "{ $.absent != 1 }",
        "{ $.absent IS NULL }",
        r#"{ $.path = "api" }"#,
        r#"{ $.path = "/api/*/x" }"#,
        r#"{ $.path = "/api/jobs*/api/jobs" }"#,
        "{ ($.a = 1 || $.a = 2) && $.status = 1 }",
        "{ $.none EXISTS && $.ok IS FALSE }",
    ] {
        check(pattern, &[], &[log]);
    }
}

#[test]
fn cwl_3_malformed_pattern_is_refused() {
    let deep = format!("{{ {} $.a = 1 {} }}", "(".repeat(100), ")".repeat(100));
    for pattern in [
        "\"open",
        "%open",
        "%(%",
        "%%",
        "?",
        "-",
        "a\"b\"",
        "[a, b]",
        "{",
        "{}",
        "{ }",
        "{ $.a }",
        "{ a = 1 }",
        "{ $.a = }",
        "{ $.a < x }",
        "{ $.a = 1 && }",
        "{ $.a = 1 } x",
        "{ ($.a = 1 }",
        "{ $.a = 1 $.b = 2 }",
        "{ $ = 1 }",
        "{ $.a[x] = 1 }",
        "{ $.a IS 3 }",
        "{ $.a NOT NULL }",
        &deep,
    ] {
        let error = Pattern::parse(pattern).map(|parsed| format!("{parsed:?}")).expect_err(pattern);
        assert!(matches!(error, Error::InvalidFilterPattern));
        assert_eq!(error.to_string(), "Invalid filter pattern");
    }
}
