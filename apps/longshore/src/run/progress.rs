//! Progress of a run on stderr: a bar for each job on a terminal, otherwise a line whenever something has changed.

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::client::job::{Job, STATUSES};
use crate::output;
use crate::workload::Workload;

/// More bars than this would scroll; the rest is in one bar.
const BARS_MAX: usize = 16;

pub(super) struct Progress {
    bars: Option<(MultiProgress, Vec<ProgressBar>)>,
    told: Vec<String>,
}

impl Progress {
    pub(super) fn new(workload: &Workload) -> Self {
        let bars = output::talk_is_terminal().then(|| bars(workload));
        Self { bars, told: Vec::new() }
    }

    /// Shows how the jobs, in the order of submission, are now.
    pub(super) fn show(&mut self, jobs: &[Job]) {
        match &self.bars {
            Some((_, bars)) => show_bars(bars, jobs),
            None => {
                self.told.resize(jobs.len(), String::new());
                for (told, job) in self.told.iter_mut().zip(jobs) {
                    let now = format!("{}: {}", job.job_name, state(job));
                    if *told != now {
                        output::say(&now);
                        *told = now;
                    }
                }
            }
        }
    }

    /// Writes a line of talk above the bars.
    pub(super) fn talk(&self, line: &str) {
        match &self.bars {
            Some((all, _)) => all.suspend(|| output::say(line)),
            None => output::say(line),
        }
    }

    pub(super) fn finish(&self) {
        let Some((_, bars)) = &self.bars else { return };
        bars.iter().for_each(ProgressBar::abandon);
        // The cursor stands behind the last bar.
        output::say("");
    }
}

fn bars(workload: &Workload) -> (MultiProgress, Vec<ProgressBar>) {
    let all = MultiProgress::new();
    let width = workload.jobs.iter().map(|job| job.name.chars().count()).max().unwrap_or(0).min(32);
    let template = format!("{{prefix:{width}!}} {{bar:30}} {{pos}}/{{len}} {{wide_msg}} {{elapsed}}");
    let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let style = style.progress_chars("█▌ ");
    let bar = |name: String, length: u64| all.add(ProgressBar::new(length).with_style(style.clone()).with_prefix(name));
    let mut bars: Vec<ProgressBar> =
        workload.jobs.iter().take(BARS_MAX).map(|job| bar(job.name.clone(), job.array_size().unwrap_or(1))).collect();
    let rest = &workload.jobs[bars.len()..];
    if !rest.is_empty() {
        let length = rest.iter().map(|job| job.array_size().unwrap_or(1)).sum();
        bars.push(bar(format!("{} more", rest.len()), length));
    }
    (all, bars)
}

fn show_bars(bars: &[ProgressBar], jobs: &[Job]) {
    for (index, bar) in bars.iter().enumerate() {
        let shown = if index < BARS_MAX { &jobs[index..=index] } else { &jobs[index..] };
        bar.set_position(shown.iter().map(ended).sum());
        bar.set_message(match shown {
            [job] => state(job),
            several => crate::cli::counts(several),
        });
        if shown.iter().all(Job::is_terminal) && !bar.is_finished() {
            bar.abandon();
        }
    }
}

/// How many of the job's children, or whether the job itself, have ended.
fn ended(job: &Job) -> u64 {
    match job.array_size() {
        Some(_) => job.children("SUCCEEDED") + job.children("FAILED"),
        None => u64::from(job.is_terminal()),
    }
}

/// The status, and for arrays the children by status.
fn state(job: &Job) -> String {
    let counts: Vec<String> = STATUSES
        .iter()
        .map(|status| (status, job.children(status)))
        .filter(|(_, count)| *count > 0)
        .map(|(status, count)| format!("{count} {status}"))
        .collect();
    match (counts.is_empty(), job.reason().filter(|_| job.status == "FAILED")) {
        (false, _) => counts.join(", "),
        (true, Some(reason)) => format!("{}: {reason}", job.status),
        (true, None) => job.status.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::job::ArrayProperties;

    #[test]
    fn array_half_done_counts_both_endings() {
        let status_summary = [("SUCCEEDED", 3), ("FAILED", 1), ("RUNNING", 4)];
        let status_summary = status_summary.iter().map(|(status, count)| ((*status).to_owned(), *count)).collect();
        let array = ArrayProperties { size: Some(8), index: None, status_summary };
        let job = Job { status: "PENDING".into(), array_properties: Some(array), ..Job::default() };
        assert_eq!(ended(&job), 4);
        assert_eq!(state(&job), "4 RUNNING, 3 SUCCEEDED, 1 FAILED");
    }
}
