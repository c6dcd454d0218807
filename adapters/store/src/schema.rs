//! The layout of the database and its steps from one version to the next. Steps are only ever appended: a file of any
//! released version opens for ever.
//!
//! Columns beside `doc` repeat what is searched. Times are milliseconds since 1970, ids are text as the API writes them.

use crate::error::Error;
use crate::upgrade::{self, Keep, Upgraded};
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::path::Path;
use std::time::Duration;

/// Statements that each connection keeps prepared; there are fewer.
const CACHED_STATEMENTS: usize = 128;

/// How long opening waits for another process that is about to let go.
const BUSY: Duration = Duration::from_secs(2);

/// How much of the write-ahead log's file is kept for reuse.
const LOG_BYTES_KEPT: i64 = 64 << 20;

/// Step `i` takes a database from version `i` to `i + 1`.
const STEPS: [&str; 8] = [VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6, VERSION_7, VERSION_8];

const VERSION_1: &str = "
    CREATE TABLE environments (name TEXT PRIMARY KEY, state TEXT NOT NULL, status TEXT NOT NULL, doc TEXT NOT NULL)
        WITHOUT ROWID;
    CREATE TABLE queues (name TEXT PRIMARY KEY, state TEXT NOT NULL, status TEXT NOT NULL, doc TEXT NOT NULL)
        WITHOUT ROWID;
    CREATE TABLE definitions (
        name TEXT NOT NULL, revision INTEGER NOT NULL, active INTEGER NOT NULL, doc TEXT NOT NULL,
        PRIMARY KEY (name, revision)
    ) WITHOUT ROWID;

    -- seq is the key so that new jobs are appended and neighbours in time are neighbours on disk.
    CREATE TABLE jobs (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, queue TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE,
        definition TEXT NOT NULL, revision INTEGER NOT NULL, share TEXT, status TEXT NOT NULL,
        created_at INTEGER NOT NULL, stopped_at INTEGER, array_size INTEGER, doc TEXT NOT NULL
    );
    CREATE INDEX jobs_active ON jobs (seq) WHERE status NOT IN ('SUCCEEDED', 'FAILED');
    CREATE INDEX jobs_by_status ON jobs (queue, status, created_at, seq);
    CREATE INDEX jobs_by_name ON jobs (queue, name, created_at, seq);
    CREATE INDEX jobs_by_definition ON jobs (queue, definition, created_at, seq, revision);
    CREATE INDEX jobs_by_share ON jobs (queue, share, status, created_at, seq) WHERE share IS NOT NULL;

    -- Children that have left their array's default; doc is the child's run.
    CREATE TABLE children (
        job TEXT NOT NULL, idx INTEGER NOT NULL, status TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (job, idx)
    ) WITHOUT ROWID;
    CREATE INDEX children_by_status ON children (job, status, idx);

    CREATE TABLE hosts (id TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;

    CREATE TABLE log_streams (
        grp TEXT NOT NULL, name TEXT NOT NULL, attempt TEXT NOT NULL, job TEXT NOT NULL,
        created_at INTEGER NOT NULL, ended_at INTEGER, PRIMARY KEY (grp, name)
    ) WITHOUT ROWID;
    CREATE INDEX log_streams_by_end ON log_streams (grp, ended_at, name);
";

const VERSION_2: &str = "
    -- The outbox. seq is the number of the last event of the entry; job is whom it is about, for many children their array;
    -- doc is their run as it was then.
    CREATE TABLE events (
        seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, job TEXT NOT NULL, doc TEXT NOT NULL
    );
";

const VERSION_3: &str = "
    CREATE TABLE policies (name TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE consumables (name TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE consumable_updates (
        resource TEXT NOT NULL, token TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (resource, token)
    ) WITHOUT ROWID;

    -- Which jobs need which consumable resources, in the order of submission.
    CREATE TABLE job_consumables (resource TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (resource, seq))
        WITHOUT ROWID;
";

const VERSION_4: &str = "
    -- Ended jobs on their way out: gone from jobs, while what belongs to them is removed piece by piece.
    CREATE TABLE expired (id TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX log_streams_by_job ON log_streams (job);
";

const VERSION_5: &str = "
    CREATE TABLE service_environments (
        name TEXT PRIMARY KEY, state TEXT NOT NULL, status TEXT NOT NULL, doc TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE quota_shares (
        queue TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, status TEXT NOT NULL, doc TEXT NOT NULL,
        PRIMARY KEY (queue, name)
    ) WITHOUT ROWID;
    CREATE TABLE service_jobs (
        id TEXT PRIMARY KEY, queue TEXT NOT NULL, seq INTEGER NOT NULL, status TEXT NOT NULL, doc TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX service_jobs_by_queue ON service_jobs (queue, seq);
";

const VERSION_6: &str = "
    CREATE TABLE share_usage (queue TEXT NOT NULL, share TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (queue, share))
        WITHOUT ROWID;
";

const VERSION_7: &str = "
    -- When the first stream of each group began, which else would take a look at all of its streams.
    CREATE TABLE log_groups (name TEXT PRIMARY KEY, created_at INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO log_groups SELECT grp, min(created_at) FROM log_streams GROUP BY grp;
";

const VERSION_8: &str = "
    -- Outputs on their way out to make room: their streams are gone, and their files are being deleted.
    CREATE TABLE dismissed_outputs (attempt TEXT PRIMARY KEY) WITHOUT ROWID;
";

/// Opens the database for the one writer and brings it to the current layout; says which layout it had. One of a later
/// version is left exactly as it is. With `keep` an older one is copied first.
pub(crate) fn open_for_writing(path: &Path, keep: Keep) -> Result<(Connection, Option<Upgraded>), Error> {
    let opened = || -> rusqlite::Result<Connection> {
        let db = Connection::open(path)?;
        db.busy_timeout(BUSY)?;
        Ok(db)
    };
    let mut db = opened().map_err(|source| Error::opening(path, source))?;
    let (found, known) = (version(&db).map_err(|source| Error::opening(path, source))?, known());
    if found > known {
        return Err(Error::Newer { path: path.to_path_buf(), found, known });
    }
    let kept =
        (found > 0 && found < known && keep == Keep::Copy).then(|| upgrade::copy_aside(path, found)).transpose()?;
    settings(&db).map_err(|source| Error::opening(path, source))?;
    migrate(path, &mut db, found)?;
    let upgraded = (found > 0 && found < known).then_some(Upgraded { from: found, to: known, copy: kept });
    Ok((db, upgraded))
}

fn settings(db: &Connection) -> rusqlite::Result<()> {
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "wal_autocheckpoint", 0)?;
    db.pragma_update(None, "journal_size_limit", LOG_BYTES_KEPT)?;
    db.pragma_update(None, "cache_size", -32_768)?;
    db.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Ok(())
}

/// A second connection to a database that is open for writing, for checkpoints.
pub(crate) fn open_beside(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open(path)?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(db)
}

/// Opens the database for reading only.
pub(crate) fn open_for_reading(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    #[cfg_attr(not(test), expect(unused_mut, reason = "tests watch what is run on it"))]
    let mut db = Connection::open_with_flags(path, flags)?;
    #[cfg(test)]
    crate::tests::plans::watch(&mut db);
    db.busy_timeout(BUSY)?;
    db.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Ok(db)
}

fn migrate(path: &Path, db: &mut Connection, found: i64) -> Result<(), Error> {
    let opening = |source| Error::opening(path, source);
    let done = usize::try_from(found).unwrap_or(0);
    for (step, statements) in STEPS.iter().enumerate().skip(done) {
        advance(db, step + 1, statements).map_err(opening)?;
    }
    Ok(())
}

/// The latest layout.
pub(crate) fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// The layout's version; zero for a new file.
pub(crate) fn version(db: &Connection) -> rusqlite::Result<i64> {
    let meta = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'meta'";
    if db.query_row(meta, [], |_| Ok(())).optional()?.is_none() {
        return Ok(0);
    }
    let text: Option<String> =
        db.query_row("SELECT value FROM meta WHERE key = 'schema_version'", [], |row| row.get(0)).optional()?;
    Ok(text.and_then(|text| text.parse().ok()).unwrap_or(0))
}

fn advance(db: &mut Connection, version: usize, statements: &str) -> rusqlite::Result<()> {
    let transaction = db.transaction()?;
    transaction.execute_batch("CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")?;
    transaction.execute_batch(statements)?;
    transaction.execute("INSERT OR REPLACE INTO meta VALUES ('schema_version', ?)", [version.to_string()])?;
    transaction.commit()
}
