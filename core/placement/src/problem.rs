//! The question and the answer, as plain data.

use longshore_types::Resources;

/// A host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// What it has in all.
    pub total: Resources,
    /// What is free now; nothing on a host that cannot take work.
    pub free: Resources,
}

/// A set of hosts with a cap of its own on what may be used at once: a compute environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Ordinals of its hosts; pools may share hosts.
    pub hosts: Vec<usize>,
    /// Milli-vCPU it may use in all; `None` if only its hosts limit it.
    pub cap: Option<u64>,
    /// Milli-vCPU it uses now.
    pub used: u64,
}

/// A number of equal things to place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// What each of them needs, all on one host (`SCH-5`).
    pub each: Resources,
    /// How many there are.
    pub count: u32,
    /// Ordinals of the pools that may take them, in the order in which they are tried (`SCH-3`).
    pub pools: Vec<usize>,
    /// Demands of one lane are served strictly in order: one that must wait holds up those behind it (`SCH-1`).
    pub lane: usize,
}

/// What is to be placed, in the order in which it is served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// Hosts by ordinal.
    pub hosts: Vec<Host>,
    /// Pools by ordinal.
    pub pools: Vec<Pool>,
    /// Demands by ordinal, best first.
    pub demands: Vec<Demand>,
}

/// `count` things of a demand go to a host, counted against a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The demand.
    pub demand: usize,
    /// The pool.
    pub pool: usize,
    /// The host.
    pub host: usize,
    /// How many.
    pub count: u32,
}

/// Why something does not fit now: on the nearest fit, what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// The pool and host where least is missing; no host if the pool has none.
    pub nearest: Option<(usize, Option<usize>)>,
    /// What that host lacks for one more.
    pub missing: Resources,
    /// Milli-vCPU that the pool's cap lacks for one more.
    pub cap_missing: u64,
}

/// What became of a demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All of it is placed.
    Placed,
    /// The rest waits until this much is free.
    Short(Shortage),
    /// It fits on no host and under no cap even when everything is idle.
    Impossible(Shortage),
    /// It waits behind an earlier demand of its lane.
    Behind,
}

/// What goes where, and a verdict for every demand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the order decided.
    pub assignments: Vec<Assignment>,
    /// By ordinal of the demand.
    pub verdicts: Vec<Verdict>,
}
