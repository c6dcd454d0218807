//! What is, as it is told when somebody scrapes: gauges.

use crate::process;
use prometheus::{Counter, Gauge, GaugeVec, IntGauge, IntGaugeVec, Opts, Registry};

/// How things are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Now {
    /// The queues.
    pub queues: Vec<Queue>,
    /// The hosts, all together; `None` when nobody could tell.
    pub hosts: Option<Host>,
    /// Files and their disk.
    pub paths: Paths,
    /// Whether the server takes work.
    pub ready: bool,
}

/// A queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Jobs and children that wait for capacity.
    pub runnable: u64,
    /// Jobs that have not ended, by status.
    pub jobs: Vec<(&'static str, u64)>,
}

/// Hosts and what is in memory of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// Hosts that are connected.
    pub connected: u64,
    /// Hosts that are away and not given up yet.
    pub away: u64,
    /// What the connected ones offer, in thousandths of a vCPU.
    pub vcpu_milli: u64,
    /// What attempts use.
    pub vcpu_milli_used: u64,
    /// What the connected ones offer, in MiB.
    pub memory_mib: u64,
    /// What attempts use.
    pub memory_mib_used: u64,
    /// GPUs that the connected ones offer.
    pub gpus: u64,
    /// GPUs in use.
    pub gpus_used: u64,
    /// Attempts that have a place.
    pub attempts: u64,
    /// Attempts that were given ahead and wait on their hosts.
    pub ahead: u64,
    /// Jobs in memory.
    pub jobs_in_memory: u64,
}

