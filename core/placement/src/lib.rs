//! Deciding which demand goes to which host. A [`Problem`] says what there is; a [`Space`] made of it is asked demand by
//! demand, best first, and answers with assignments, reservations and shortages. Hosts, pools and demands are ordinals;
//! this crate knows nothing of jobs, queues or AWS, and never looks at one job at a time: equal demands are one.
#![forbid(unsafe_code)]
#![deny(missing_docs, clippy::float_arithmetic)]

mod problem;
mod space;

pub use problem::{
    Assignment, Consumable, Demand, Host, Member, Need, Pool, Problem, Reservation, Shape, ShortHost, Shortage,
};
pub use space::Space;
