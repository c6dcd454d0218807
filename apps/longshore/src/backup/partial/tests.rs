//! What is left of a place that became something, that did not, and that was in use.

use super::*;

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

#[test]
fn place_that_became_something_leaves_that_alone() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("b");
    let partial = Partial::open(&target, ".partial").unwrap();
    partial.write("x", b"1").unwrap();
    assert_eq!(names(root.path()), ["b.partial"]);
    partial.become_directory(&target).unwrap();
    assert_eq!((names(root.path()), names(&target)), (vec!["b".to_owned()], vec!["x".to_owned()]));
}

#[test]
fn file_that_exists_is_not_replaced() {
    let root = tempfile::tempdir().unwrap();
    let target = root.path().join("b.tar");
    let partial = Partial::open(&target, ".partial").unwrap();
    partial.write("x", b"1").unwrap();
    fs::write(&target, "mine").unwrap();
    assert!(matches!(partial.become_file("x", &target), Err(Error::Write { .. })));
    assert_eq!(
        (names(root.path()), fs::read_to_string(&target).unwrap()),
        (vec!["b.tar".to_owned()], "mine".to_owned())
    );
}

#[test]
fn place_given_up_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    drop(Partial::open(&root.path().join("b"), ".partial").unwrap());
    assert_eq!(names(root.path()), Vec::<String>::new());
}

#[test]
fn left_over_of_a_killed_process_is_taken_over_and_nothing_else() {
    let root = tempfile::tempdir().unwrap();
    let (target, left) = (root.path().join("b"), root.path().join("b.partial"));
    fs::create_dir(&left).unwrap();
    fs::write(left.join("mine"), "").unwrap();
    assert!(matches!(Partial::open(&target, ".partial"), Err(Error::NotPartial { .. })));
    fs::write(left.join(MARK), "").unwrap();
    let partial = Partial::open(&target, ".partial").unwrap();
    assert_eq!(names(&left), [MARK]);
    assert!(matches!(Partial::open(&target, ".partial"), Err(Error::PartialInUse { .. })));
    drop(partial);
}
