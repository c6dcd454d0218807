//! `cargo xtask bench s3`: the AWS CLI copying one large file and many small ones to the server and back, beside plain
//! copies that are made durable.

use super::figures::{Figure, Figures};
use super::folder;
use super::server::{self, Server};
use crate::output::talk;
use crate::stage::{command, root};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Bytes of a small file.
const SMALL: usize = 4 * 1_024;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Megabytes of the large file.
    #[arg(long, default_value_t = 1_000)]
    megabytes: usize,
    /// How many small files.
    #[arg(long, default_value_t = 10_000)]
    files: usize,
    /// 100 MB and 500 files.
    #[arg(long)]
    quick: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    server::build()?;
    let folder = folder::fresh("s3")?;
    let (megabytes, files) = if args.quick { (100, 500) } else { (args.megabytes, args.files) };
    let server = Server::start(&folder, 1)?;
    let aws = Aws { endpoint: format!("http://{}", server.authority()) };
    aws.run(&["s3", "mb", "s3://bench"])?;
    let small = folder.join("small");
    fs::create_dir_all(&small).context("failed to make a folder")?;
    for number in 0..files {
        fs::write(small.join(number.to_string()), vec![b'x'; SMALL]).context("failed to write a small file")?;
    }
    let large = folder.join("large");
    fs::write(&large, vec![b'x'; megabytes * 1_000_000]).context("failed to write the large file")?;

    talk("one large file");
    let path = |path: &Path| path.display().to_string();
    let back = folder.join("back");
    let up = aws.run(&["s3", "cp", &path(&large), "s3://bench/large"])?;
    let down = aws.run(&["s3", "cp", "s3://bench/large", &path(&back)])?;
    let copy = copied(&["-T", &path(&large), &path(&folder.join("copy"))])?;
    talk("many small files");
    let many_up = aws.run(&["s3", "cp", "--recursive", &path(&small), "s3://bench/small"])?;
    let many_down = aws.run(&["s3", "cp", "--recursive", "s3://bench/small", &path(&folder.join("small-back"))])?;
    let many_copy = copied(&["-r", "-T", &path(&small), &path(&folder.join("small-copy"))])?;

    let size = megabytes as f64;
    let count = files as f64;
    let cp = "cp and sync";
    let figures = vec![
        Figure::new(format!("aws s3 cp of {megabytes} MB, up"), size / up, "MB/s").beside(cp, size / copy),
        Figure::new(format!("aws s3 cp of {megabytes} MB, down"), size / down, "MB/s").beside(cp, size / copy),
        Figure::new(format!("aws s3 cp of {files} x 4 KiB, up"), count / many_up, "files/s")
            .beside(cp, count / many_copy),
        Figure::new(format!("aws s3 cp of {files} x 4 KiB, down"), count / many_down, "files/s")
            .beside(cp, count / many_copy),
    ];
    Figures { bench: "s3", title: "the AWS CLI with its defaults".to_owned(), figures }.publish()
}

/// The AWS CLI, as the tests have it.
struct Aws {
    endpoint: String,
}

impl Aws {
    /// Seconds.
    fn run(&self, arguments: &[&str]) -> Result<f64> {
        let mut aws = Command::new(root().join(".venv/bin/aws"));
        aws.args(arguments).stdout(Stdio::null()).env("AWS_ENDPOINT_URL", &self.endpoint);
        let keys = [("AWS_ACCESS_KEY_ID", "bench"), ("AWS_SECRET_ACCESS_KEY", "bench"), ("AWS_REGION", "us-east-1")];
        timed(aws.envs(keys))
    }
}

/// Seconds of a copy, with the wait until it is on the disk.
fn copied(arguments: &[&str]) -> Result<f64> {
    let copy = timed(command("cp", arguments).current_dir(root()))?;
    let target = arguments.last().copied().unwrap_or_default();
    Ok(copy + timed(&mut command("sync", &["-f", target]))?)
}

fn timed(command: &mut Command) -> Result<f64> {
    let begin = Instant::now();
    let status = command.status().with_context(|| format!("failed to start {}", command.get_program().display()))?;
    if !status.success() {
        bail!("{} failed ({status})", command.get_program().display());
    }
    Ok(begin.elapsed().as_secs_f64())
}
