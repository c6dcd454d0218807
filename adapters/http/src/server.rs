//! The listening socket and its connections: HTTP/1.1 with keep-alive. Knows nothing of what is asked.

use crate::body::Body;
use crate::context::Context;
use crate::front;
use crate::observer::Observer;
use crate::ops;
use crate::services::Services;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long a client may take to send a request's head, idle time of a kept connection included.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(120);
/// How long open requests may take once the server is asked to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// How long to wait after `accept` has failed, which it does when descriptors run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Connections of those who only watch.
const OPS_CONNECTIONS: usize = 64;

/// Why the server cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another program has the port.
    #[error(
        "port {} on {} is in use by another program; stop it, or choose another port with --port (0 picks a free one)",
        .address.port(), .address.ip()
    )]
    PortInUse {
        /// The address.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("failed to listen on {address}; choose another address with --listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// A bound server that has not begun to answer.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Binds `address`; port 0 picks a free one.
    ///
    /// # Errors
    /// [`Error::PortInUse`] and [`Error::Listen`] say what to do.
    pub async fn bind(address: SocketAddr) -> Result<Self, Error> {
        let listen = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => Error::PortInUse { address },
            _ => Error::Listen { address, source },
        };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(|source| Error::Listen { address, source })?;
        Ok(Self { listener, address })
    }

    /// The address that is listened on, with the port that was picked.
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `shutdown` completes, then lets open requests end. Who comes when there are
    /// `open_connections` of them already is told to come again.
    pub async fn run(self, services: Services, open_connections: usize, shutdown: impl Future<Output = ()>) {
        self.serve(Face::All(Box::new(services)), open_connections, shutdown).await;
    }

    /// The same, with nothing but how the server is: `/metrics`, `/healthz` and `/readyz`, for anybody.
    pub async fn run_ops(self, observer: Arc<dyn Observer>, shutdown: impl Future<Output = ()>) {
        self.serve(Face::Ops(observer), OPS_CONNECTIONS, shutdown).await;
    }

    async fn serve(self, face: Face, open_connections: usize, shutdown: impl Future<Output = ()>) {
        let face = Arc::new(face);
        let mut door = Door { most: open_connections, full: false };
        let (stop, stopping) = watch::channel(false);
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) if door.admits(connections.len()) => {
                        drop(connections.spawn(serve(stream, Arc::clone(&face), stopping.clone())));
                    }
                    Ok((stream, _)) => refuse(&stream),
                    Err(error) => {
                        tracing::warn!(%error, "failed to accept a connection");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
                Some(_) = connections.join_next() => {}
            }
        }
        drop(self.listener);
        // Nobody listening means that every connection has ended already.
        let _ = stop.send(true);
        let drained = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_TIMEOUT, drained).await.is_err() {
            tracing::warn!("requests still open at shutdown were dropped");
        }
    }
}

/// Counts connections, and says once when there are too many.
struct Door {
    most: usize,
    full: bool,
}

impl Door {
    /// Whether there is room for another beside so many.
    fn admits(&mut self, open: usize) -> bool {
        let full = open >= self.most;
        if full && !self.full {
            tracing::warn!(open, "too many connections: further ones are refused until some end");
        }
        self.full = full;
        !full
    }
}

/// What a connection hears that is one too many; every AWS SDK tries again then.
const REFUSAL: &[u8] = b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\nconnection: close\r\n\
    content-type: application/json\r\nx-amzn-errortype: TooManyRequestsException\r\ncontent-length: 43\r\n\r\n\
    {\"message\":\"too many connections are open\"}";

/// Never waits: whoever does not take the answer at once has to do without.
fn refuse(stream: &TcpStream) {
    // What is left unread would turn the end of the connection into a failure that hides the answer.
    let _what_has_arrived = stream.try_read(&mut [0; 4096]);
    let _best_effort = stream.try_write(REFUSAL);
}

/// What a port offers.
enum Face {
    All(Box<Services>),
    Ops(Arc<dyn Observer>),
}

impl Face {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        match self {
            Self::All(services) => front::answer(services, request).await,
            Self::Ops(observer) => {
                let context = Context::new("", &Arc::from(""));
                let asked = ops::on_own_port(request.method(), request.uri().path());
                ops::answer_anybody(asked, &context, observer.as_ref()).await
            }
        }
    }
}

async fn serve(stream: TcpStream, face: Arc<Face>, mut stopping: watch::Receiver<bool>) {
    // Small answers go out at once; failing to say so only costs time.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let face = Arc::clone(&face);
        async move { Ok::<_, Infallible>(face.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let stopped = async { stopping.wait_for(|stop| *stop).await.map(|_| ()) };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopped => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended early");
    }
}

#[cfg(test)]
mod tests;
