//! Old rows go, in small steps; what is needed stays.

use super::rows::{array, at, child, event, id, job, needing, stream};
use crate::{Reader, Store, Upkeep, Writer};
use longshore_engine::Change;
use longshore_engine::entity::{ChildDefault, EventSubject, Job};
use longshore_types::{AttemptId, JobId, JobRef, JobStatus};
use std::sync::Arc;
use std::sync::mpsc::channel;
use tempfile::TempDir;

struct Site {
    reader: Reader,
    upkeep: Upkeep,
    writer: Writer,
    directory: TempDir,
}

impl Site {
    fn with(changes: Vec<Change>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path().join("db")).unwrap();
        let reader = store.reader();
        let (done, outcomes) = channel();
        let writer = store.writer(move |outcome| drop(done.send(outcome))).unwrap();
        writer.commit(1, changes).unwrap();
        outcomes.recv().unwrap().unwrap();
        Self { reader, upkeep: writer.upkeep(), writer, directory }
    }

    fn events(&self) -> Vec<i64> {
        self.column("SELECT seq FROM events ORDER BY seq")
    }

    fn column(&self, query: &str) -> Vec<i64> {
        let db = rusqlite::Connection::open(self.directory.path().join("db")).unwrap();
        let mut statement = db.prepare(query).unwrap();
        let numbers = statement.query_map([], |row| row.get(0)).unwrap();
        numbers.map(Result::unwrap).collect()
    }

    /// Removes all that remains of expired jobs; in how many steps.
    fn sweep(&self) -> usize {
        let mut steps = 0;
        while let Some(remains) = self.upkeep.remains().unwrap() {
            self.upkeep.forget(remains).unwrap();
            steps += 1;
        }
        steps
    }
}

fn told(numbers: std::ops::RangeInclusive<u64>) -> Vec<Change> {
    let one = || EventSubject::One(JobRef::Job(id(1)));
    numbers.map(|number| event(number, one(), JobStatus::Running)).collect()
}

#[test]
fn events_go_by_age_and_by_number_but_the_last_stays() {
    let site = Site::with(told(1..=9));
    assert!(!site.upkeep.forget_events(at(30), 100).unwrap());
    assert_eq!(site.events(), [3, 4, 5, 6, 7, 8, 9]);
    site.upkeep.forget_events(at(0), 4).unwrap();
    assert_eq!(site.events(), [6, 7, 8, 9]);
    site.upkeep.forget_events(at(1_000_000), 0).unwrap();
    assert_eq!(site.events(), [9]);
    let site = Site::with(told(1..=3_000));
    assert!(site.upkeep.forget_events(at(1_000_000), 0).unwrap(), "a bounded step");
    while site.upkeep.forget_events(at(1_000_000), 0).unwrap() {}
    assert_eq!(site.events(), [3_000]);
}

fn ended(number: u64) -> Job {
    Job { run: job(number, JobStatus::Succeeded).run, ..array(number, 3, ChildDefault::Runnable) }
}

#[test]
fn expired_job_is_gone_at_once_and_all_of_it_by_and_by() {
    let unheard = AttemptId::from_random(99);
    let mut old = ended(1);
    old.run.unheard.push(unheard);
    let mut changes = vec![Change::PutJob(Arc::new(old.clone())), Change::PutJob(Arc::new(ended(2)))];
    changes.extend((0..600).map(|index| Change::PutChild(Box::new(child(&old, index, JobStatus::Succeeded)))));
    changes.push(Change::PutChild(Box::new(child(&ended(2), 0, JobStatus::Succeeded))));
    let mut log = stream("g", "p", 7, Some(20));
    log.job = JobRef::Child(old.id, 5);
    changes.push(Change::PutLogStream(Box::new(log.clone())));
    let site = Site::with(changes);
    site.upkeep.expire(vec![id(1), id(2)]).unwrap();
    assert_eq!(site.reader.jobs(&[JobRef::Job(id(1)), JobRef::Child(id(1), 0)]).unwrap(), [None, None]);
    assert!(site.reader.jobs(&[JobRef::Job(id(2))]).unwrap()[0].is_some(), "the newest stays for its number");
    let remains = site.upkeep.remains().unwrap().unwrap();
    assert!(remains.attempts.contains(&log.attempt) && remains.attempts.contains(&unheard));
    assert_eq!(site.sweep(), 3);
    assert_eq!(site.column("SELECT count(*) FROM children"), [1]);
    assert_eq!(site.column("SELECT count(*) FROM log_streams"), [0]);
    assert_eq!(site.column("SELECT count(*) FROM expired"), [0]);
}

