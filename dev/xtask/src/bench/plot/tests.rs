//! Bars are to scale.

use super::{Bar, bars};

fn bar(name: &str, value: f64) -> Bar {
    Bar { name: name.into(), value, ours: false }
}

#[test]
fn bar_of_half_the_value_is_half_as_long() {
    let svg = bars("a < b", &[bar("one", 200.0), bar("half", 100.0)]);
    let widths: Vec<&str> =
        svg.lines().filter(|line| line.contains("height=\"18\"")).filter_map(|line| line.split('"').nth(5)).collect();
    assert_eq!(widths, ["450.0", "225.0"]);
    assert!(svg.contains("a &lt; b"));
}
