//! Listings, page by page, against a naive model; and lookups by id.

use super::rows::{array, at, child, definition, definition_id, id, job, name};
use crate::{ChildQuery, DefinitionPattern, DefinitionQuery, JobQuery, Pattern, Reader, Select, Store};
use longshore_engine::Change;
use longshore_engine::command::EndedJob;
use longshore_engine::entity::{ChildDefault, ChildRow, Job};
use longshore_types::{JobRef, JobStatus};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

fn with(changes: Vec<Change>) -> (tempfile::TempDir, Reader) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path().join("longshore.db")).unwrap();
    let reader = store.reader();
    super::write(store, vec![changes]);
    (directory, reader)
}

fn put_jobs(jobs: &[Job]) -> Vec<Change> {
    jobs.iter().map(|job| Change::PutJob(Arc::new(job.clone()))).collect()
}

/// The order of submission of the jobs on all pages.
fn listed(reader: &Reader, select: Select, limit: usize) -> Vec<u64> {
    let mut query = JobQuery { queue: name("q"), select, after: None, limit };
    let mut seen = Vec::new();
    loop {
        let page = reader.list_jobs(&query).unwrap();
        assert!(page.views.len() <= limit);
        seen.extend(page.views.iter().map(|view| view.job.seq));
        query.after = page.next;
        if query.after.is_none() {
            return seen;
        }
    }
}

fn expected(jobs: &[Job], grouped: bool, wanted: impl Fn(&Job) -> bool) -> Vec<u64> {
    let mut found: Vec<&Job> = jobs.iter().filter(|job| job.queue.as_str() == "q" && wanted(job)).collect();
    let group = |job: &Job| if grouped { job.name.as_str().to_lowercase() } else { String::new() };
    found.sort_by_key(|job| (group(job), job.created_at, job.seq));
    found.into_iter().rev().map(|job| job.seq).collect()
}

