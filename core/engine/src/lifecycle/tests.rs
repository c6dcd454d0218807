//! The life of jobs, rule by rule; and random lives, audited after every step.

mod arrays;
mod attempts;
mod dependencies;
mod events;
mod given_up;
mod nodes;
mod random;
mod tasks;
