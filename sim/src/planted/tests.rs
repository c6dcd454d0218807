//! Every planted bug is found, by the rule that it breaks.

use super::Planted;
use crate::generate;
use crate::outcome::run_planted;
use crate::violation::Rule;

/// A bug, the rule that finds it, and the first seed that does.
const FOUND: &[(Planted, Rule, u64)] = &[
    (Planted::HostsCountTwice, Rule::Capacity, 0),
    (Planted::AgentsForget, Rule::OneAttempt, 5),
    (Planted::StatusIsMadeUp, Rule::Statuses, 0),
    (Planted::FailureIsForgiven, Rule::Terminal, 1),
    (Planted::DiskLies, Rule::Acknowledged, 2),
    (Planted::SuccessIsNotSeen, Rule::Once, 0),
    (Planted::ChildrenCountTwice, Rule::Counters, 0),
    (Planted::DependenciesAreIgnored, Rule::Dependencies, 0),
    (Planted::LoansAreNotCounted, Rule::Consumables, 0),
    (Planted::SharesCountTwice, Rule::Shares, 0),
    (Planted::ReasonIsInvented, Rule::Reasons, 0),
    (Planted::CommitIsNotWaitedFor, Rule::Durable, 0),
    (Planted::RestartForgets, Rule::Recovery, 0),
    (Planted::EndIsSwallowed, Rule::Liveness, 58),
    (Planted::OutputsAreForgotten, Rule::Outputs, 335),
];

fn broken(planted: Option<Planted>, seed: u64) -> Option<Rule> {
    run_planted(&generate::script(seed), planted, false).violation.map(|violation| violation.rule)
}

#[test]
fn every_planted_bug_is_found_by_its_rule_at_its_seed() {
    for (planted, rule, seed) in FOUND {
        assert_eq!(broken(Some(*planted), *seed), Some(*rule), "{planted:?} at seed {seed}");
        assert_eq!(broken(None, *seed), None, "seed {seed} without {planted:?}");
        assert!(*seed < 1_000, "{planted:?} is found within 1,000 seeds");
    }
    assert!(Planted::ALL.iter().all(|planted| FOUND.iter().any(|(listed, ..)| listed == planted)));
}

#[test]
#[ignore = "searches for the seeds of the list, after a change to how seeds become scripts"]
fn first_seed_that_finds_each_bug() {
    std::panic::set_hook(Box::new(|_| {}));
    for (planted, rule, _) in FOUND {
        let found = (0..1_000).find(|seed| broken(Some(*planted), *seed) == Some(*rule));
        eprintln!("{planted:?} {rule:?} {found:?}");
    }
}