fn any_jobs() -> impl Strategy<Value = Vec<Job>> {
    let texts = || proptest::sample::select(vec!["a", "A", "ab", "Ab-c", "b", "_x"]);
    let share = proptest::option::of(proptest::sample::select(vec!["s1", "s2"]));
    let status = proptest::sample::select(JobStatus::ALL.to_vec());
    let one = (proptest::sample::select(vec!["q", "r"]), texts(), texts(), 1_u32..3, 0_i64..6, status, share);
    proptest::collection::vec(one, 0..40).prop_map(|rows| {
        let numbered = (1_u64..).zip(rows);
        let built = numbered.map(|(seq, (queue, text, of, revision, time, status, share))| Job {
            queue: name(queue),
            name: name(text),
            definition: definition_id(of, revision),
            created_at: at(time),
            share_identifier: share.map(Into::into),
            ..job(seq, status)
        });
        built.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_listing_equals_the_naive_one(jobs in any_jobs(), limit in 1_usize..7) {
        use JobStatus::{Failed, Running};
        let (_directory, reader) = with(put_jobs(&jobs));
        let check = |select: Select, grouped: bool, wanted: &dyn Fn(&Job) -> bool| {
            assert_eq!(listed(&reader, select, limit), expected(&jobs, grouped, wanted));
        };
        let lower = |job: &Job| job.name.as_str().to_lowercase();
        let of = |job: &Job| job.definition.name.as_str().to_owned();
        check(Select::Status(vec![Running, Failed]), false, &|job| [Running, Failed].contains(&job.run.status));
        check(Select::Status(JobStatus::ALL.to_vec()), false, &|_| true);
        check(Select::Name(vec![Pattern::Exact("AB".into())]), true, &|job| lower(job) == "ab");
        check(Select::Name(vec![Pattern::Prefix("A".into())]), true, &|job| lower(job).starts_with('a'));
        let overlapping = vec![Pattern::Prefix("ab".into()), Pattern::Exact("b".into()), Pattern::Prefix("a".into())];
        check(Select::Name(overlapping), true, &|job| lower(job) != "_x");
        let exact = DefinitionPattern::Name(Pattern::Exact("A".into()));
        check(Select::Definition(vec![exact]), false, &|job| of(job) == "A");
        let prefix = DefinitionPattern::Name(Pattern::Prefix("a".into()));
        check(Select::Definition(vec![prefix]), false, &|job| of(job).starts_with('a'));
        let revision = DefinitionPattern::Revision(definition_id("a", 2));
        check(Select::Definition(vec![revision]), false, &|job| job.definition == definition_id("a", 2));
        check(Select::Created { after: Some(at(1)), before: None }, false, &|job| job.created_at > at(1));
        check(Select::Created { after: None, before: Some(at(4)) }, false, &|job| job.created_at < at(4));
        let share = Select::Share(vec!["s1".into()], vec![Running, Failed]);
        check(share, false, &|job| {
            job.share_identifier.as_deref() == Some("s1") && [Running, Failed].contains(&job.run.status)
        });
    }

    #[test]
    fn every_listing_of_children_equals_the_naive_one(
        rows in proptest::collection::btree_map(0_u32..12, proptest::sample::select(JobStatus::ALL.to_vec()), 0..12),
        wanted in proptest::sample::subsequence(JobStatus::ALL.to_vec(), 1..=7),
        (behind, limit) in (0_u32..3, 1_usize..5),
    ) {
        let mut parent = array(1, 12, ChildDefault::Runnable);
        let gap = (0..12).find(|index| !rows.contains_key(index)).unwrap_or(12);
        parent.array.as_mut().unwrap().rows_before = gap.saturating_sub(behind);
        let mut changes = put_jobs(std::slice::from_ref(&parent));
        changes.extend(rows.iter().map(|(index, status)| Change::PutChild(Box::new(child(&parent, *index, *status)))));
        let (_directory, reader) = with(changes);
        let status = |index: &u32| rows.get(index).copied().unwrap_or(JobStatus::Runnable);
        let expected: Vec<u32> = (0..12).filter(|index| wanted.contains(&status(index))).collect();
        let mut query = ChildQuery { array: parent.id, statuses: wanted.clone(), after: None, limit };
        let mut seen = Vec::new();
        loop {
            let page = reader.list_children(&query).unwrap().unwrap();
            prop_assert!(page.views.len() <= limit);
            for view in page.views {
                let index = view.reference().index().unwrap();
                prop_assert_eq!(view.run().status, status(&index));
                seen.push(index);
            }
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        prop_assert_eq!(seen, expected);
    }
}

#[test]
fn million_children_in_their_default_are_listed_without_rows() {
    let parent = array(1, 1_000_000, ChildDefault::Runnable);
    let (_directory, reader) = with(put_jobs(std::slice::from_ref(&parent)));
    let query = ChildQuery { array: parent.id, statuses: vec![JobStatus::Runnable], after: Some(999_997), limit: 2 };
    let page = reader.list_children(&query).unwrap().unwrap();
    let indexes: Vec<Option<u32>> = page.views.iter().map(|view| view.reference().index()).collect();
    assert_eq!((indexes, page.next), (vec![Some(999_998), Some(999_999)], None));
}

#[test]
fn children_of_an_array_that_still_waits_do_not_exist_yet() {
    let mut parent = array(1, 3, ChildDefault::Pending);
    parent.array.as_mut().expect("it is one").spawned_at = None;
    let (_directory, reader) = with(put_jobs(std::slice::from_ref(&parent)));
    assert_eq!(reader.jobs(&[JobRef::Child(parent.id, 0)]).unwrap(), [None]);
    let query = ChildQuery { array: parent.id, statuses: JobStatus::ALL.to_vec(), after: None, limit: 9 };
    assert_eq!(reader.list_children(&query).unwrap().unwrap().views, []);
}

#[test]
fn jobs_by_id_keep_the_order_asked_and_name_what_is_missing() {
    let parent = array(1, 3, ChildDefault::Runnable);
    let mut changes = put_jobs(&[parent.clone(), job(2, JobStatus::Running)]);
    changes.push(Change::PutChild(Box::new(child(&parent, 1, JobStatus::Running))));
    let (_directory, reader) = with(changes);
    let asked = [
        JobRef::Child(parent.id, 1),
        JobRef::Job(id(9)),
        JobRef::Job(id(2)),
        JobRef::Child(parent.id, 2),
        JobRef::Child(parent.id, 3),
        JobRef::Child(id(2), 0),
    ];
    let views = reader.jobs(&asked).unwrap();
    let found: Vec<_> =
        views.iter().map(|view| view.as_ref().map(|view| (view.reference(), view.run().status))).collect();
    let expected = [
        Some((asked[0], JobStatus::Running)),
        None,
        Some((asked[2], JobStatus::Running)),
        Some((asked[3], JobStatus::Runnable)),
        None,
        None,
    ];
    assert_eq!(found, expected);
}

#[test]
fn ended_jobs_tell_failed_children_from_rows_and_default() {
    let ended = |seq, default| Job { run: job(seq, JobStatus::Failed).run, ..array(seq, 4, default) };
    let by_row = ended(1, ChildDefault::Runnable);
    let failed = ChildDefault::Failed { reason: "r".into(), at: at(1), cancelled: true, terminated: false };
    let by_default = ended(2, failed);
    let rows: [ChildRow; 2] = [child(&by_row, 3, JobStatus::Failed), child(&by_default, 0, JobStatus::Succeeded)];
    let mut changes = put_jobs(&[by_row, by_default, job(3, JobStatus::Running), job(4, JobStatus::Succeeded)]);
    changes.extend(rows.map(|row| Change::PutChild(Box::new(row))));
    let (_directory, reader) = with(changes);
    let array_of = |failed: &[u32]| {
        let failed_children = failed.iter().copied().collect();
        Some(EndedJob { status: JobStatus::Failed, array_size: Some(4), nodes: None, failed_children })
    };
    let single = Some(EndedJob {
        status: JobStatus::Succeeded,
        array_size: None,
        nodes: None,
        failed_children: std::collections::BTreeSet::new(),
    });
    let expected =
        BTreeMap::from([(id(1), array_of(&[3])), (id(2), array_of(&[1, 2, 3])), (id(4), single), (id(5), None)]);
    assert_eq!(reader.ended_jobs(&[id(1), id(2), id(3), id(4), id(5)]).unwrap(), expected);
}

#[test]
fn counts_are_by_queue_and_status() {
    let (_directory, reader) =
        with(put_jobs(&[job(1, JobStatus::Running), job(2, JobStatus::Running), job(3, JobStatus::Failed)]));
    assert_eq!(reader.job_counts(&name("q")).unwrap(), [0, 0, 0, 0, 2, 0, 1]);
    assert_eq!(reader.job_counts(&name("other")).unwrap(), [0; 7]);
}

#[test]
fn definitions_come_by_name_and_revision_descending_page_by_page() {
    let rows = [definition("a", 1, true), definition("b", 1, false), definition("b", 2, true)];
    let (_directory, reader) = with(rows.iter().map(|row| Change::PutDefinition(Box::new(row.clone()))).collect());
    let ids = |query: &DefinitionQuery| -> Vec<String> {
        reader.definitions(query).unwrap().iter().map(|row| row.id.to_string()).collect()
    };
    let all = DefinitionQuery { limit: 2, ..DefinitionQuery::default() };
    assert_eq!(ids(&all), ["b:2", "b:1"]);
    assert_eq!(ids(&DefinitionQuery { after: Some(definition_id("b", 1)), ..all.clone() }), ["a:1"]);
    assert_eq!(ids(&DefinitionQuery { active: Some(false), ..all.clone() }), ["b:1"]);
    assert_eq!(ids(&DefinitionQuery { name: Some(name("b")), active: Some(true), ..all }), ["b:2"]);
    assert_eq!(reader.definition(&definition_id("b", 2)).unwrap(), Some(rows[2].clone()));
}
