//! Both ways, and what is no code.

use super::{decode_text, encode};

#[test]
fn what_is_encoded_is_decoded_again() {
    for text in ["arn:aws:batch:us-east-1:1:job/x", "a b+c", "é%", "-_.~"] {
        assert_eq!(decode_text(&encode(text.as_bytes())), text);
    }
    assert_eq!(encode(b"a/b c"), "a%2Fb%20c");
}

#[test]
fn percent_that_begins_no_code_stands_for_itself() {
    for text in ["%", "%4", "%+1", "%zz", "100%"] {
        assert_eq!(decode_text(text), text);
    }
    assert_eq!(decode_text("%2f%2F%41"), "//A");
}
