//! What is left of a script is what it takes to fail.

use super::shrink_by;
use crate::script::Script;

#[test]
fn lines_that_do_not_matter_are_left_out() {
    let text: String = (0..40).map(|second| format!("{second}s cancel j{second}\n")).collect();
    let script: Script = text.parse().unwrap();
    let names = |script: &Script, name: &str| script.lines.iter().any(|line| line.object == name);
    let shrunk = shrink_by(&script, |candidate| names(candidate, "j7") && names(candidate, "j31"));
    let left: Vec<&str> = shrunk.lines.iter().map(|line| line.object.as_str()).collect();
    assert_eq!(left, ["j7", "j31"]);
}
