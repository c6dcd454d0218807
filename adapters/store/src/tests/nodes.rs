//! Multi-node jobs: their nodes by id, in listings, for dependencies and at start-up.

use super::rows::{child, id, job};
use crate::{NodeQuery, Page, Reader, Store};
use longshore_engine::entity::{Job, JobSpec, NodeGroup, NodeRange, Nodes, Work};
use longshore_engine::{Change, Rows};
use longshore_types::{JobRef, JobStatus};
use std::sync::Arc;
use tempfile::TempDir;

/// A job of three nodes.
pub(crate) fn multinode(seq: u64, status: JobStatus) -> Job {
    let single = job(seq, status);
    let group = NodeGroup {
        target_nodes: "0:".into(),
        range: NodeRange { first: 0, last: None },
        work: single.spec.work.clone(),
        instance_types: Vec::new(),
    };
    let nodes = Nodes { count: 3, main: 0, groups: vec![group] };
    let spec = JobSpec { work: Work::Nodes(nodes), ..(*single.spec).clone() };
    Job { spec: Arc::new(spec), gang: Some(Box::default()), ..single }
}

fn with(jobs: &[Job], rows: &[(usize, u32, JobStatus)]) -> (TempDir, Reader) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path().join("longshore.db")).unwrap();
    let reader = store.reader();
    super::write(store, vec![changes(jobs, rows)]);
    (directory, reader)
}

fn changes(jobs: &[Job], rows: &[(usize, u32, JobStatus)]) -> Vec<Change> {
    let jobs_put = jobs.iter().map(|job| Change::PutJob(Arc::new(job.clone())));
    let node = |(job, index, status): &(usize, u32, JobStatus)| {
        Change::PutChild(Box::new(child(&jobs[*job], *index, *status)))
    };
    jobs_put.chain(rows.iter().map(node)).collect()
}

fn query(statuses: &[JobStatus], after: Option<u32>, limit: usize) -> NodeQuery {
    NodeQuery { job: id(1), statuses: statuses.to_vec(), after, limit }
}

fn indexes(page: Option<Page<u32>>) -> (Vec<u32>, Option<u32>) {
    let page = page.unwrap();
    let index = |view: &crate::JobView| {
        assert!(matches!(view.reference(), JobRef::Node(..)));
        view.reference().index().unwrap()
    };
    (page.views.iter().map(index).collect(), page.next)
}

#[test]
fn mnp_7_nodes_are_found_by_id_and_without_rows_are_what_their_job_is() {
    let (_directory, reader) = with(&[multinode(1, JobStatus::Running)], &[(0, 1, JobStatus::Failed)]);
    let asked = [JobRef::Node(id(1), 1), JobRef::Node(id(1), 2), JobRef::Node(id(1), 3), JobRef::Child(id(1), 1)];
    let views = reader.jobs(&asked).unwrap();
    let found: Vec<_> =
        views.iter().map(|view| view.as_ref().map(|view| (view.reference(), view.run().status))).collect();
    let expected = [Some((asked[0], JobStatus::Failed)), Some((asked[1], JobStatus::Running)), None, None];
    assert_eq!(found, expected);
}

#[test]
fn mnp_7_nodes_are_listed_by_status_page_by_page() {
    let rows = [(0, 0, JobStatus::Running), (0, 1, JobStatus::Failed), (0, 2, JobStatus::Running)];
    let (_directory, reader) = with(&[multinode(1, JobStatus::Running), job(2, JobStatus::Running)], &rows);
    let listed = |query: &NodeQuery| indexes(reader.list_nodes(query).unwrap());
    assert_eq!(listed(&query(&[JobStatus::Running], None, 9)), (vec![0, 2], None));
    assert_eq!(listed(&query(&[JobStatus::Running], None, 1)), (vec![0], Some(0)));
    assert_eq!(listed(&query(&[JobStatus::Running], Some(0), 1)), (vec![2], None));
    assert_eq!(listed(&query(&[JobStatus::Failed], None, 9)), (vec![1], None));
    let single = NodeQuery { job: id(2), ..query(&[JobStatus::Running], None, 9) };
    assert_eq!(reader.list_nodes(&single).unwrap(), None, "a job without nodes has none to list");
}

#[test]
fn mnp_7_nodes_that_were_never_placed_are_listed_as_their_job() {
    let (_directory, reader) = with(&[multinode(1, JobStatus::Runnable)], &[]);
    let listed = reader.list_nodes(&query(&[JobStatus::Runnable], None, 9)).unwrap();
    assert_eq!(indexes(listed), (vec![0, 1, 2], None));
}

#[test]
fn dep_5_ended_jobs_tell_which_nodes_failed() {
    let jobs = [multinode(1, JobStatus::Succeeded), multinode(2, JobStatus::Failed)];
    let rows = [(0, 0, JobStatus::Succeeded), (0, 1, JobStatus::Failed), (0, 2, JobStatus::Succeeded)];
    let (_directory, reader) = with(&jobs, &rows);
    let ended = reader.ended_jobs(&[id(1), id(2)]).unwrap();
    let told = |seq| {
        let job = ended[&id(seq)].clone().unwrap();
        (job.nodes, job.failed_children.into_iter().collect::<Vec<_>>())
    };
    assert_eq!(told(1), (Some(3), vec![1]));
    assert_eq!(told(2), (Some(3), vec![0, 1, 2]), "nodes without rows ended with their job");
}

#[test]
fn nodes_of_jobs_that_have_not_ended_load_at_start_up() {
    let jobs = [multinode(1, JobStatus::Running), multinode(2, JobStatus::Succeeded)];
    let changes =
        changes(&jobs, &[(0, 0, JobStatus::Running), (0, 1, JobStatus::Failed), (1, 0, JobStatus::Succeeded)]);
    let mut rows = Rows::default();
    changes.iter().cloned().for_each(|change| rows.apply(change));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("longshore.db");
    super::write(Store::open(&path).unwrap(), vec![changes]);
    let loaded = Store::open(&path).unwrap().load().unwrap();
    assert_eq!(loaded.children.len(), 2);
    assert_eq!(loaded, rows.snapshot());
}
