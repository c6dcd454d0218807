//! Node ranges: how they are written, and which of them decides.

use super::{NodeRange, deciding};

fn range(text: &str) -> NodeRange {
    NodeRange::parse(text).unwrap()
}

#[test]
fn mnp_2_every_form_of_a_range_is_read() {
    for (text, first, last) in
        [("2", 2, Some(2)), ("1:3", 1, Some(3)), (":3", 0, Some(3)), ("2:", 2, None), (":", 0, None)]
    {
        assert_eq!(NodeRange::parse(text), Some(NodeRange { first, last }), "{text}");
    }
    for text in ["", "a", "1:b", "-1", "1:2:3", " 1", "99999999999"] {
        assert_eq!(NodeRange::parse(text), None, "{text}");
    }
}

#[test]
fn mnp_2_narrowest_range_decides_and_of_equal_ones_the_last() {
    let ranges = ["0:", "4:5", "2:6", "4:5", "9"].map(range);
    let decided = |node: u32| deciding(node, 10, ranges.iter().copied()).unwrap();
    assert_eq!([0, 2, 4, 6, 8, 9].map(decided), [0, 2, 3, 2, 0, 4]);
    assert_eq!(deciding(3, 10, [range("0:2")].into_iter()), None);
}
