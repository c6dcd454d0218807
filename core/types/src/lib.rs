//! The vocabulary every ring shares: ids, time, resources, statuses, names, limits.
//! Types here parse and print; they take no decisions and know no wire format of AWS.
#![forbid(unsafe_code)]
#![deny(missing_docs, clippy::float_arithmetic)]

mod document;
mod ids;
mod limits;
mod name;
mod parsed;
mod resources;
mod status;
mod time;

pub use document::Document;
pub use ids::{AttemptId, HostId, JobId, JobRef, ParseIdError};
pub use limits::{Limit, Limits, Quantity, SetLimitError, UNLIMITED};
pub use name::{Name, ParseNameError};
pub use resources::Resources;
pub use status::{JobStatus, ParseStatusError};
pub use time::Timestamp;
