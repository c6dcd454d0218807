//! Making a backup. The order of the steps is the point: docs/decisions/0016-what-a-backup-copies-first.md.

use super::hold::Hold;
use super::images::{self, Images};
use super::lines::Lines;
use super::manifest::{Counts, FORMAT, FORMAT_WITHOUT_IMAGES, LISTING, MANIFEST, Manifest};
use super::partial::Partial;
use super::progress::Progress;
use super::restore::absolute;
use super::sink::Sink;
use super::{Error, Result};
use crate::interrupt::Interrupt;
use crate::output::time::{instant, now_ms};
use longshore_runner::{index_path, output_path};
use longshore_store::Reader;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::Path;

const DATABASE: &str = "longshore.db";
/// Where the database is copied to before it goes into an archive.
const SNAPSHOT: &str = "snapshot.db";
/// Where a layer is packed before it is taken in.
const PACKED: &str = "layer.tar";
const ARCHIVE: &str = "backup.tar";

/// Copies `data_dir` to `target`, which is not there: an archive if its name ends in `.tar`, else a directory.
pub(crate) fn create((data_dir, images): (&Path, Images), target: &Path, interrupt: &Interrupt) -> Result<Manifest> {
    let target = absolute(target)?;
    refuse(data_dir, &target)?;
    let partial = Partial::open(&target, ".partial")?;
    let hold = Hold::take(data_dir, interrupt)?;
    let is_archive = target.extension().is_some_and(|extension| extension == "tar");
    let sink = match is_archive {
        true => Sink::archive(partial.path().join(ARCHIVE))?,
        false => Sink::Directory(partial.path().to_owned()),
    };
    let list = partial.path().join(LISTING);
    let list = File::create(&list).map_err(Error::writing(list))?;
    let mut making = Making {
        data_dir,
        partial: &partial,
        sink,
        lines: Lines::new(BufWriter::new(list)),
        progress: Progress::new("copying", interrupt),
        counts: Counts::default(),
    };
    let made_at = making.files()?;
    drop(hold);
    making.images(images)?;
    let manifest = making.finish(made_at, is_archive)?;
    if is_archive {
        partial.become_file(ARCHIVE, &target)?
    } else {
        partial.become_directory(&target)?
    }
    Ok(manifest)
}

fn refuse(data_dir: &Path, target: &Path) -> Result<()> {
    let database = data_dir.join(DATABASE);
    if !database.is_file() {
        return Err(Error::NoDatabase { path: data_dir.to_owned() });
    }
    if target.symlink_metadata().is_ok() {
        return Err(Error::Exists { path: target.to_owned() });
    }
    let (found, known) = Reader::open(&database).layouts()?;
    if found == known { Ok(()) } else { Err(Error::OtherLayout { path: data_dir.to_owned(), found, known }) }
}

struct Making<'a> {
    data_dir: &'a Path,
    partial: &'a Partial,
    sink: Sink,
    lines: Lines<BufWriter<File>>,
    progress: Progress<'a>,
    counts: Counts,
}

