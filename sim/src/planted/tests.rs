//! Every planted bug is found, by the rule that it breaks.

use super::Planted;
use crate::fuzz;
use crate::generate;
use crate::outcome::run_planted;
use crate::violation::Rule;

/// A bug, the rule that finds it, and the first seed that does.
const FOUND: &[(Planted, Rule, u64)] = &[
    (Planted::HostsCountTwice, Rule::Capacity, 0),
    (Planted::AgentsForget, Rule::OneAttempt, 37),
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
    (Planted::LimitsAreRaised, Rule::Environments, 31),
    (Planted::TimesAreLost, Rule::Rows, 0),
    (Planted::RestartMixesUp, Rule::Assertion, 4),
    (Planted::HostsHaveMoods, Rule::Determinism, 0),
];

fn broken(planted: Option<Planted>, seed: u64) -> Option<Rule> {
    let outcome = match planted {
        // Found by comparing two runs, as seeds are run.
        Some(Planted::HostsHaveMoods) => fuzz::seed_planted(seed, planted),
        _ => run_planted(&generate::script(seed), planted, false),
    };
    outcome.violation.map(|violation| violation.rule)
}

#[test]
fn every_planted_bug_is_found_by_its_rule_at_its_seed() {
    for (planted, rule, seed) in FOUND {
        assert_eq!(broken(Some(*planted), *seed), Some(*rule), "{planted:?} at seed {seed}");
        assert_eq!(broken(None, *seed), None, "seed {seed} without {planted:?}");
        assert!(*seed < 1_000, "{planted:?} is found within 1,000 seeds");
    }
    assert!(
        Rule::ALL.iter().all(|rule| FOUND.iter().any(|(_, listed, _)| listed == rule)),
        "every rule finds something"
    );
    assert!(Planted::ALL.iter().all(|planted| FOUND.iter().any(|(listed, ..)| listed == planted)));
}

#[test]
#[ignore = "searches for the seeds of the list, after a change to how seeds become scripts"]
fn first_seed_that_finds_each_bug_whose_seed_does_not() {
    std::panic::set_hook(Box::new(|_| {}));
    let astray = FOUND.iter().filter(|(planted, rule, seed)| broken(Some(*planted), *seed) != Some(*rule));
    for (planted, rule, _) in astray {
        let found = (0..1_000).find(|seed| broken(Some(*planted), *seed) == Some(*rule));
        eprintln!("{planted:?} {rule:?} {found:?}");
    }
}
