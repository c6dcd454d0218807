//! What containers leave behind. A process of its own, because descriptors and groups of the whole process are counted.

#[cfg(test)]
mod leaks;