impl Making<'_> {
    /// Copies everything; the moment that the backup shows.
    fn files(&mut self) -> Result<String> {
        self.add_if_there("bootstrapped")?;
        self.add_if_there("agent/host-id")?;
        self.cursors()?;
        let made_at = instant(now_ms());
        let snapshot = self.snapshot(DATABASE)?;
        let reader = Reader::open(&snapshot);
        let rows = reader.row_counts()?;
        self.counts = Counts {
            jobs: rows.jobs,
            children: rows.children,
            log_streams: rows.log_streams,
            events: rows.events,
            ..Counts::default()
        };
        let attempts = reader.attempts()?;
        drop(reader);
        self.take_in(DATABASE, &snapshot)?;
        self.objects()?;
        for attempt in attempts {
            // The index speaks of what is in the output already.
            for path in [index_path(self.data_dir, attempt), output_path(self.data_dir, attempt)] {
                let name = path.strip_prefix(self.data_dir).unwrap_or(&path).to_string_lossy().into_owned();
                let copied = self.add_if_there(&name)?;
                self.counts.outputs += u64::from(copied && name.ends_with(".log"));
            }
        }
        Ok(made_at)
    }

    /// How far webhooks have got: before the events, so that none of those in the backup is left out.
    fn cursors(&mut self) -> Result<()> {
        let directory = self.data_dir.join("webhooks");
        let Ok(entries) = fs::read_dir(&directory) else { return Ok(()) };
        for entry in entries {
            let name = entry.map_err(Error::reading(&directory))?.file_name();
            let name = name.to_string_lossy();
            if name.ends_with(".json") {
                self.add_if_there(&format!("webhooks/{name}"))?;
            }
        }
        Ok(())
    }

    /// The embedded S3: its database, then the files that it names, which never change.
    fn objects(&mut self) -> Result<()> {
        let database = format!("s3/{}", longshore_s3::DATABASE);
        if !self.data_dir.join(&database).is_file() {
            return Ok(());
        }
        let snapshot = self.snapshot(&database)?;
        let contents = longshore_s3::contents(&snapshot)?;
        self.counts.objects = contents.objects;
        self.take_in(&database, &snapshot)?;
        for file in contents.files {
            let name = format!("s3/{}", file.display());
            self.add(&name, &self.data_dir.join(&name))?;
        }
        Ok(())
    }

    /// Images last: they are held by their store alone, and what a job of the copied database needs was there before.
    fn images(&mut self, images: Images) -> Result<()> {
        let Some(carried) = images::carried(self.data_dir, images)? else { return Ok(()) };
        for layer in &carried.layers {
            let packed = self.partial.path().join(PACKED);
            images::pack(&carried, layer, &packed)?;
            self.take_in(&images::name_of(layer), &packed)?;
        }
        for file in &carried.files {
            let name = format!("{}/{}", images::DIRECTORY, file.display());
            self.add(&name, &self.data_dir.join(&name))?;
        }
        self.counts.images = carried.images as u64;
        Ok(())
    }

    /// A copy of a database as it is now.
    fn snapshot(&self, name: &str) -> Result<std::path::PathBuf> {
        let to = self.partial.path().join(SNAPSHOT);
        let mut stopped = None;
        let go_on = |bytes| match self.progress.show(name, bytes) {
            Ok(()) => true,
            Err(error) => {
                stopped = Some(error);
                false
            }
        };
        let copied = longshore_store::copy(&self.data_dir.join(name), &to, go_on);
        match stopped {
            Some(stopped) => Err(stopped),
            None => Ok(copied.map(|()| to)?),
        }
    }

    /// Takes a file that was made for this backup.
    fn take_in(&mut self, name: &str, made: &Path) -> Result<()> {
        self.add(name, made)?;
        fs::remove_file(made).map_err(Error::writing(made))
    }

    fn add(&mut self, name: &str, from: &Path) -> Result<()> {
        let (bytes, sum) = self.sink.add(name, from, &mut self.progress)?;
        self.lines.add(name, (bytes, &sum)).map_err(Error::writing(self.partial.path()))
    }

    /// Attempts that have not printed anything yet may have no file.
    fn add_if_there(&mut self, name: &str) -> Result<bool> {
        match self.add(name, &self.data_dir.join(name)) {
            Ok(()) => Ok(true),
            Err(Error::Vanished { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The list and the manifest.
    fn finish(mut self, made_at: String, is_archive: bool) -> Result<Manifest> {
        let list = self.partial.path().join(LISTING);
        let (files, bytes) = (self.lines.files, self.lines.bytes);
        let listing = self.lines.finish().map_err(Error::writing(&list))?;
        let manifest = Manifest {
            format: if self.counts.images > 0 { FORMAT } else { FORMAT_WITHOUT_IMAGES },
            version: env!("CARGO_PKG_VERSION").to_owned(),
            layout: longshore_store::layout(),
            made_at,
            counts: self.counts,
            files,
            bytes,
            listing,
        };
        let text = serde_json::to_vec_pretty(&manifest).map_err(io::Error::from).map_err(Error::writing(&list))?;
        self.partial.write(MANIFEST, &text)?;
        if is_archive {
            self.sink.add(LISTING, &list, &mut self.progress)?;
            self.sink.add(MANIFEST, &self.partial.path().join(MANIFEST), &mut self.progress)?;
        }
        self.sink.finish()?;
        Ok(manifest)
    }
}
