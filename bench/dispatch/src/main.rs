//! The production control plane with simulated hosts, clients and a store that writes at once: how many jobs it places in a
//! second, and what each waiting job costs in memory. One depth per process, so that memory can be read off it.
//!
//! What counts is processor time, of the control plane and the little around it, so that other work on the machine does
//! not. A placement is the whole life of a job there: it is placed, starts, ends, and its rows and messages are handed out.

mod output;
mod usage;
mod world;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use serde_json::json;
use std::time::Duration;
use world::World;

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
struct Args {
    /// Jobs that wait in the queues all the time.
    #[arg(long, default_value_t = 100_000)]
    queued: u32,
    /// Hosts of 64 vCPUs.
    #[arg(long, default_value_t = 1_000)]
    hosts: u32,
    /// Jobs to place once all hosts are full.
    #[arg(long, default_value_t = 50_000)]
    placements: u32,
    /// Jobs that end between two commits.
    #[arg(long, default_value_t = 100)]
    batch: u32,
    /// Queues without a scheduling policy: first in, first out.
    #[arg(long)]
    fifo: bool,
    /// Children of one array job instead of single jobs: only their memory is measured.
    #[arg(long)]
    array: bool,
    /// What the control plane takes to begin again from its rows, and to fill the hosts.
    #[arg(long)]
    restart: bool,
    /// Without a look at a clock, for those who count something else.
    #[arg(long)]
    unmeasured: bool,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let figures = match &args {
        Args { restart: true, .. } => restart(&args)?,
        Args { array: true, .. } => array(&args)?,
        Args { unmeasured: true, .. } => unmeasured(&args)?,
        _ => singles(&args)?,
    };
    output::data(&figures.to_string());
    Ok(())
}

/// Fills the queues, then the hosts; then every job that ends makes room for the next.
fn singles(args: &Args) -> Result<serde_json::Value> {
    let mut world = World::new(args.fifo, false)?;
    let (before, begun) = (usage::resident()?, usage::processor_time());
    world.submit(args.queued)?;
    let submitting = usage::processor_time() - begun;
    let bytes = usage::resident()?.saturating_sub(before) / u64::from(args.queued).max(1);
    let begun = usage::processor_time();
    world.connect(args.hosts);
    let filling = usage::processor_time() - begun;
    let filled = world.take_started();
    // What has left the queues comes back, so that their depth stays what it is.
    world.submit(u32::try_from(filled).context("failed to count what runs")?)?;
    world.take_started();
    let (mut placed, mut spent) = (0, Duration::ZERO);
    while placed < args.placements as usize {
        let begun = usage::processor_time();
        let ended = world.end(args.batch as usize);
        spent += usage::processor_time() - begun;
        placed += world.take_started();
        world.submit(ended)?;
        ensure!(ended > 0, "nothing runs");
    }
    Ok(json!({
        "queued": args.queued,
        "hosts": args.hosts,
        "batch": args.batch,
        "order": if args.fifo { "fifo" } else { "fair share" },
        "bytes_per_queued_job": bytes,
        "submits_per_second": per_second(args.queued as usize, submitting),
        "running": filled,
        "fill_per_second": per_second(filled, filling),
        "placements": placed,
        "placements_per_second": per_second(placed, spent),
        "microseconds_per_placement": spent.as_secs_f64() * 1e6 / placed as f64,
    }))
}

/// The same, and nothing around it.
fn unmeasured(args: &Args) -> Result<serde_json::Value> {
    let mut world = World::new(args.fifo, false)?;
    world.submit(args.queued)?;
    world.connect(args.hosts);
    let filled = world.take_started();
    world.submit(u32::try_from(filled).context("failed to count what runs")?)?;
    let mut placed = world.take_started();
    while placed < args.placements as usize {
        let ended = world.end(args.batch as usize);
        placed += world.take_started();
        world.submit(ended)?;
        ensure!(ended > 0, "nothing runs");
    }
    Ok(json!({ "placements": placed }))
}

/// Children that wait, then as many of them running as fit, then all of them ended.
fn array(args: &Args) -> Result<serde_json::Value> {
    let mut world = World::new(args.fifo, false)?;
    let (before, begun) = (usage::resident()?, usage::processor_time());
    world.submit_array(args.queued)?;
    let spent = usage::processor_time() - begun;
    let queued = usage::resident()?;
    world.connect(args.hosts);
    let running = world.take_started();
    let full = usage::resident()?;
    while world.end(args.batch as usize) > 0 {}
    // What those that ran have taken goes to those that run next.
    let ended = usage::resident()?.saturating_sub(full);
    let each = |bytes: u64, count: usize| bytes as f64 / count.max(1) as f64;
    Ok(json!({
        "children": args.queued,
        "running": running,
        "bytes_per_queued_child": each(queued.saturating_sub(before), args.queued as usize),
        "bytes_per_running_child": each(full.saturating_sub(queued), running),
        "bytes_per_ended_child": each(ended, args.queued as usize),
        "seconds_to_submit": spent.as_secs_f64(),
    }))
}

/// Jobs wait while no host is there; the control plane begins again, and hosts come.
fn restart(args: &Args) -> Result<serde_json::Value> {
    let mut world = World::new(args.fifo, true)?;
    world.submit(args.queued)?;
    let restored = world.restart();
    let begun = usage::processor_time();
    world.connect(args.hosts);
    let filled = usage::processor_time() - begun;
    Ok(json!({
        "queued": args.queued,
        "seconds_to_restore": restored.as_secs_f64(),
        "seconds_to_fill": filled.as_secs_f64(),
        "placed": world.take_started(),
    }))
}

fn per_second(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}
