//! The order of submission: a job comes after those that it depends on or whose id it uses, and otherwise where the
//! file has it.

use super::jobs::{Draft, Job};
use super::source::Problem;

/// Sorts the jobs, or reports each circle once.
pub(super) fn arrange(drafts: Vec<Draft>, problems: &mut Vec<Problem>) -> Vec<Job> {
    let before: Vec<Vec<usize>> = drafts
        .iter()
        .map(|draft| draft.after.iter().filter_map(|(_, name)| position(&drafts, name)).collect())
        .collect();
    let mut marks = vec![Mark::New; drafts.len()];
    let mut order = Vec::with_capacity(drafts.len());
    for start in 0..drafts.len() {
        if let Some(circle) = visit(start, &before, &mut marks, &mut order) {
            problems.push(describe(&circle, &drafts));
            return Vec::new();
        }
    }
    let mut jobs: Vec<Option<Job>> = drafts.into_iter().map(|draft| Some(draft.job)).collect();
    order.into_iter().filter_map(|index| jobs[index].take()).collect()
}

fn position(drafts: &[Draft], name: &str) -> Option<usize> {
    drafts.iter().position(|draft| draft.job.name == name)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    OnPath,
    Done,
}

/// Depth first without recursion: a file may chain very many jobs. Gives the circle that it runs into.
fn visit(start: usize, before: &[Vec<usize>], marks: &mut [Mark], order: &mut Vec<usize>) -> Option<Vec<usize>> {
    if marks[start] == Mark::Done {
        return None;
    }
    let mut path = vec![(start, 0)];
    marks[start] = Mark::OnPath;
    while let Some((job, next)) = path.last_mut() {
        let Some(&needed) = before[*job].get(*next) else {
            marks[*job] = Mark::Done;
            order.push(*job);
            path.pop();
            continue;
        };
        *next += 1;
        match marks[needed] {
            Mark::Done => {}
            Mark::New => {
                marks[needed] = Mark::OnPath;
                path.push((needed, 0));
            }
            Mark::OnPath => {
                let jobs = path.iter().map(|(job, _)| *job);
                return Some(jobs.skip_while(|job| *job != needed).collect());
            }
        }
    }
    None
}

fn describe(circle: &[usize], drafts: &[Draft]) -> Problem {
    let names: Vec<&str> = circle.iter().chain(circle.first()).map(|&job| drafts[job].job.name.as_str()).collect();
    let first = &drafts[circle[0]];
    let second = names[1];
    let place = first.after.iter().find(|(_, name)| name == second).map_or(first.place, |(place, _)| *place);
    Problem::new(place, format!("these jobs wait for each other in a circle: {}", names.join(" → ")))
        .help("take out one of the dependencies")
}
