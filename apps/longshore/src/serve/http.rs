//! What the port offers, and to whom.

use super::commander::LoopHandle;
use super::data_dir::DataDir;
use super::watch::Watch;
use crate::cli::ServeOptions;
use http_body_util::BodyExt;
use longshore_http::{
    AccessKey, Auth, BatchService, Body, BoxFuture, EventsService, Keys, LogsService, ObjectBody, Quotas, S3Route,
    Services,
};
use longshore_logs::LogReader;
use longshore_s3::{Backend, Credentials, S3Endpoint};
use longshore_store::Reader;
use std::sync::Arc;

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(
        "refusing to listen on {listen}, which others can reach, without access keys; set LONGSHORE_ACCESS_KEY_ID and \
         LONGSHORE_SECRET_ACCESS_KEY, or listen on 127.0.0.1"
    )]
    Exposed { listen: std::net::IpAddr },
}

/// The access key that requests have to be signed with, when one is configured.
pub(super) fn configured_keys() -> Option<(String, String)> {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    Some((set("LONGSHORE_ACCESS_KEY_ID")?, set("LONGSHORE_SECRET_ACCESS_KEY")?))
}

/// On an address that others can reach, requests have to be signed.
pub(super) fn check_exposure(options: &ServeOptions) -> Result<(), Error> {
    if options.listen.is_loopback() || configured_keys().is_some() {
        return Ok(());
    }
    Err(Error::Exposed { listen: options.listen })
}

/// The embedded S3's objects, unless jobs are given another.
pub(super) fn objects(options: &ServeOptions, data_dir: &DataDir) -> Result<Option<Backend>, longshore_s3::Error> {
    let embedded = options.s3_endpoint.is_none();
    embedded.then(|| Backend::open_limited(&data_dir.s3(), options.bounds.s3)).transpose()
}

pub(super) fn services(
    options: &ServeOptions,
    data_dir: &DataDir,
    (handle, observer): (&LoopHandle, Arc<Watch>),
    (reader, events, objects): (Reader, EventsService, Option<Backend>),
) -> anyhow::Result<Services> {
    let keys = configured_keys();
    let s3: Option<Arc<dyn S3Route>> = match objects {
        None => None,
        Some(backend) => {
            let credentials = match &keys {
                Some(key) => {
                    let keys = access_keys(key.clone());
                    Credentials::Known(Arc::new(move |id| keys.secret_of(id, super::now().as_millis() / 1_000)))
                }
                None => Credentials::AcceptAny,
            };
            Some(Arc::new(EmbeddedS3(longshore_s3::service(backend, credentials))))
        }
    };
    let auth = match keys {
        Some(key) => Auth::Keys(access_keys(key)),
        None => Auth::AcceptAny,
    };
    Ok(Services {
        observer,
        events,
        logs: LogsService { reader: reader.clone(), output: LogReader::new(&data_dir.output()) },
        batch: BatchService {
            commander: Arc::new(handle.clone()),
            reader,
            quotas: Arc::new(Quotas::new(options.limits.clone())),
        },
        s3,
        auth: Arc::new(auth),
        account: options.account.as_str().into(),
        region: options.region.clone(),
    })
}

fn access_keys((id, secret): (String, String)) -> Keys {
    Keys::new([AccessKey { id, secret, user: "longshore".into() }])
}

struct EmbeddedS3(S3Endpoint);

impl S3Route for EmbeddedS3 {
    fn call(&self, request: http::Request<ObjectBody>) -> BoxFuture<'_, http::Response<Body>> {
        Box::pin(async move { self.0.call(request).await.map(BodyExt::boxed_unsync) })
    }
}
