//! What tables and errors look like.

use super::*;

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn table_with_coloured_cells_aligns_by_what_is_shown() {
    let mut table = Table::new(&["NAME", "STATUS", "REASON"]);
    table.row(vec!["a".into(), status("FAILED"), "Essential container in task exited".into()]);
    table.row(vec!["longer".into(), status("RUNNABLE"), String::new()]);
    let expected = "NAME    STATUS    REASON\n\
                    a       FAILED    Essential container in task exited\n\
                    longer  RUNNABLE";
    assert_eq!(plain(&table.render()), expected);
}

#[test]
fn error_with_cause_that_the_message_repeats_is_told_once() {
    let cause = anyhow::anyhow!("disk full");
    let told = describe(&cause.context("cannot write out: disk full"));
    assert_eq!(told, "cannot write out: disk full");
}

#[test]
fn error_with_new_cause_tells_both() {
    let cause = anyhow::anyhow!("disk full");
    assert_eq!(describe(&cause.context("cannot write out")), "cannot write out: disk full");
}
