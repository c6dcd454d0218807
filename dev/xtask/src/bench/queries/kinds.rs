//! What is asked, spread over all that there is.

use crate::bench::load::Connection;
use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};

/// Jobs in a call of DescribeJobs, and of a page: the most that the one takes, and the other by filters.
const PER_CALL: u32 = 100;

/// A kind of query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    DescribeSingles,
    DescribeEndedChildren,
    DescribeWaitingChildren,
    ListWaiting,
    ListEnded,
    ListNextPage,
    ListBefore,
    ListByName,
    ListByDefinition,
    ListEndedChildren,
    ListWaitingChildren,
}

/// What the database was filled with.
#[derive(Debug)]
pub(super) struct Filled {
    array: String,
    created: (i64, i64),
    each: u32,
}

/// What the program that filled it says.
#[derive(Debug, Deserialize)]
struct Said {
    array: String,
    first_created_at: i64,
    last_created_at: i64,
}

impl Kind {
    pub(super) const ALL: [Self; 11] = [
        Self::DescribeSingles,
        Self::DescribeEndedChildren,
        Self::DescribeWaitingChildren,
        Self::ListWaiting,
        Self::ListEnded,
        Self::ListNextPage,
        Self::ListBefore,
        Self::ListByName,
        Self::ListByDefinition,
        Self::ListEndedChildren,
        Self::ListWaitingChildren,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::DescribeSingles => "DescribeJobs(100), single jobs",
            Self::DescribeEndedChildren => "DescribeJobs(100), ended children",
            Self::DescribeWaitingChildren => "DescribeJobs(100), waiting children",
            Self::ListWaiting => "ListJobs(100), RUNNABLE",
            Self::ListEnded => "ListJobs(100), SUCCEEDED",
            Self::ListNextPage => "ListJobs(100), SUCCEEDED, next page",
            Self::ListBefore => "ListJobs(100), BEFORE_CREATED_AT",
            Self::ListByName => "ListJobs(100), JOB_NAME",
            Self::ListByDefinition => "ListJobs(100), JOB_DEFINITION",
            Self::ListEndedChildren => "ListJobs(100), ended children",
            Self::ListWaitingChildren => "ListJobs(100), waiting children",
        }
    }
}

impl Filled {
    pub(super) fn read(said: &[u8], each: u32) -> Result<Self> {
        let said: Said = serde_json::from_slice(said).context("failed to read what was filled in")?;
        Ok(Self { array: said.array, created: (said.first_created_at, said.last_created_at), each })
    }

    pub(super) fn nobody() -> (&'static str, Value) {
        ("DescribeJobs", json!({ "jobs": ["00000000-0000-0000-0000-000000000000"] }))
    }

    /// Call number `call` of a kind; it may take other calls to know what to ask for.
    pub(super) fn request(&self, connection: &mut Connection, kind: Kind, call: u32) -> Result<(&'static str, Value)> {
        let status = |status: &str| json!({ "jobQueue": "default", "jobStatus": status, "maxResults": PER_CALL });
        let children = |status: &str| json!({ "arrayJobId": self.array, "jobStatus": status, "maxResults": PER_CALL });
        Ok(match kind {
            Kind::DescribeSingles => ("DescribeJobs", json!({ "jobs": ids(connection, &self.before(call))? })),
            Kind::DescribeEndedChildren => ("DescribeJobs", self.children(call, 0)),
            Kind::DescribeWaitingChildren => ("DescribeJobs", self.children(call, self.each)),
            Kind::ListWaiting => ("ListJobs", status("RUNNABLE")),
            Kind::ListEnded => ("ListJobs", status("SUCCEEDED")),
            Kind::ListNextPage => {
                let mut list = status("SUCCEEDED");
                list["nextToken"] = connection.call("ListJobs", &list)?["nextToken"].clone();
                ("ListJobs", list)
            }
            Kind::ListBefore => ("ListJobs", self.before(call)),
            Kind::ListByName => ("ListJobs", filtered("JOB_NAME", "true*")),
            Kind::ListByDefinition => ("ListJobs", filtered("JOB_DEFINITION", "h*")),
            Kind::ListEndedChildren => ("ListJobs", children("SUCCEEDED")),
            Kind::ListWaitingChildren => ("ListJobs", children("RUNNABLE")),
        })
    }

    /// Jobs that came before a time that differs from call to call.
    fn before(&self, call: u32) -> Value {
        let (first, last) = self.created;
        let time = last - (i64::from(call) * 7_919) % (last - first).max(1);
        filtered("BEFORE_CREATED_AT", &time.to_string())
    }

    fn children(&self, call: u32, from: u32) -> Value {
        let index = |place: u32| from + (call * 7_919 + place * (self.each / PER_CALL).max(1)) % self.each;
        json!({ "jobs": (0..PER_CALL).map(|place| format!("{}:{}", self.array, index(place))).collect::<Vec<_>>() })
    }
}

fn filtered(name: &str, value: &str) -> Value {
    json!({ "jobQueue": "default", "filters": [{ "name": name, "values": [value] }], "maxResults": PER_CALL })
}

fn ids(connection: &mut Connection, list: &Value) -> Result<Vec<Value>> {
    let answer = connection.call("ListJobs", list)?;
    let jobs = answer["jobSummaryList"].as_array().context("ListJobs answers no list")?;
    Ok(jobs.iter().map(|job| job["jobId"].clone()).collect())
}
