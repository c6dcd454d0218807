//! So many a second, and no more.

use super::*;
use std::time::Duration;

/// How many of a hundred requests at this time are taken.
fn taken(bucket: &Bucket, now: Instant) -> usize {
    (0..100).filter(|_| bucket.take(now).is_ok()).count()
}

#[test]
fn err_6_bucket_takes_its_rate_at_once_and_again_over_a_second() {
    let (bucket, now) = (Bucket::new(50), Instant::now());
    assert_eq!(taken(&bucket, now), 50);
    assert_eq!(taken(&bucket, now + Duration::from_millis(100)), 5);
    assert_eq!(taken(&bucket, now + Duration::from_secs(60)), 50);
}

#[test]
fn unlimited_bucket_takes_everything() {
    assert_eq!(taken(&Bucket::new(u32::MAX), Instant::now()), 100);
    assert_eq!(taken(&Bucket::new(0), Instant::now()), 0);
}
