//! Says that the server is ready: in words on stderr, and in a file for programs that wait for it.

use super::job_environment::endpoint;
use crate::cli::ServeOptions;
use anyhow::Context;
use std::net::SocketAddr;

pub(super) fn announce(options: &ServeOptions, address: SocketAddr) -> anyhow::Result<()> {
    let endpoint = endpoint(address);
    tracing::info!(%endpoint, data_dir = %options.data_dir.display(), "ready");
    if !options.private {
        crate::output::say(format!("longshore is ready; in another terminal:\n\n  {}\n", first_steps(&endpoint)));
    }
    let Some(path) = &options.ready_file else { return Ok(()) };
    let line = serde_json::json!({
        "endpoint": endpoint,
        "data_dir": options.data_dir,
        "pid": std::process::id(),
    });
    let unfinished = path.with_extension("new");
    std::fs::write(&unfinished, format!("{line}\n"))
        .and_then(|()| std::fs::rename(&unfinished, path))
        .with_context(|| format!("failed to write {}", path.display()))
}

fn first_steps(endpoint: &str) -> String {
    let submit = "longshore submit --follow -- echo hello";
    let export = format!("export AWS_ENDPOINT_URL={endpoint}   # for the AWS CLI and SDKs");
    if endpoint.ends_with(":4566") { format!("{submit}\n  {export}") } else { format!("{export}\n  {submit}") }
}
