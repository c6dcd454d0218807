//! A priority queue for shortest-path searches: a four-ary heap, shallower and kinder to the cache than a binary one.
//! Keys are never decreased; a better one is pushed and the stale one is skipped by the caller.

/// A key and a node in one integer, so that one comparison orders both: by key, then by node.
pub(crate) trait Entry: Copy + Ord + std::fmt::Debug {
    fn new(key: u64, node: u32) -> Self;
    fn key(self) -> u64;
    fn node(self) -> u32;
}

/// For keys below 2^32.
impl Entry for u64 {
    #[inline]
    fn new(key: u64, node: u32) -> Self {
        key << 32 | Self::from(node)
    }

    #[inline]
    fn key(self) -> u64 {
        self >> 32
    }

    #[inline]
    fn node(self) -> u32 {
        self as u32
    }
}

/// For any keys.
impl Entry for u128 {
    #[inline]
    fn new(key: u64, node: u32) -> Self {
        Self::from(key) << 32 | Self::from(node)
    }

    #[inline]
    fn key(self) -> u64 {
        (self >> 32) as u64
    }

    #[inline]
    fn node(self) -> u32 {
        self as u32
    }
}

/// Smallest key first.
#[derive(Debug)]
pub(crate) struct Heap<E> {
    entries: Vec<E>,
}

impl<E: Entry> Heap<E> {
    pub(crate) fn new() -> Self {
        Self { entries: Vec::new() }
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    /// The smallest key.
    pub(crate) fn peek(&self) -> Option<u64> {
        self.entries.first().map(|entry| entry.key())
    }

    #[inline]
    pub(crate) fn push(&mut self, key: u64, node: u32) {
        let entry = E::new(key, node);
        self.entries.push(entry);
        self.rise(self.entries.len() - 1, entry);
    }

    pub(crate) fn pop(&mut self) -> Option<(u64, u32)> {
        let last = self.entries.pop()?;
        let Some(&smallest) = self.entries.first() else { return Some((last.key(), last.node())) };
        // The last entry nearly always belongs far down: let the hole sink all the way, then rise.
        let mut hole = 0;
        while let Some(least) = self.least_child(hole) {
            self.entries[hole] = self.entries[least];
            hole = least;
        }
        self.rise(hole, last);
        Some((smallest.key(), smallest.node()))
    }

    #[inline]
    fn least_child(&self, above: usize) -> Option<usize> {
        let first = above * 4 + 1;
        let entries = &self.entries[..];
        if let Some(&[a, b, c, d]) = entries.get(first..first + 4) {
            let (left, right) = (first + usize::from(b < a), first + 2 + usize::from(d < c));
            return Some(if d.min(c) < a.min(b) { right } else { left });
        }
        (first..entries.len()).min_by_key(|&child| entries[child])
    }

    /// Puts `entry` into the hole or where it rises to from there.
    #[inline]
    fn rise(&mut self, mut hole: usize, entry: E) {
        while hole > 0 {
            let above = (hole - 1) / 4;
            if self.entries[above] <= entry {
                break;
            }
            self.entries[hole] = self.entries[above];
            hole = above;
        }
        self.entries[hole] = entry;
    }
}
