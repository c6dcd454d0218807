//! `shortest-path paths`: one child's share, from the network to the result file.

use super::{Error, result_name, store};
use crate::cli::Paths;
use crate::network::{Naming, Network, five_node, parse};
use crate::output::{remark, show};
use crate::result_file::{ResultFile, Subject};
use crate::search::{Dijkstra, Graph, Outcome, Plan, run as search};
use crate::share::{Share, array_job_id};
use crate::storage::{process_environment, read_address};
use std::fmt::Write as _;
use std::ops::Range;
use std::time::Instant;

/// The name of the built-in network.
const FIVE_NODE: &str = "five-node";

pub(crate) fn run(args: &Paths) -> Result<(), Error> {
    let share = Share::new(args.array_index, args.array_size)?;
    let store = store(&args.target, args.output.as_deref())?;
    let start = Instant::now();
    let network = read(args)?;
    let reading = start.elapsed();
    let origins = share.origins(network.nodes);
    if args.network == FIVE_NODE {
        show(&paths_text(&network, origins.clone()))?;
    }
    let plan = Plan { algorithm: args.algorithm, threads: args.threads.into(), distances: args.distances };
    let found = search(&network, origins.clone(), plan);
    if let Some(store) = store {
        let name = result_name(array_job_id(&args.job_id), share.index);
        let file = ResultFile::new(Subject::of(&network), share, found.outcomes, args.distances);
        store.write(&name, &file.encode())?;
        remark(&format!("{} origins written to {}", origins.len(), store.address(&name)));
    } else if args.network != FIVE_NODE {
        show(&records_text(&network, &found.outcomes))?;
    }
    if args.timings {
        let [reading, preparing, searching] =
            [reading, found.preparing, found.searching].map(|time| time.as_secs_f64() * 1e3);
        let origins = origins.len();
        remark(&format!(
            r#"{{"origins":{origins},"read_ms":{reading:.3},"prepare_ms":{preparing:.3},"search_ms":{searching:.3}}}"#
        ));
    }
    Ok(())
}

fn read(args: &Paths) -> Result<Network, Error> {
    if args.network == FIVE_NODE {
        return Ok(five_node());
    }
    let bytes = read_address(&args.network, &process_environment)?;
    let network = parse(&String::from_utf8_lossy(&bytes), &args.network, args.weight)?;
    if network.rounded {
        remark(&format!("{}: weights are rounded to {} decimals", args.network, network.decimals));
    }
    Ok(network)
}

/// The cost of every path and the nodes passed, one a line.
fn paths_text(network: &Network, origins: Range<u32>) -> String {
    let graph = Graph::new(network);
    let mut dijkstra = Dijkstra::<u128>::new(&graph);
    let mut text = String::new();
    for origin in origins {
        dijkstra.search(origin);
        for destination in (0..network.nodes).filter(|&node| node != origin) {
            let path = dijkstra.path(destination);
            if path.is_empty() {
                continue;
            }
            let [from, to] = [origin, destination].map(|node| network.naming.name(node));
            _ = writeln!(text, "Path from {from} to {to}. Cost: {}", dijkstra.distance(destination));
            for node in path {
                _ = writeln!(text, "{}", network.naming.name(node));
            }
        }
    }
    text
}

/// A line for each origin, or for each pair when all distances were asked for.
fn records_text(network: &Network, outcomes: &[Outcome]) -> String {
    let unit = 10f64.powi(i32::from(network.decimals));
    let name = |node| Naming::name(network.naming, node);
    let mut text = "origin\treachable\tmean\tmax\tfarthest\n".to_owned();
    for Outcome { record, distances } in outcomes {
        let mean = if record.reachable == 0 { 0.0 } else { record.sum as f64 / f64::from(record.reachable) / unit };
        let (most, node) = record.farthest.map_or((0, "-".to_owned()), |(most, node)| (most, name(node)));
        let (origin, reachable) = (name(record.origin), record.reachable);
        _ = writeln!(text, "{origin}\t{reachable}\t{mean:.6}\t{}\t{node}", most as f64 / unit);
        for (to, distance) in (0..).zip(distances) {
            let distance = distance.map_or("-".to_owned(), |distance| (distance as f64 / unit).to_string());
            _ = writeln!(text, "{origin}\t{}\t{distance}", name(to));
        }
    }
    text
}
