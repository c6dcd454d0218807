//! Texts of errors as they go out.

use super::{Failure, MAX_TEXT_CHARACTERS};
use crate::context::Context;

fn context() -> Context {
    Context::new("us-east-1", &"000000000000".into())
}

#[test]
fn long_text_is_cut_between_characters() {
    let message = Failure::client("é".repeat(100_000)).message(&context());
    assert_eq!(message, format!("{} ...", "é".repeat(MAX_TEXT_CHARACTERS)));
}

#[test]
fn refusal_keeps_its_request_id_however_long_its_text() {
    let context = context();
    let message = Failure::Refused { text: "x".repeat(100_000) }.message(&context);
    assert!(message.starts_with("Error executing request, Exception : xxx"));
    assert!(message.ends_with(&format!(" ..., RequestId: {}", context.request_id)));
}

#[test]
fn text_of_usual_length_goes_out_whole() {
    let text = "x".repeat(MAX_TEXT_CHARACTERS);
    assert_eq!(Failure::client(text.clone()).message(&context()), text);
}
