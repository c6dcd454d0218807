//! What is asked for, out of the query string.

use crate::arn;
use crate::failure::Failure;
use crate::percent::decode_text;
use longshore_store::EventQuery;
use longshore_types::{JobStatus, Timestamp};
use std::str::FromStr;
use std::time::Duration;

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 1_000;
/// Longest wait for a first event. Clients and proxies give up on silence, so it is well under a minute.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// A place to begin that is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// With the first event at or after this.
    Since(Timestamp),
    /// With what happens next.
    Latest,
}

/// A request for events.
#[derive(Debug)]
pub(super) struct EventsRequest {
    /// What is selected.
    pub(super) query: EventQuery,
    /// Where to begin, instead of after a number.
    pub(super) begin: Option<Begin>,
    /// How long to wait for a first event.
    pub(super) wait: Duration,
}

impl EventsRequest {
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let query = EventQuery { limit: LIMIT_DEFAULT, ..EventQuery::default() };
        let mut request = Self { query, begin: None, wait: Duration::ZERO };
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            request.set(name, &decode_text(value))?;
        }
        Ok(request)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        match name {
            "after" if value == "latest" => self.begin = Some(Begin::Latest),
            "after" => self.query.after = number(name, value)?,
            "since" => self.begin = Some(Begin::Since(Timestamp::from_millis(number(name, value)?))),
            "limit" => self.query.limit = number::<usize>(name, value)?.clamp(1, LIMIT_MAX),
            "wait_ms" => self.wait = Duration::from_millis(number(name, value)?).min(WAIT_MAX),
            "job" => {
                let job =
                    arn::job_ref(value).ok_or_else(|| Failure::client(format!("{value:?} is not the id of a job.")))?;
                self.query.job = Some(job);
            }
            "queue" => {
                let queue = arn::name_of("job-queue", value).parse();
                self.query.queue = Some(queue.map_err(|_| Failure::client(format!("{value:?} is not a job queue.")))?);
            }
            "status" => {
                let status = |text: &str| JobStatus::from_str(text).map_err(|error| Failure::client(error.to_string()));
                let statuses = value.split(',').map(status).collect::<Result<Vec<_>, _>>()?;
                self.query.statuses.extend(statuses);
            }
            _ => return Err(Failure::client(format!("There is no parameter {name}."))),
        }
        Ok(())
    }
}

fn number<T: FromStr>(name: &str, value: &str) -> Result<T, Failure> {
    value.parse().map_err(|_| Failure::client(format!("{name} is a number, not {value:?}.")))
}
