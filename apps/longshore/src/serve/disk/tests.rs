//! When work is refused, and when it is taken again.

use super::*;
use crate::cli::Bounds;
use crate::serve::outputs::outputs;

fn disk(reserve: u64) -> Disk {
    Disk {
        data_dir: std::env::temp_dir(),
        set: Some(reserve),
        full: AtomicBool::new(false),
        free: AtomicU64::new(u64::MAX),
        size: AtomicU64::new(0),
        kept: Kept::new(Bounds::default(), &std::env::temp_dir(), (outputs().0, None)),
    }
}

#[test]
fn reserve_is_a_twentieth_of_a_small_disk() {
    assert_eq!(default_reserve(48 << 20), (48 << 20) / 20);
    assert_eq!(default_reserve(1 << 40), 512 << 20);
}

#[test]
fn disk_without_the_reserve_takes_nothing_and_one_without_reserve_all() {
    let full = disk(u64::MAX);
    full.look();
    assert!(!full.has_room());
    let none = disk(0);
    none.look();
    assert!(none.has_room());
    assert!(none.paths().disk_size.is_some_and(|size| size > 0));
}
