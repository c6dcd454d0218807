//! The programs that are compared: how they are built, run and asked for their times.

use super::CHILDREN;
use crate::packages;
use crate::stage::{command, root, run as run_command};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};

/// Flags of the peer; ours is built by `cargo build --release` as users get it.
pub(super) const COMPILER: [&str; 5] = ["g++", "-std=c++17", "-O3", "-march=native", "-DNDEBUG"];

/// Which origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Case {
    OneChild,
    AllOrigins,
}

impl Case {
    /// The array that the case is a child of: index and size.
    pub(super) fn share(self) -> (u32, u32) {
        match self {
            Self::OneChild => (CHILDREN / 2, CHILDREN),
            Self::AllOrigins => (0, 1),
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneChild => write!(out, "one child of {CHILDREN}"),
            Self::AllOrigins => write!(out, "all origins"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Program {
    /// What users run: it chooses its algorithm.
    Ours,
    OursDijkstra,
    BoostCsr,
    BoostAdjacency,
}

impl Program {
    /// The slower variants only run on the smaller case.
    pub(super) fn of_case(case: Case) -> &'static [Self] {
        match case {
            Case::OneChild => &[Self::Ours, Self::BoostCsr, Self::OursDijkstra, Self::BoostAdjacency],
            Case::AllOrigins => &[Self::Ours, Self::BoostCsr],
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ours => "shortest-path",
            Self::OursDijkstra => "shortest-path --algorithm dijkstra",
            Self::BoostCsr => "Boost, compressed_sparse_row_graph",
            Self::BoostAdjacency => "Boost, adjacency_list",
        }
    }
}

/// What a program reports of one run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Times {
    pub(super) origins: u32,
    pub(super) read_ms: f64,
    pub(super) prepare_ms: f64,
    pub(super) search_ms: f64,
    /// Only from the peer, and only when asked for.
    #[serde(default)]
    pub(super) checksum: String,
}

#[derive(Debug)]
pub(super) struct Programs {
    ours: PathBuf,
    boost: PathBuf,
    /// For networks, results and distances.
    pub(super) folder: PathBuf,
}

impl Programs {
    pub(super) fn build() -> Result<Self> {
        packages::ensure(&["g++", "libboost-graph-dev"])?;
        let folder = root().join("target/bench");
        std::fs::create_dir_all(&folder).with_context(|| format!("failed to make {}", folder.display()))?;
        let boost = folder.join("boost");
        let [compiler, flags @ ..] = COMPILER;
        run_command(command(compiler, &flags).arg("-o").arg(&boost).arg("bench/shortest-path/boost.cpp"))?;
        run_command(&mut command("cargo", &["build", "--quiet", "--release", "-p", "shortest-path"]))?;
        Ok(Self { ours: root().join("target/release/shortest-path"), boost, folder })
    }

    /// A generated network of so many nodes.
    pub(super) fn generate(&self, nodes: u32) -> Result<PathBuf> {
        let network = self.folder.join(format!("road-{nodes}.tntp"));
        let mut generate = command(&self.ours, &["generate", "--seed", "1", "--nodes", &nodes.to_string()]);
        run_command(generate.arg("--output").arg(&network))?;
        Ok(network)
    }

    /// One measured run. Results of ours stay in the folder.
    pub(super) fn run(&self, program: Program, network: &Path, case: Case) -> Result<Times> {
        match program {
            Program::Ours => self.run_ours(network, case, &[]),
            Program::OursDijkstra => self.run_ours(network, case, &["--algorithm", "dijkstra"]),
            // The peer's checksum costs no measured time.
            Program::BoostCsr => self.run_boost(network, case, "csr", Path::new("-")),
            Program::BoostAdjacency => self.run_boost(network, case, "adjacency", Path::new("-")),
        }
    }

    pub(super) fn run_ours(&self, network: &Path, case: Case, arguments: &[&str]) -> Result<Times> {
        let (index, size) = case.share();
        let (index, size) = (index.to_string(), size.to_string());
        let fixed = ["paths", "--timings", "--threads", "1", "--weight", "free-flow-time", "--job-id", "bench"];
        let mut paths = command(&self.ours, &fixed);
        paths.args(["--array-index", &index, "--array-size", &size]).args(arguments);
        paths.arg("--network").arg(network).arg("--output").arg(self.results(case));
        let output = paths.output().context("failed to start shortest-path")?;
        let talk = String::from_utf8_lossy(&output.stderr);
        let times = talk.lines().find(|line| line.starts_with('{')).filter(|_| output.status.success());
        serde_json::from_str(times.with_context(|| format!("shortest-path failed: {talk}"))?)
            .context("failed to read the times of shortest-path")
    }

    /// `distances`: the file for all distances; `-` for none.
    pub(super) fn run_boost(&self, network: &Path, case: Case, graph: &str, distances: &Path) -> Result<Times> {
        let nodes = declared_nodes(network)?;
        let (index, size) = case.share();
        let boundary = |child: u32| (u64::from(child) * nodes / u64::from(size)) as u32;
        let (first, count) = (boundary(index), boundary(index + 1) - boundary(index));
        let mut boost = command(&self.boost, &[]);
        boost.arg(network).args(["free-flow-time", graph, &first.to_string(), &count.to_string()]).arg(distances);
        let output = boost.output().context("failed to start the Boost program")?;
        if !output.status.success() {
            bail!("the Boost program failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        serde_json::from_slice(&output.stdout).context("failed to read the times of the Boost program")
    }

    /// The summary of our results on all origins, as JSON.
    pub(super) fn summary(&self) -> Result<serde_json::Value> {
        let mut aggregate = command(&self.ours, &["aggregate", "--json", "--array-job-id", "bench", "--input"]);
        let output = aggregate.arg(self.results(Case::AllOrigins)).output().context("failed to start shortest-path")?;
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("shortest-path aggregate failed: {}", String::from_utf8_lossy(&output.stderr)))
    }

    /// Where our results of a case are written.
    pub(super) fn results(&self, case: Case) -> PathBuf {
        self.folder.join(match case {
            Case::OneChild => "one-child",
            Case::AllOrigins => "all-origins",
        })
    }
}

fn declared_nodes(network: &Path) -> Result<u64> {
    let text = std::fs::read(network).with_context(|| format!("failed to read {}", network.display()))?;
    let text = String::from_utf8_lossy(&text);
    text.lines()
        .find_map(|line| line.strip_prefix("<NUMBER OF NODES>")?.split_whitespace().next()?.parse().ok())
        .with_context(|| format!("{} is not a TNTP network: no <NUMBER OF NODES>", network.display()))
}
