//! The HTTP face of Longshore: one port that speaks AWS Batch, CloudWatch Logs and STS, and hands everything else to S3.
//!
//! AWS's types stop here: each operation has one file that turns its request into a command or a query of ours and the
//! answer back. Nothing here decides about jobs, and nothing here touches the database but to read.

mod admission;
mod arn;
mod auth;
mod batch;
mod body;
mod commander;
mod consumables;
mod context;
mod definitions;
mod document;
mod ecs;
mod environments;
mod events;
mod explain;
mod failure;
mod front;
#[cfg(test)]
mod hostile;
mod jobs;
mod lingering;
mod logs;
mod named;
mod objects;
mod observer;
mod ops;
mod paging;
mod percent;
mod policies;
mod queues;
mod quota_shares;
mod quotas;
mod reply;
mod route;
mod server;
mod service_environments;
mod service_jobs;
mod services;
mod sts;
mod tags;
#[cfg(test)]
mod testing;

pub use auth::{AccessKey, Auth, Keys};
pub use body::{Body, BoxError};
pub use commander::{BoxFuture, CommandError, Commander};
pub use events::{EnvelopeError, EnvelopePage, Envelopes};
pub use lingering::ObjectBody;
pub use observer::{Answered, Exposition, Observer, Refusal, Unwatched};
pub use quotas::{Quotas, Rate};
pub use server::{Error, Server};
pub use services::{BatchService, EventsService, LogsService, S3Route, Services};
