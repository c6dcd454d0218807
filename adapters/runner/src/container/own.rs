//! Our own launcher: does in this process what an OCI runtime does, from the same document. The document becomes a plan, all
//! of which is made before the container's first process; that takes the plan's steps and executes the program. What the
//! document asks for and the plan does not know is refused, never left out.

mod among;
mod cradle;
mod document;
mod filter;
mod mounts;
mod plan;
mod privileges;

use super::bundle::Bundle;
use super::failure::Failure;
use super::root::Root;
use super::runtime::First;
use crate::children;
use crate::command;
use crate::failure::{self as process_failure, Found, text};
use crate::launcher::Shared;
use crate::limit::Cell;
use crate::sys::Stack;
use crate::sys::contained::{Birth, Miscarriage, bear};
use crate::sys::step::Step;
use among::Among;
use document::Document;
use filter::Filters;
use plan::{Made, Plan};
use rustix::io::Errno;
use serde_json::Value;
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;

/// What all containers of the launcher share.
#[derive(Debug)]
pub(crate) struct Own {
    /// The namespace with next to no mounts, where each container's mounts begin.
    cradle: Arc<OwnedFd>,
    filters: Filters,
}

/// Why it does not work here.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("it does not know this kind of processor")]
    Processor,
    #[error("the kernel gives it no mounts of its own: {0}")]
    Cradle(#[source] Errno),
}

impl Own {
    /// `directory` may be any that exists; it stays as it is.
    pub(crate) fn new(directory: &Path) -> Result<Self, Unusable> {
        let filters = Filters::of_this_processor().ok_or(Unusable::Processor)?;
        let cradle = cradle::make(directory).map_err(Unusable::Cradle)?;
        Ok(Self { cradle: Arc::new(cradle), filters })
    }

    /// Starts a container; see `OciRuntime::run`.
    pub(crate) fn run(
        &self,
        shared: &Shared,
        bundle: &Bundle,
        (document, output, cell): (&Value, &File, Option<&Cell>),
    ) -> Result<First, Failure> {
        let document = Document::read(document).map_err(Failure::create("read its specification"))?;
        let command = command::contained(&document.process.args, &document.process.env)?;
        let made = Made { cradle: &self.cradle, filters: &self.filters, cell };
        let plan = Plan::of(&document, made)?;
        plan.give_output(output);
        let birth = Birth {
            namespaces: plan.namespaces,
            steps: &plan.steps,
            command: &command,
            input: shared.dev_null.as_fd(),
            output: output.as_fd(),
            open_files: shared.open_files,
        };
        let seen_by = Among::enter(plan.processes.as_ref())
            .map_err(|errno| Failure::Create { what: "share namespaces", error: text(errno) })?;
        let born = children::spawn(|| bear(&mut Stack::new(), &birth));
        drop(seen_by);
        match born {
            Ok(born) => Ok(First { pid: born.pid, pidfd: Arc::new(born.pidfd) }),
            Err(Miscarriage::Clone(errno)) => Err(process_failure::Failure::Spawn { errno }.into()),
            Err(Miscarriage::Step(place, errno)) => Err(failed(&plan.steps[place], errno)),
            Err(Miscarriage::Execute(candidate, errno)) => {
                let candidate = candidate.map(|place| command.candidates[place].to_string_lossy());
                Err(unexecuted(bundle, &document, candidate.as_deref(), errno))
            }
        }
    }
}

fn failed(step: &Step, errno: Errno) -> Failure {
    let (what, which) = step.name();
    let which = which.to_string_lossy();
    if let Step::Directory(_) = step {
        return process_failure::Failure::Enter { directory: which.as_ref().into(), errno }.into();
    }
    let separator = if which.is_empty() { "" } else { ": " };
    Failure::Create { what, error: format!("{which}{separator}{}", text(errno)) }
}

/// Looks at what is in the image under the name, to say what is wrong with it.
fn unexecuted(bundle: &Bundle, document: &Document, candidate: Option<&str>, errno: Errno) -> Failure {
    let program = document.process.args.first().cloned().unwrap_or_default();
    let tried = candidate.unwrap_or(&program);
    let is_path = candidate.is_some() || program.contains('/');
    let at = |root: Root| root.found(tried, &document.process.cwd);
    let root = is_path.then(|| Root::open(&bundle.path("root")).ok()).flatten();
    let found = root.map_or(Found::Nothing, at);
    process_failure::Failure::Execute { program, found, errno }.into()
}
