//! The HTTP face of the store: credentials, host names, and the hand-over to the s3s protocol layer.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, S3Error, S3Request, S3Result, TrailingHeaders};

use crate::backend::Backend;

mod chunked;
mod host;
mod keys;
mod unsigned;

/// The body of every response; it streams.
pub type BoxBody = http_body_util::combinators::BoxBody<Bytes, Box<dyn StdError + Send + Sync>>;

/// The secret of an access key, if it is one.
pub type SecretOf = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Whom the endpoint serves.
#[derive(Clone)]
pub enum Credentials {
    /// Everybody: signatures are not verified and may be absent. For a loopback address only. A presigned URL still
    /// expires.
    AcceptAny,
    /// Holders of one of these keys (access key → secret key); every request must be signed.
    Keys(BTreeMap<String, String>),
    /// Holders of a key whose secret this function knows; every request must be signed.
    Known(Arc<SecretOf>),
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AcceptAny => f.write_str("AcceptAny"),
            // Never the secrets.
            Self::Keys(keys) => f.debug_tuple("Keys").field(&keys.keys()).finish(),
            Self::Known(_) => f.write_str("Known"),
        }
    }
}

/// Answers S3 requests over a store. Clones share it.
#[derive(Clone)]
pub struct S3Endpoint {
    service: S3Service,
    is_open: bool,
}

impl std::fmt::Debug for S3Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Endpoint").field("is_open", &self.is_open).finish_non_exhaustive()
    }
}

/// The endpoint over `backend` for those who hold `credentials`. Buckets are addressed by path
/// (`http://host:port/bucket/key`) or by host (`bucket.localhost`, `bucket.s3.localhost`).
pub fn service(backend: Backend, credentials: Credentials) -> S3Endpoint {
    let mut builder = S3ServiceBuilder::new(backend);
    builder.set_host(host::Localhost);
    let is_open = match credentials {
        Credentials::AcceptAny => true,
        Credentials::Keys(keys) => {
            builder.set_auth(keys::Keys::new(keys));
            false
        }
        Credentials::Known(secret_of) => {
            builder.set_auth(keys::Known::new(secret_of));
            false
        }
    };
    S3Endpoint { service: builder.build(), is_open }
}

impl S3Endpoint {
    /// Answers one request. Errors are S3's XML documents; the response body of a GET streams from disk.
    pub async fn call<B>(&self, request: Request<B>) -> Response<BoxBody>
    where
        B: hyper::body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let request = request.map(|body| Body::http_body_unsync(http_body_util::BodyExt::map_err(body, Into::into)));
        let response = match self.admit(request) {
            Ok(request) => self.service.call(request).await,
            Err(refusal) => refusal.to_http_response().map_err(|e| s3s::HttpError::new(Box::new(e))),
        };
        response.unwrap_or_else(|error| broken(error.into())).map(BoxBody::new)
    }

    fn admit(&self, request: Request<Body>) -> S3Result<Request<Body>> {
        if self.is_open { unsigned::admit(request) } else { Ok(request) }
    }
}

/// The answer when not even an error document could be written.
fn broken(error: Box<dyn StdError + Send + Sync>) -> Response<Body> {
    tracing::error!(%error, "no S3 response could be built");
    let mut response = Response::new(Body::empty());
    *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// The trailer of a chunked body, whichever of the two decoders reads it. Complete once the body has been read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trailer {
    own: Arc<Mutex<Option<HeaderMap>>>,
    verified: Option<TrailingHeaders>,
}

impl Trailer {
    pub(crate) fn of<T>(request: &S3Request<T>) -> Self {
        let own = request.extensions.get::<Self>().map(|trailer| Arc::clone(&trailer.own)).unwrap_or_default();
        Self { own, verified: request.trailing_headers.clone() }
    }

    pub(crate) fn take(&self) -> Option<HeaderMap> {
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner).take();
        own.or_else(|| self.verified.as_ref().and_then(TrailingHeaders::take))
    }

    fn set(&self, headers: HeaderMap) {
        *self.own.lock().unwrap_or_else(PoisonError::into_inner) = Some(headers);
    }
}

/// A refusal before any operation is known.
fn refuse(code: s3s::S3ErrorCode, message: &'static str) -> S3Error {
    S3Error::with_message(code, message)
}
