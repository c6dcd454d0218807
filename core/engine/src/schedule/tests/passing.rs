//! Smaller jobs pass a head that has to wait and never delay it: whole lives on several hosts, with a clock.

use super::lab::{Lab, amount, host_id, queue_over};
use crate::Config;
use longshore_types::{HostId, JobRef, JobStatus, Resources, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn one_host(vcpus: u64, config: Config) -> Lab {
    Lab::new(config, &[amount(vcpus, 1_000)], &[("ce", 100)], &[queue_over("q", 1, &["ce"])])
}

#[test]
fn smaller_job_passes_where_it_does_not_delay_the_head() {
    let mut lab =
        Lab::new(Config::default(), &[amount(4, 100), amount(2, 100)], &[("ce", 100)], &[queue_over("q", 1, &["ce"])]);
    let submit = |lab: &mut Lab, vcpus| {
        let job = JobRef::Job(lab.submit("q", amount(vcpus, 1), None));
        lab.step();
        job
    };
    let first = submit(&mut lab, 3);
    let head = submit(&mut lab, 4);
    let [passer, too_late] = [submit(&mut lab, 2), submit(&mut lab, 1)];
    assert_eq!(lab.status(passer), Some(JobStatus::Starting), "the other host is of no use to the head");
    assert_eq!(lab.status(too_late), Some(JobStatus::Runnable), "what is left of the first host is reserved");
    lab.end(first);
    lab.step();
    assert_eq!(lab.status(head), Some(JobStatus::Starting));
}

#[test]
fn sch_1_strict_head_blocks_its_queue_and_lower_queues_overtake_it() {
    let config = Config { strict_fifo: true, ..Config::default() };
    let queues = [queue_over("q", 2, &["ce"]), queue_over("low", 1, &["ce"])];
    let mut lab = Lab::new(config, &[amount(2, 100)], &[("ce", 100)], &queues);
    let _running = lab.submit("q", amount(1, 1), None);
    let head = JobRef::Job(lab.submit("q", amount(2, 1), None));
    let behind = JobRef::Job(lab.submit("q", amount(1, 1), None));
    let lower = JobRef::Job(lab.submit("low", amount(1, 1), None));
    lab.step();
    let statuses = [head, behind, lower].map(|job| lab.status(job).unwrap());
    assert_eq!(statuses, [JobStatus::Runnable, JobStatus::Runnable, JobStatus::Starting]);
}

#[test]
fn cancelled_head_gives_its_turn_and_its_reservation_away() {
    for strict_fifo in [true, false] {
        let mut lab = one_host(4, Config { strict_fifo, ..Config::default() });
        let _running = lab.submit("q", amount(3, 1), None);
        let head = JobRef::Job(lab.submit("q", amount(4, 1), None));
        let behind = JobRef::Job(lab.submit("q", amount(1, 1), None));
        lab.step();
        assert_eq!(lab.status(behind), Some(JobStatus::Runnable));
        lab.cancel(head);
        lab.step();
        assert_eq!(lab.status(behind), Some(JobStatus::Starting));
    }
}

#[test]
fn between_queues_of_equal_priority_the_older_head_is_served_first() {
    let queues = [queue_over("a", 1, &["ce"]), queue_over("b", 1, &["ce"])];
    let mut lab = Lab::new(Config::default(), &[amount(1, 100)], &[("ce", 100)], &queues);
    let first = JobRef::Job(lab.submit("a", amount(1, 1), None));
    let older = JobRef::Job(lab.submit("b", amount(1, 1), None));
    let newer = JobRef::Job(lab.submit("a", amount(1, 1), None));
    lab.step();
    lab.end(first);
    lab.step();
    assert_eq!((lab.status(older), lab.status(newer)), (Some(JobStatus::Starting), Some(JobStatus::Runnable)));
}

/// A job of a trace: when it is submitted, where, what it asks for, how long it runs.
#[derive(Clone, Debug)]
struct Planned {
    gap: u64,
    low: bool,
    demand: Resources,
    runs: u64,
}

/// What is reserved for the head of the first queue, and when its host will have drained without anybody else.
#[derive(Debug)]
struct Promise {
    host: HostId,
    latest: Timestamp,
}

/// When what runs now has left so much of the reserved host, and of its environment's cap, that the head fits.
fn drained(lab: &Lab, ends: &BTreeMap<JobRef, Timestamp>, head: JobRef) -> (HostId, Timestamp) {
    let held = &lab.engine.reservations[&"high".parse().unwrap()];
    let demand = lab.engine.job(head.job()).unwrap().spec.demand;
    let (host, ..) = held.parts[0];
    let total = (0..lab.hosts.len()).find(|index| host_id(*index) == host).map(|index| lab.hosts[index]).unwrap();
    let cap = lab.engine.environments()[&held.environment].max_vcpu_milli().unwrap();
    let fits_at = |at: Timestamp| {
        let still = |job: &JobRef| ends[job] > at;
        let on_host = lab.running.iter().filter(|(job, running)| still(job) && running.host == host);
        let used = on_host.fold(Resources::default(), |sum, (_, running)| sum.plus(running.demand));
        let in_pool =
            lab.running.iter().filter(|(job, run)| still(job) && run.environment == held.environment.as_str());
        let capped: u64 = in_pool.map(|(_, running)| running.demand.vcpu_milli).sum();
        total.minus(used).fits(demand) && cap.saturating_sub(capped) >= demand.vcpu_milli
    };
    let mut times: Vec<Timestamp> = ends.values().copied().filter(|at| *at >= lab.now).chain([lab.now]).collect();
    times.sort_unstable();
    (host, times.into_iter().find(|at| fits_at(*at)).expect("a host drains"))
}

fn planned() -> impl Strategy<Value = Vec<Planned>> {
    let demand = (1u64..7, 1u64..7).prop_map(|(vcpus, memory)| amount(vcpus, memory));
    let job = (0u64..4, prop::bool::weighted(0.3), demand, 1u64..12);
    let planned = |(gap, low, demand, runs)| Planned { gap, low, demand, runs };
    prop::collection::vec(job.prop_map(planned), 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]
    /// A head of the first queue starts no later than its reserved host would have drained without those who pass it;
    /// nothing is oversubscribed (the lab checks); every job ends.
    #[test]
    fn head_is_never_delayed_and_nobody_starves(
        hosts in prop::collection::vec((3u64..8, 3u64..8), 1..4),
        caps in (6i64..20, 6i64..20),
        trace in planned(),
    ) {
        let hosts: Vec<Resources> = hosts.into_iter().map(|(vcpus, memory)| amount(vcpus, memory)).collect();
        let queues = [queue_over("high", 2, &["ce", "more"]), queue_over("low", 1, &["ce"])];
        let mut lab = Lab::new(Config::default(), &hosts, &[("ce", caps.0), ("more", caps.1)], &queues);
        let fits = |planned: &Planned| hosts.iter().any(|host| host.fits(planned.demand));
        let mut arrivals: Vec<(Timestamp, Planned)> = Vec::new();
        for planned in trace.into_iter().filter(fits) {
            let at = arrivals.last().map_or(lab.now, |(at, _)| *at).plus_ms(planned.gap);
            arrivals.push((at, planned));
        }
        let submitted = arrivals.len();
        let mut arrivals = arrivals.into_iter().peekable();
        let mut runs: BTreeMap<JobRef, u64> = BTreeMap::new();
        let mut ends: BTreeMap<JobRef, Timestamp> = BTreeMap::new();
        let mut promises: BTreeMap<JobRef, Promise> = BTreeMap::new();
        loop {
            let next_end = ends.iter().filter(|(job, _)| lab.running.contains_key(job)).map(|(_, at)| *at).min();
            let Some(now) = arrivals.peek().map(|(at, _)| *at).into_iter().chain(next_end).min() else { break };
            lab.now = now;
            let over: Vec<JobRef> = lab.running.keys().copied().filter(|job| ends[job] <= now).collect();
            over.into_iter().for_each(|job| lab.end(job));
            while let Some((_, planned)) = arrivals.next_if(|(at, _)| *at <= now) {
                let queue = if planned.low { "low" } else { "high" };
                runs.insert(JobRef::Job(lab.submit(queue, planned.demand, None)), planned.runs);
            }
            lab.step();
            for job in lab.running.keys() {
                ends.entry(*job).or_insert_with(|| now.plus_ms(runs[job]));
            }
            for (job, promise) in &promises {
                let start = lab.started.get(job).copied();
                prop_assert!(start.unwrap_or(now) <= promise.latest, "{} promised {:?}, now {}", job, promise, now);
            }
            let head = lab.engine.reservations.get(&"high".parse().unwrap()).map(|held| held.job);
            if let Some(head) = head {
                let (host, latest) = drained(&lab, &ends, head);
                let promise = promises.entry(head).or_insert(Promise { host, latest });
                prop_assert_eq!(promise.host, host, "a reservation stays");
            }
        }
        prop_assert_eq!(lab.started.len(), submitted, "everything has run");
    }
}