#[test]
fn expired_job_needs_nothing_any_more_and_stays_away() {
    let jobs = [needing(1, JobStatus::Succeeded, &["r", "s"]), needing(2, JobStatus::Succeeded, &["r"])];
    let rows: Vec<_> = jobs.iter().cloned().map(|job| Change::PutJob(Arc::new(job))).collect();
    let site = Site::with(rows);
    site.upkeep.expire(vec![id(1)]).unwrap();
    assert_eq!(site.column("SELECT seq FROM job_consumables"), [2]);
    // A change of its tags that was under way then.
    site.writer.commit(2, vec![Change::PutEndedJob(Box::new(jobs[0].clone()))]).unwrap();
    assert_eq!((site.sweep(), site.column("SELECT seq FROM jobs")), (1, vec![2]));
    assert_eq!(site.column("SELECT seq FROM job_consumables"), [2]);
}

#[test]
fn job_that_has_not_ended_does_not_expire() {
    let rows = [job(1, JobStatus::Running), job(2, JobStatus::Running)];
    let site = Site::with(rows.into_iter().map(|job| Change::PutJob(Arc::new(job))).collect());
    site.upkeep.expire(vec![id(1)]).unwrap();
    assert_eq!(site.column("SELECT seq FROM jobs ORDER BY seq"), [1, 2]);
}

#[test]
fn old_jobs_are_found_in_pages_that_stop_at_what_is_too_young() {
    let rows = (1..=1_500).map(|number| job(number, if number == 3 { JobStatus::Running } else { JobStatus::Failed }));
    let with_end = |job: Job| {
        let mut job = job;
        job.run.stopped_at = job.run.stopped_at.map(|_| at(2_000));
        Change::PutJob(Arc::new(job))
    };
    let site = Site::with(rows.map(with_end).collect());
    let numbers = |jobs: &[JobId]| jobs.len();
    let first = site.reader.jobs_ended_before(at(2_001), 0).unwrap();
    assert_eq!((numbers(&first.jobs), first.next), (999, Some(1_000)));
    let second = site.reader.jobs_ended_before(at(2_001), 1_000).unwrap();
    assert_eq!((numbers(&second.jobs), second.next), (500, None));
    let none = site.reader.jobs_ended_before(at(2_000), 0).unwrap();
    assert_eq!((numbers(&none.jobs), none.next), (0, Some(1_000)));
    assert_eq!(site.reader.jobs_ended_before(at(1), 0).unwrap(), crate::EndedPage::default());
}

#[test]
fn dismissed_output_is_gone_for_readers_until_its_file_is_deleted() {
    let row = |group, number, ended_at| Change::PutLogStream(Box::new(stream(group, "p", number, ended_at)));
    let site =
        Site::with(vec![row("b", 1, Some(300)), row("a", 2, Some(100)), row("a", 3, None), row("b", 4, Some(200))]);
    let ids = |outputs: &[crate::EndedOutput]| outputs.iter().map(|one| one.ended_at.as_millis()).collect::<Vec<_>>();
    assert_eq!(ids(&site.reader.oldest_outputs(2).unwrap()), [100, 200]);
    assert_eq!(site.reader.running_outputs().unwrap().len(), 1);

    let oldest = site.reader.oldest_outputs(1).unwrap();
    site.upkeep.dismiss(oldest.clone()).unwrap();
    assert_eq!(ids(&site.reader.oldest_outputs(9).unwrap()), [200, 300]);
    assert_eq!(site.reader.log_stream(&oldest[0].group, &oldest[0].name).unwrap(), None);
    // Whoever looks for files that nobody names still finds it, until it is deleted.
    assert!(site.reader.attempts().unwrap().contains(&oldest[0].attempt));
    assert_eq!(site.upkeep.dismissed().unwrap(), [oldest[0].attempt]);
    site.upkeep.forget_dismissed(vec![oldest[0].attempt]).unwrap();
    assert_eq!(site.upkeep.dismissed().unwrap(), []);
    assert!(!site.reader.attempts().unwrap().contains(&oldest[0].attempt));
}

#[test]
fn output_of_an_attempt_that_runs_is_not_dismissed() {
    let site = Site::with(vec![Change::PutLogStream(Box::new(stream("g", "p", 3, None)))]);
    let named = site.reader.log_streams(&crate::StreamQuery { group: "g".into(), limit: 9, ..Default::default() });
    let stream = named.unwrap().remove(0);
    let output =
        crate::EndedOutput { ended_at: at(0), group: stream.group, name: stream.name, attempt: stream.attempt };
    site.upkeep.dismiss(vec![output]).unwrap();
    assert_eq!((site.reader.running_outputs().unwrap().len(), site.upkeep.dismissed().unwrap().len()), (1, 0));
}
