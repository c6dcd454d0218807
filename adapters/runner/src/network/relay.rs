//! One thread that passes connections on, from all namespaces to where their endpoints are. It looks at no byte of them.

use super::Endpoint;
use std::io;
use std::net::TcpListener as StdListener;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Handle};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;

/// Connections that the containers of one namespace have open at once; more wait for one of them to end.
const CONNECTIONS: usize = 512;
/// After a failed accept, which a lack of descriptors is the reason of.
const PAUSE: Duration = Duration::from_millis(50);

/// The thread. It ends with the value.
#[derive(Debug)]
pub(super) struct Relay {
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Listeners that are served, and their connections, until the value is dropped.
#[derive(Debug)]
pub(super) struct Relayed {
    _stop: oneshot::Sender<()>,
}

impl Relay {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().max_blocking_threads(2).build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let run = move || {
            let _dropped = runtime.block_on(stopped);
        };
        let thread = thread::Builder::new().name("networks".into()).spawn(run)?;
        Ok(Self { handle, stop: Some(stop), thread: Some(thread) })
    }

    /// Serves listeners.
    pub(super) fn pass_on(&self, listeners: Vec<(StdListener, Endpoint)>) -> io::Result<Relayed> {
        let _in_the_runtime = self.handle.enter();
        let ready = |(listener, endpoint): (StdListener, Endpoint)| {
            listener.set_nonblocking(true)?;
            Ok((TcpListener::from_std(listener)?, endpoint))
        };
        let listeners: Vec<(TcpListener, Endpoint)> = listeners.into_iter().map(ready).collect::<io::Result<_>>()?;
        let (stop, stopped) = oneshot::channel::<()>();
        self.handle.spawn(async move {
            let places = Arc::new(Semaphore::new(CONNECTIONS));
            let mut served = JoinSet::new();
            for (listener, endpoint) in listeners {
                served.spawn(serve(listener, endpoint, Arc::clone(&places)));
            }
            let _dropped = stopped.await;
        });
        Ok(Relayed { _stop: stop })
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _panicked_and_said_so = thread.join();
        }
    }
}

async fn serve(listener: TcpListener, endpoint: Endpoint, places: Arc<Semaphore>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((connection, _)) => {
                let (host, port) = (endpoint.host.clone(), endpoint.port);
                connections.spawn(async move {
                    pass(connection, (&host, port)).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(url = endpoint.url, %error, "a container's connection was not taken");
                tokio::time::sleep(PAUSE).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

/// An endpoint that is away is seen as a connection that ends at once.
async fn pass(mut inner: TcpStream, place: (&str, u16)) {
    match TcpStream::connect(place).await {
        Ok(mut outer) => {
            let _answers_are_not_to_wait = inner.set_nodelay(true).and(outer.set_nodelay(true));
            let ended = copy_bidirectional(&mut inner, &mut outer).await;
            tracing::trace!(?ended, "a container's connection has ended");
        }
        Err(error) => tracing::debug!(host = place.0, port = place.1, %error, "an endpoint of containers is away"),
    }
}
