//! Following a container to its end.
//!
//! ```text
//!            output ends              it has ended
//!   Attached ───────────▶ Detached ───────────────▶ End
//!       ▲                    │ it runs on: its output was closed, or the engine went away
//!       └────────────────────┘ attached again
//! ```
//!
//! The end of the output is how the end of a container is noticed at once; its state is looked at now and then besides.

use crate::container::{Container, End};
use crate::memory::Watch;
use crate::{Engine, Error};
use bollard::Docker;
use bollard::container::LogOutput;
use bollard::models::{ContainerState, ContainerStateStatusEnum};
use bollard::query_parameters::KillContainerOptionsBuilder;
use futures::{Stream, StreamExt};
use std::io::Write;
use std::pin::Pin;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// What a container writes, as it comes.
pub(crate) type Output = Pin<Box<dyn Stream<Item = Result<LogOutput, bollard::errors::Error>> + Send>>;

/// How soon the state is looked at after the output has ended, and how seldom when nothing happens.
const LOOK_SOON: Duration = Duration::from_millis(5);
const LOOK_SELDOM: Duration = Duration::from_secs(1);
const LOOK_ATTACHED: Duration = Duration::from_secs(10);
/// How often the memory of a container is looked at.
const MEMORY: Duration = Duration::from_millis(100);
/// How long the rest of the output of a container that has ended may take.
const REST: Duration = Duration::from_secs(10);
/// How long an engine may be away before a container that was to be killed is given up.
const GIVEN_UP: Duration = Duration::from_secs(20);

const KILL: &str = "KILL";
/// 128 and SIGKILL.
const KILLED: i32 = 137;

/// What is known on the way.
struct Progress {
    oom_killed: bool,
    /// When SIGKILL was sent.
    killed: Option<Instant>,
    look_after: Duration,
    next_look: Instant,
    write_failed: bool,
}

enum Step {
    Chunk(Option<Result<LogOutput, bollard::errors::Error>>),
    Signal(String),
    Memory,
    Look,
}

/// Waits for the end of a container that was started.
pub(crate) async fn follow(container: &mut Container, sink: &mut impl Write) -> Result<End, Error> {
    let mut progress = Progress {
        oom_killed: false,
        killed: None,
        look_after: LOOK_SOON,
        next_look: Instant::now() + LOOK_ATTACHED,
        write_failed: false,
    };
    loop {
        match next(container, &progress).await {
            Step::Chunk(Some(Ok(chunk))) => progress.write(sink, chunk),
            Step::Chunk(_) => {
                container.output = None;
                progress.look_soon();
            }
            Step::Signal(signal) => progress.signal(&container.engine, &container.id, &signal).await,
            Step::Memory => {}
            Step::Look => {
                if let Some(code) = progress.look(container).await? {
                    progress.rest(container, sink).await;
                    let oom_killed = progress.oom_killed;
                    return Ok(End { code, oom_killed, was_killed: progress.killed.is_some() });
                }
            }
        }
        progress.look_at_memory(container.watch.as_ref());
    }
}

async fn next(container: &mut Container, progress: &Progress) -> Step {
    let Container { output, asked, watch, .. } = container;
    let chunk = async {
        match output {
            Some(output) => output.next().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        chunk = chunk => Step::Chunk(chunk),
        Some(signal) = asked.recv() => Step::Signal(signal),
        () = sleep_until(progress.next_look) => Step::Look,
        () = sleep(MEMORY), if watch.is_some() && !progress.oom_killed => Step::Memory,
    }
}

/// How a container is.
pub(crate) async fn state(docker: &Docker, id: &str) -> Result<ContainerState, Error> {
    Ok(docker.inspect_container(id, None).await?.state.unwrap_or_default())
}

impl Progress {
    fn write(&mut self, sink: &mut impl Write, chunk: LogOutput) {
        if let Err(error) = sink.write_all(&chunk.into_bytes())
            && !std::mem::replace(&mut self.write_failed, true)
        {
            tracing::warn!(%error, "output of a container is lost: free space on the data directory");
        }
    }

    async fn signal(&mut self, engine: &Engine, id: &str, signal: &str) {
        if signal == KILL {
            self.killed.get_or_insert_with(Instant::now);
        }
        let options = KillContainerOptionsBuilder::new().signal(signal).build();
        match engine.docker.kill_container(id, Some(options)).await.map_err(Error::from) {
            Err(error) if !error.is_not_found() && !error.is_conflict() => {
                tracing::warn!(id, signal, %error, "a container was not signalled");
            }
            _ => {}
        }
        self.look_soon();
    }

    fn look_at_memory(&mut self, watch: Option<&Watch>) {
        self.oom_killed |= watch.and_then(Watch::has_killed).unwrap_or(false);
    }

    fn look_soon(&mut self) {
        self.look_after = LOOK_SOON;
        self.next_look = Instant::now() + LOOK_SOON;
    }

    /// The exit code, once there is one.
    async fn look(&mut self, container: &mut Container) -> Result<Option<i32>, Error> {
        match state(&container.engine.docker, &container.id).await {
            Ok(state) if is_over(&state) => {
                self.oom_killed |= state.oom_killed.unwrap_or(false);
                return Ok(Some(state.exit_code.and_then(|code| i32::try_from(code).ok()).unwrap_or(KILLED)));
            }
            Ok(_) if container.output.is_none() && self.look_after >= LOOK_SELDOM => {
                // It has closed its output, or the engine was away. If there is no more output this ends at once.
                let _looked_at_again = container.attach().await;
            }
            Ok(_) => {}
            Err(error) if error.is_not_found() => {
                tracing::warn!(id = container.id, "a container was removed by somebody else");
                return Ok(Some(KILLED));
            }
            Err(error) if self.killed.is_some_and(|at| at.elapsed() > GIVEN_UP) => return Err(error),
            Err(error) => tracing::debug!(id = container.id, %error, "the engine does not say how a container is"),
        }
        self.look_after = (self.look_after * 2).min(LOOK_SELDOM);
        let after = if container.output.is_some() && self.killed.is_none() { LOOK_ATTACHED } else { self.look_after };
        self.next_look = Instant::now() + after;
        Ok(None)
    }

    /// Takes what is still on its way from a container that has ended.
    async fn rest(&mut self, container: &mut Container, sink: &mut impl Write) {
        let Some(mut output) = container.output.take() else { return };
        let rest = async {
            while let Some(Ok(chunk)) = output.next().await {
                self.write(sink, chunk);
            }
        };
        if timeout(REST, rest).await.is_err() {
            tracing::warn!(id = container.id, "the output of a container that has ended does not end");
        }
    }
}

fn is_over(state: &ContainerState) -> bool {
    let is = |status| state.status == Some(status);
    is(ContainerStateStatusEnum::EXITED) || is(ContainerStateStatusEnum::DEAD)
}
