//! What the port offers: put together by the application, used by the front.

use crate::auth::Auth;
use crate::body::Body;
use crate::commander::{BoxFuture, Commander};
use crate::failure::Failure;
use crate::lingering::ObjectBody;
use crate::observer::Observer;
use crate::quotas::Quotas;
use longshore_logs::LogReader;
use longshore_store::Reader;
use std::fmt;
use std::sync::Arc;
use tokio::sync::watch;

/// An S3 endpoint. It verifies signatures by itself.
pub trait S3Route: Send + Sync {
    /// Answers one request.
    fn call(&self, request: http::Request<ObjectBody>) -> BoxFuture<'_, http::Response<Body>>;
}

/// AWS Batch over the control plane.
#[derive(Clone)]
pub struct BatchService {
    /// The way to the control plane.
    pub commander: Arc<dyn Commander>,
    /// What is committed.
    pub reader: Reader,
    /// What is enforced of requests as such.
    pub quotas: Arc<Quotas>,
}

impl BatchService {
    /// Runs `query`, which blocks, where blocking is allowed.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Reader) -> Result<T, longshore_store::Error> + Send + 'static,
    ) -> Result<T, Failure> {
        read(&self.reader, query).await
    }
}

/// Runs `query`, which blocks, where blocking is allowed.
async fn read<T: Send + 'static>(
    reader: &Reader,
    query: impl FnOnce(&Reader) -> Result<T, longshore_store::Error> + Send + 'static,
) -> Result<T, Failure> {
    let reader = reader.clone();
    blocking(move || query(&reader).map_err(|error| Failure::internal("read the database", error))).await
}

/// Runs `work`, which blocks, where blocking is allowed.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Failure::internal("run a query", error))?
}

/// CloudWatch Logs over the output of jobs.
#[derive(Clone, Debug)]
pub struct LogsService {
    /// Where streams are found.
    pub reader: Reader,
    /// Where their events are.
    pub output: LogReader,
}

impl LogsService {
    /// Runs `query`, which blocks, where blocking is allowed.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Reader) -> Result<T, longshore_store::Error> + Send + 'static,
    ) -> Result<T, Failure> {
        read(&self.reader, query).await
    }
}

/// Events, for those who follow them.
#[derive(Clone, Debug)]
pub struct EventsService {
    /// Where they are.
    pub reader: Reader,
    /// Changes with every commit.
    pub commits: watch::Receiver<u64>,
    /// Becomes true when the server is about to stop.
    pub stopping: watch::Receiver<bool>,
}

impl EventsService {
    /// Runs `query`, which blocks, where blocking is allowed.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Reader) -> Result<T, longshore_store::Error> + Send + 'static,
    ) -> Result<T, Failure> {
        read(&self.reader, query).await
    }
}

/// Everything that one port offers.
#[derive(Clone)]
pub struct Services {
    /// AWS Batch.
    pub batch: BatchService,
    /// CloudWatch Logs.
    pub logs: LogsService,
    /// Events.
    pub events: EventsService,
    /// Who watches.
    pub observer: Arc<dyn Observer>,
    /// S3, if this server has its own.
    pub s3: Option<Arc<dyn S3Route>>,
    /// How requests prove who sends them (Batch, Logs and STS).
    pub auth: Arc<Auth>,
    /// The account in every ARN: 12 digits.
    pub account: Arc<str>,
    /// The region of requests that carry no credentials.
    pub region: String,
}

impl fmt::Debug for BatchService {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BatchService").finish_non_exhaustive()
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { auth, account, region, s3, .. } = self;
        let mut form = formatter.debug_struct("Services");
        form.field("s3", &s3.is_some()).field("auth", auth).field("account", account).field("region", region);
        form.finish_non_exhaustive()
    }
}
