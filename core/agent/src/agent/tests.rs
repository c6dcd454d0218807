//! What an agent does, one happening at a time, and what it never does whatever happens.

mod builder;
mod ending;
mod linking;
mod property;
mod seats;
mod stopping;
mod tasks;
