//! `shortest-path aggregate`: reads every child's result, makes sure that they belong together and none is missing,
//! and writes one summary.

#[cfg(test)]
mod tests;

use super::{RESULT_SUFFIX, result_name, store};
use crate::cli::Aggregate;
use crate::output::{remark, show};
use crate::record::Record;
use crate::result_file::{ResultFile, Subject};
use crate::share::array_job_id;
use crate::storage::Store;
use crate::summary::Summary;
use std::collections::BTreeSet;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Error {
    #[error("where are the results? Give --bucket (or BUCKET_NAME) or --input FOLDER")]
    NoPlace,
    #[error("there are no results at {place}*{RESULT_SUFFIX}: did the array job run, with the same bucket and prefix?")]
    NoResults { place: String },
    #[error("there are results of several array jobs ({ids}): say which with --array-job-id or ARRAY_JOB_ID")]
    SeveralArrays { ids: String },
    #[error("the result of child {index} of {size} is missing: {address} ({missing} missing in all); run it again")]
    Missing { index: u32, size: u32, address: String, missing: usize },
    #[error("{address} holds the result of child {found}, not {named}: was it copied or renamed?")]
    WrongChild { address: String, found: u32, named: u32 },
    #[error(
        "{address} is child {index} of {found}, but {other} belongs to an array of {size}: remove the results of the other run"
    )]
    WrongSize { address: String, index: u32, found: u32, other: String, size: u32 },
    #[error("{address} and {other} were computed on different networks or weights: run the children again on one")]
    WrongNetwork { address: String, other: String },
}

pub(crate) fn run(args: &Aggregate) -> Result<(), super::Error> {
    let store = store(&args.target, args.input.as_deref())?.ok_or(Error::NoPlace)?;
    let given = args.array_job_id.as_deref().filter(|id| !id.is_empty()).map(array_job_id);
    let (id, children) = find(&store, given)?;
    let (subject, records) = read_all(&store, &id, &children)?;
    let summary = Summary::new(&subject, &records);
    let name = format!("{id}_summary_shortest-path.json");
    store.write(&name, summary.to_json().as_bytes())?;
    show(&if args.json { summary.to_json() } else { summary.to_text() })?;
    remark(&format!("{} results joined into {}", children.len(), store.address(&name)));
    Ok(())
}

/// The array job and which children's results are there, at least one.
fn find(store: &Store, given: Option<&str>) -> Result<(String, BTreeSet<u32>), super::Error> {
    let start = given.map(|id| format!("{id}_")).unwrap_or_default();
    let mut found: Vec<(String, u32)> = store.names(&start)?.iter().filter_map(|name| split_name(name)).collect();
    found.retain(|(id, _)| given.is_none_or(|given| given == id));
    let ids: BTreeSet<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    let Some(&id) = ids.first() else {
        return Err(Error::NoResults { place: store.address(&start) }.into());
    };
    if ids.len() > 1 {
        let shown: Vec<&str> = ids.iter().copied().take(5).collect();
        return Err(Error::SeveralArrays { ids: shown.join(", ") }.into());
    }
    let id = id.to_owned();
    Ok((id, found.into_iter().map(|(_, index)| index).collect()))
}

/// Array job and child of a result file's name, if it is one.
fn split_name(name: &str) -> Option<(String, u32)> {
    let (id, index) = name.strip_suffix(RESULT_SUFFIX)?.rsplit_once('_')?;
    let index = index.parse().ok()?;
    (name == result_name(id, index)).then(|| (id.to_owned(), index))
}

fn read_all(store: &Store, id: &str, children: &BTreeSet<u32>) -> Result<(Subject, Vec<Record>), super::Error> {
    let mut first: Option<(String, ResultFile)> = None;
    let mut records = Vec::new();
    for &index in children {
        let name = result_name(id, index);
        let address = store.address(&name);
        let mut file = ResultFile::decode(&store.read(&name)?, &address)?;
        if file.share.index != index {
            return Err(Error::WrongChild { address, found: file.share.index, named: index }.into());
        }
        records.append(&mut file.records);
        match &first {
            None => {
                check_none_missing(store, id, children, file.share.size)?;
                first = Some((address, file));
            }
            Some((other, like)) => check_alike(&file, address, like, other)?,
        }
    }
    let (_, first) = first.expect("find returns at least one child");
    Ok((first.subject, records))
}

fn check_none_missing(store: &Store, id: &str, children: &BTreeSet<u32>, size: u32) -> Result<(), Error> {
    let mut missing = (0..size).filter(|index| !children.contains(index));
    match missing.next() {
        None => Ok(()),
        Some(index) => {
            let address = store.address(&result_name(id, index));
            Err(Error::Missing { index, size, address, missing: missing.count() + 1 })
        }
    }
}

fn check_alike(file: &ResultFile, address: String, like: &ResultFile, other: &str) -> Result<(), Error> {
    let (other, size) = (other.to_owned(), like.share.size);
    if file.share.size != size {
        return Err(Error::WrongSize { address, index: file.share.index, found: file.share.size, other, size });
    }
    if file.subject != like.subject {
        return Err(Error::WrongNetwork { address, other });
    }
    Ok(())
}