/// Files and their disk; what is not known is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// The database file.
    pub database_bytes: Option<u64>,
    /// Its write-ahead log.
    pub log_bytes: Option<u64>,
    /// By kind: `output`, `s3`, `images`.
    pub stores: Vec<(&'static str, u64)>,
    /// What each kind may take, where there is a limit.
    pub limits: Vec<(&'static str, u64)>,
    /// Free on the disk of the data directory, for this user.
    pub disk_free: Option<u64>,
    /// Size of that disk.
    pub disk_size: Option<u64>,
    /// Below so many free bytes submissions are refused.
    pub disk_reserve: u64,
}

#[derive(Debug)]
pub(crate) struct Gauges {
    ready: IntGauge,
    jobs: IntGaugeVec,
    runnable: IntGaugeVec,
    hosts: IntGaugeVec,
    vcpus: GaugeVec,
    memory: IntGaugeVec,
    gpus: IntGaugeVec,
    attempts: IntGaugeVec,
    in_memory: IntGauge,
    files: IntGaugeVec,
    limits: IntGaugeVec,
    disk_free: IntGauge,
    disk_size: IntGauge,
    disk_reserve: IntGauge,
    cpu: Counter,
    resident: IntGauge,
    virtual_memory: IntGauge,
    threads: IntGauge,
    open_fds: IntGauge,
    max_fds: IntGauge,
    started: Gauge,
}

impl Gauges {
    pub(crate) fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let one = |name: &str, help: &str| -> Result<IntGauge, prometheus::Error> {
            let made = IntGauge::new(name, help)?;
            registry.register(Box::new(made.clone())).map(|()| made)
        };
        let many = |name: &str, help: &str, labels: &[&str]| -> Result<IntGaugeVec, prometheus::Error> {
            let made = IntGaugeVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(made.clone())).map(|()| made)
        };
        let vcpus =
            GaugeVec::new(Opts::new("longshore_hosts_vcpus", "vCPUs of connected hosts, and of attempts."), &["kind"])?;
        registry.register(Box::new(vcpus.clone()))?;
        let cpu = Counter::new("process_cpu_seconds_total", "Processor time that the server has used, in seconds.")?;
        registry.register(Box::new(cpu.clone()))?;
        let started = Gauge::new("process_start_time_seconds", "When the server started, in seconds since 1970.")?;
        registry.register(Box::new(started.clone()))?;
        Ok(Self {
            ready: one(
                "longshore_ready",
                "1 while the server takes work: its control loop answers and its disk has room.",
            )?,
            jobs: many(
                "longshore_jobs",
                "Jobs that have not ended, by queue and status, an array counting as one.",
                &["queue", "status"],
            )?,
            runnable: many(
                "longshore_queue_runnable",
                "Jobs and children that wait in a queue for capacity.",
                &["queue"],
            )?,
            hosts: many("longshore_hosts", "Hosts, connected or away and not given up yet.", &["state"])?,
            vcpus,
            memory: many("longshore_hosts_memory_bytes", "Memory of connected hosts, and of attempts.", &["kind"])?,
            gpus: many("longshore_hosts_gpus", "GPUs of connected hosts, and of attempts.", &["kind"])?,
            attempts: many("longshore_attempts", "Attempts that have a place, or wait on a host for one.", &["state"])?,
            in_memory: one("longshore_jobs_in_memory", "Jobs that the control plane holds in memory.")?,
            files: many("longshore_files_bytes", "Size of what the data directory holds, by kind.", &["kind"])?,
            limits: many("longshore_files_limit_bytes", "What each kind may take, where there is a limit.", &["kind"])?,
            disk_free: one(
                "longshore_disk_free_bytes",
                "Free on the disk of the data directory, for the server's user.",
            )?,
            disk_size: one("longshore_disk_size_bytes", "Size of the disk of the data directory.")?,
            disk_reserve: one("longshore_disk_reserve_bytes", "With less free than this, submissions are refused.")?,
            cpu,
            resident: one("process_resident_memory_bytes", "Memory of the server that is in RAM.")?,
            virtual_memory: one("process_virtual_memory_bytes", "Address space of the server.")?,
            threads: one("process_threads", "Threads of the server.")?,
            open_fds: one("process_open_fds", "File descriptors that the server has open.")?,
            max_fds: one("process_max_fds", "File descriptors that the server may have open.")?,
            started,
        })
    }

    pub(crate) fn set(&self, now: &Now) {
        self.ready.set(i64::from(now.ready));
        self.set_queues(&now.queues);
        if let Some(hosts) = &now.hosts {
            self.set_hosts(hosts);
        }
        self.set_paths(&now.paths);
        self.set_process();
    }

    /// Queues come and go.
    fn set_queues(&self, queues: &[Queue]) {
        self.jobs.reset();
        self.runnable.reset();
        for queue in queues {
            self.runnable.with_label_values(&[&queue.name]).set(whole(queue.runnable));
            for (status, count) in &queue.jobs {
                self.jobs.with_label_values(&[queue.name.as_str(), status]).set(whole(*count));
            }
        }
    }

    fn set_hosts(&self, hosts: &Host) {
        let pair = |gauge: &IntGaugeVec, kind: &str, value: u64| gauge.with_label_values(&[kind]).set(whole(value));
        pair(&self.hosts, "connected", hosts.connected);
        pair(&self.hosts, "away", hosts.away);
        let vcpus = |milli: u64| milli as f64 / 1_000.0;
        self.vcpus.with_label_values(&["capacity"]).set(vcpus(hosts.vcpu_milli));
        self.vcpus.with_label_values(&["used"]).set(vcpus(hosts.vcpu_milli_used));
        pair(&self.memory, "capacity", hosts.memory_mib.saturating_mul(1 << 20));
        pair(&self.memory, "used", hosts.memory_mib_used.saturating_mul(1 << 20));
        pair(&self.gpus, "capacity", hosts.gpus);
        pair(&self.gpus, "used", hosts.gpus_used);
        pair(&self.attempts, "placed", hosts.attempts.saturating_sub(hosts.ahead));
        pair(&self.attempts, "ahead", hosts.ahead);
        self.in_memory.set(whole(hosts.jobs_in_memory));
    }

    fn set_paths(&self, paths: &Paths) {
        let known = [("database", paths.database_bytes), ("database_log", paths.log_bytes)];
        let known = known.into_iter().filter_map(|(kind, bytes)| Some((kind, bytes?)));
        for (kind, bytes) in known.chain(paths.stores.iter().copied()) {
            self.files.with_label_values(&[kind]).set(whole(bytes));
        }
        for (kind, limit) in &paths.limits {
            self.limits.with_label_values(&[kind]).set(whole(*limit));
        }
        self.disk_free.set(paths.disk_free.map_or(0, whole));
        self.disk_size.set(paths.disk_size.map_or(0, whole));
        self.disk_reserve.set(whole(paths.disk_reserve));
    }

    fn set_process(&self) {
        let Some(usage) = process::usage() else { return };
        self.cpu.reset();
        self.cpu.inc_by(usage.cpu_seconds);
        self.resident.set(whole(usage.resident_bytes));
        self.virtual_memory.set(whole(usage.virtual_bytes));
        self.threads.set(whole(usage.threads));
        self.open_fds.set(whole(usage.open_fds));
        self.max_fds.set(whole(usage.max_fds));
        self.started.set(usage.started_at);
    }
}

fn whole(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
