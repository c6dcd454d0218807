//! Groups of changes: who commits, who does not, and what becomes of their files.

use std::sync::mpsc;

use s3s::S3ErrorCode;
use tempfile::TempDir;

use super::*;
use crate::database::open_for_writing;
use crate::object::claim_file;
use crate::usage::Usage;

struct Fixture {
    _directory: TempDir,
    writer: Writer,
    content: Arc<Content>,
}

fn fixture() -> Fixture {
    let directory = TempDir::new().unwrap();
    let content = Arc::new(Content::open(directory.path(), &[], Usage::new(0, None)).unwrap());
    let db = open_for_writing(&directory.path().join("objects.sqlite3")).unwrap();
    Fixture { writer: Writer::start(db, Arc::clone(&content)).unwrap(), content, _directory: directory }
}

impl Fixture {
    async fn claimed(&self) -> Vec<i64> {
        let all = |change: &mut Change<'_>| {
            let mut query = change.db.prepare("SELECT id FROM content_files ORDER BY id")?;
            Ok(query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
        };
        self.writer.write(None, all).await.unwrap()
    }
}

/// A change that holds the writer until the test lets go, so that what follows gathers into one group.
fn hold() -> (mpsc::Sender<()>, impl FnOnce(&mut Change<'_>) -> Result<()> + Send + 'static) {
    let (release, held) = mpsc::channel();
    (release, move |_| held.recv().map_err(|_| Error::Stopped))
}

#[tokio::test]
async fn refused_change_leaves_no_trace_and_its_neighbours_commit() {
    let fixture = fixture();
    let (release, holding) = hold();
    let claim = |id| move |change: &mut Change<'_>| claim_file(change.db, id);
    let refused = |change: &mut Change<'_>| {
        claim_file(change.db, 2)?;
        Err::<(), _>(Error::from(S3ErrorCode::PreconditionFailed))
    };
    let (_, first, second, third, ()) = tokio::join!(
        fixture.writer.write(None, holding),
        fixture.writer.write(None, claim(1)),
        fixture.writer.write(None, refused),
        fixture.writer.write(None, claim(3)),
        async { release.send(()).unwrap() },
    );
    assert!(first.is_ok() && third.is_ok());
    assert!(matches!(second, Err(Error::Refused(_))));
    assert_eq!(fixture.claimed().await, [1, 3]);
}

#[tokio::test]
async fn staged_file_stays_with_its_change_and_goes_with_its_refusal() {
    let fixture = fixture();
    let kept = fixture.content.stage().unwrap();
    let gone = fixture.content.stage().unwrap();
    let (kept_path, gone_path) = (fixture.content.path(kept.id), fixture.content.path(gone.id));
    fixture.writer.write(Some(Held::File(kept)), |_| Ok(())).await.unwrap();
    let refusal =
        fixture.writer.write(Some(Held::File(gone)), |_| Err::<(), _>(Error::from(S3ErrorCode::NoSuchBucket))).await;
    assert!(refusal.is_err());
    assert!(kept_path.exists() && !gone_path.exists());
}

#[tokio::test]
async fn change_of_a_caller_that_went_away_commits_and_keeps_its_file() {
    let fixture = fixture();
    let (release, holding) = hold();
    let staged = fixture.content.stage().unwrap();
    let (id, path) = (staged.id, fixture.content.path(staged.id));
    {
        let mut held = Box::pin(fixture.writer.write(None, holding));
        let mut abandoned =
            Box::pin(fixture.writer.write(Some(Held::File(staged)), move |change| claim_file(change.db, id)));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(held.as_mut().poll(&mut cx).is_pending());
        assert!(abandoned.as_mut().poll(&mut cx).is_pending());
    }
    release.send(()).unwrap();
    assert_eq!(fixture.claimed().await, [id as i64]);
    assert!(path.exists());
}

#[test]
fn failed_disk_is_fatal_and_a_full_one_is_not() {
    let failure = |code| rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
    assert!(is_fatal(&failure(rusqlite::ffi::SQLITE_IOERR)));
    assert!(!is_fatal(&failure(rusqlite::ffi::SQLITE_FULL)));
    assert!(!is_fatal(&failure(rusqlite::ffi::SQLITE_BUSY)));
}
