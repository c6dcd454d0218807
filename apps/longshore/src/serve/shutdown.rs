//! When to stop: on SIGTERM or SIGINT, and for a private server also when its standard input closes, so that it never
//! outlives whoever started it, not even after a kill -9.

use crate::cli::ServeOptions;
use tokio::sync::watch;

/// Becomes true when the server is to stop.
#[derive(Debug)]
pub(super) struct Stop(watch::Receiver<bool>);

impl Stop {
    pub(super) fn listen(options: &ServeOptions) -> anyhow::Result<Self> {
        let (stop, requested) = watch::channel(false);
        let interrupt = crate::interrupt::Interrupt::install()?;
        let by_signal = stop.clone();
        std::thread::Builder::new().name("stop-signal".into()).spawn(move || {
            while interrupt.pause(std::time::Duration::from_secs(3_600)).is_ok() {}
            by_signal.send_replace(true);
        })?;
        if options.private {
            std::thread::Builder::new().name("stop-stdin".into()).spawn(move || {
                // Whatever is written there is ignored; only the end counts.
                let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
                stop.send_replace(true);
            })?;
        }
        Ok(Self(requested))
    }

    pub(super) async fn requested(mut self) {
        if self.0.wait_for(|stop| *stop).await.is_err() {
            // Nobody can ask any more.
            std::future::pending::<()>().await;
        }
    }
}
