//! The question and the answers, as plain data.

use longshore_types::Resources;

/// A host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// What it has in all.
    pub total: Resources,
    /// What is free now; nothing on a host that cannot take work.
    pub free: Resources,
    /// Whether it takes work now. A host that does not may come back: what fits it is not impossible.
    pub open: bool,
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

/// Something counted that belongs to no host: a consumable resource (`CR-2`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consumable {
    /// The most that can become free by waiting.
    pub total: u64,
    /// What is free now.
    pub available: u64,
}

/// What there is: everything that demands compete for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// Hosts by ordinal.
    pub hosts: Vec<Host>,
    /// Pools by ordinal.
    pub pools: Vec<Pool>,
    /// Consumables by ordinal.
    pub consumables: Vec<Consumable>,
}

/// A quantity of a consumable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// The consumable.
    pub consumable: usize,
    /// How much of it.
    pub quantity: u64,
}

/// A number of equal parts of a gang.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// What each of them needs, all on one host.
    pub each: Resources,
    /// How many there are.
    pub count: u32,
}

/// What one thing to be placed looks like.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// One part, all on one host (`SCH-5`).
    Single(Resources),
    /// Parts that are placed all at once or not at all, in one pool, any number of them on a host (`SCH-5`, `MNP-4`).
    Gang(Vec<Member>),
}

impl Shape {
    /// The parts.
    pub fn members(&self) -> Vec<Member> {
        match self {
            Self::Single(each) => vec![Member { each: *each, count: 1 }],
            Self::Gang(members) => members.clone(),
        }
    }

    /// Milli-vCPU of all parts together: what counts against a pool's cap.
    pub fn vcpu_milli(&self) -> u64 {
        let of = |member: &Member| member.each.vcpu_milli.saturating_mul(u64::from(member.count));
        match self {
            Self::Single(each) => each.vcpu_milli,
            Self::Gang(members) => members.iter().map(of).fold(0, u64::saturating_add),
        }
    }
}

/// A number of equal things to place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// What each of them looks like.
    pub shape: Shape,
    /// How many there are. Gangs are asked for one at a time.
    pub count: u32,
    /// Ordinals of the pools that may take them, in the order in which they are tried (`SCH-3`).
    pub pools: Vec<usize>,
    /// What each of them takes of consumables; all of it must be free (`CR-2`). A gang takes it once (`MNP-11`).
    pub needs: Vec<Need>,
}

/// `count` things, or `count` parts of a gang, go to a host, counted against a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The pool.
    pub pool: usize,
    /// The host.
    pub host: usize,
    /// Ordinal of the gang's member; zero for single things.
    pub member: usize,
    /// How many.
    pub count: u32,
}

/// Where a thing that has to wait will start at the latest, once that much is free there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The pool.
    pub pool: usize,
    /// Where its parts go: one assignment of one for a single thing.
    pub assignments: Vec<Assignment>,
}

/// What a host lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShortHost {
    /// The host.
    pub host: usize,
    /// What it lacks for the parts that would go there; may be nothing.
    pub missing: Resources,
}

/// Why one more does not fit: on the nearest fit, what is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shortage {
    /// The pool where least is missing; `None` if there is no pool.
    pub pool: Option<usize>,
    /// The hosts it would go to there; none if the pool has no host that takes work.
    pub hosts: Vec<ShortHost>,
    /// Milli-vCPU that the pool's cap lacks.
    pub cap_missing: u64,
    /// What is lacking of consumables.
    pub consumables: Vec<Need>,
}

impl Shortage {
    /// What all hosts together lack.
    pub fn missing(&self) -> Resources {
        self.hosts.iter().fold(Resources::default(), |sum, host| sum.plus(host.missing))
    }

    /// Whether nothing is lacking.
    pub fn is_nothing(&self) -> bool {
        let on_hosts = self.hosts.is_empty() || self.missing() != Resources::default();
        !on_hosts && self.cap_missing == 0 && self.consumables.is_empty()
    }
}
