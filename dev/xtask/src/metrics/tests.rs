//! The figures add up.

use super::{measure, quantile, source::Source};

#[test]
fn quantiles_are_elements() {
    assert_eq!((quantile(&[1, 2, 3, 4, 5], 50), quantile(&[1, 2, 3, 4, 5], 90), quantile(&[], 50)), (3, 4, 0));
}

#[test]
fn tests_and_generated_code_are_measured_apart() {
    let read = |path: &str| Source::read(path, "//! x\nfn f() {\n}\n");
    let paths = ["core/a/src/lib.rs", "core/a/src/lib/tests.rs", "api/a/src/generated/b.rs"];
    let figures = measure(&paths.map(read));
    assert_eq!((figures.files, figures.functions), (1, 1));
    assert!((figures.core_test_ratio - 1.0).abs() < 1e-9);
}
