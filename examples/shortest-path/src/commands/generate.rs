//! `shortest-path generate`: a road-like network of any size as a file.

use super::Error;
use crate::cli::Generate;
use crate::output::{remark, show};
use crate::road;
use crate::storage::{process_environment, write_address};

pub(crate) fn run(args: &Generate) -> Result<(), Error> {
    let roads = road::generate(args.nodes, args.seed);
    match args.output.as_deref() {
        None => Ok(show(&road::to_tntp(args.nodes, &roads))?),
        Some(address) => {
            let dimacs = address.ends_with(".gr");
            let text = if dimacs { road::to_dimacs(args.nodes, &roads) } else { road::to_tntp(args.nodes, &roads) };
            write_address(address, text.as_bytes(), &process_environment)?;
            remark(&format!("{} nodes and {} links written to {address}", args.nodes, roads.len()));
            Ok(())
        }
    }
}
