//! Makes a failing script smaller: leaves out lines for as long as the same rule stays broken.

use crate::outcome;
use crate::script::{Line, Script};
use crate::violation::Rule;

/// Most runs spent on it.
const MOST_RUNS: usize = 2_000;

/// The smallest script found that breaks `rule` as `script` does.
pub fn shrink(script: &Script, rule: Rule) -> Script {
    shrink_by(script, |candidate| outcome::run(candidate, false).violation.is_some_and(|broken| broken.rule == rule))
}

/// Leaves out ever smaller pieces of the script while it still fails.
fn shrink_by(script: &Script, fails: impl Fn(&Script) -> bool) -> Script {
    let mut best = script.clone();
    let mut runs = 0;
    let mut piece = best.lines.len().div_ceil(2);
    while piece > 0 && runs < MOST_RUNS {
        let mut start = 0;
        let before = best.lines.len();
        while start < best.lines.len() && runs < MOST_RUNS {
            let candidate = without(&best, start, piece);
            runs += 1;
            if fails(&candidate) {
                best = candidate;
            } else {
                start += piece;
            }
        }
        piece = if best.lines.len() < before { piece.min(best.lines.len()) } else { piece / 2 };
    }
    best
}

fn without(script: &Script, start: usize, count: usize) -> Script {
    let outside = |index: &usize| !(start..start + count).contains(index);
    let kept = script.lines.iter().enumerate().filter(|(index, _)| outside(index)).map(|(_, line)| line.clone());
    let lines: Vec<Line> = kept.collect();
    Script { lines, ..script.clone() }
}

#[cfg(test)]
mod tests;
