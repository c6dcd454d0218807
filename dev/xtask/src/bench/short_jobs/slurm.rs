//! Slurm from Debian's packages on this machine alone, tuned for throughput: no accounting, no job files kept, the
//! back-fill scheduler off, as many jobs a scheduling round as there are.

use super::PROGRAM;
use super::contender::{Contender, Round};
use crate::packages;
use crate::stage::run as run_command;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long its daemons may take until the node is idle.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// The pause between two looks at the node.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// Jobs of one run: its controller looks for free slots once a second, so it starts as many jobs a second as there are slots.
const JOBS_AT_MOST: u32 = 100;

/// The daemons, ended with this value.
pub(super) struct Slurm {
    configuration: PathBuf,
    daemons: Vec<Child>,
}

impl Slurm {
    pub(super) fn install(folder: &Path) -> Result<Self> {
        packages::ensure(&["slurm-wlm", "munge"])?;
        let folder = folder.join("slurm-daemons");
        fs::create_dir_all(folder.join("state")).and_then(|()| fs::create_dir_all(folder.join("spool")))?;
        let configuration = folder.join("slurm.conf");
        fs::write(&configuration, text(&folder)?)?;
        let mut slurm = Self { configuration, daemons: Vec::new() };
        slurm.start_munge(&folder)?;
        slurm.start("slurmctld", &["-D"])?;
        slurm.start("slurmd", &["-D", "-N", NODE])?;
        slurm.wait_until_idle()?;
        Ok(slurm)
    }

    /// Slurm's daemons trust each other by munge, with a key and a socket of their own.
    fn start_munge(&mut self, folder: &Path) -> Result<()> {
        let key = folder.join("munge.key");
        fs::write(&key, [7_u8; 64])?;
        run_command(Command::new("chmod").arg("600").arg(&key))?;
        let flag = |name: &str, file: &str| format!("--{name}={}", folder.join(file).display());
        let files = [
            flag("socket", "munge.socket"),
            flag("key-file", "munge.key"),
            flag("log-file", "munge.log"),
            flag("pid-file", "munge.pid"),
            flag("seed-file", "munge.seed"),
        ];
        let mut munged = Command::new("munged");
        self.daemons
            .push(munged.args(["--foreground", "--force"]).args(files).spawn().context("failed to start munged")?);
        Ok(())
    }

    fn start(&mut self, daemon: &str, arguments: &[&str]) -> Result<()> {
        let mut command = self.command(daemon);
        let child = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.daemons.push(child.with_context(|| format!("failed to start {daemon}"))?);
        Ok(())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("SLURM_CONF", &self.configuration);
        command
    }

    fn wait_until_idle(&self) -> Result<()> {
        let begin = Instant::now();
        loop {
            let state = self.command("sinfo").args(["-h", "-o", "%T"]).output().context("failed to run sinfo")?;
            if String::from_utf8_lossy(&state.stdout).trim() == "idle" {
                return Ok(());
            }
            if begin.elapsed() > READY_WITHIN {
                bail!("its node was not idle within {} s", READY_WITHIN.as_secs());
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }
}

impl Contender for Slurm {
    /// One array, from submission until `sbatch --wait` returns.
    fn run(&mut self, round: &Round) -> Result<f64> {
        let output = format!("{}/%a.log", round.directory.display());
        let array = format!("1-{}", round.jobs);
        let mut sbatch = self.command("sbatch");
        sbatch.args(["--quiet", "--wait", "--array", &array, "--output", &output, "--wrap", PROGRAM]);
        let begin = Instant::now();
        let status = sbatch.stdout(Stdio::null()).status().context("failed to run sbatch")?;
        if !status.success() {
            bail!("sbatch failed ({status})");
        }
        Ok(begin.elapsed().as_secs_f64())
    }

    fn jobs_at_most(&self) -> u32 {
        JOBS_AT_MOST
    }
}

impl Drop for Slurm {
    fn drop(&mut self) {
        for daemon in self.daemons.iter_mut().rev() {
            // It may have ended by itself.
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

/// The one node.
const NODE: &str = "bench";

fn text(folder: &Path) -> Result<String> {
    let slots = std::thread::available_parallelism().context("failed to count the processors")?;
    let host = fs::read_to_string("/proc/sys/kernel/hostname").context("failed to read the host's name")?;
    let (host, place) = (host.trim(), folder.display());
    Ok(format!(
        "ClusterName=bench
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort=26817
SlurmdPort=26818
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={place}/munge.socket
StateSaveLocation={place}/state
SlurmdSpoolDir={place}/spool
SlurmctldPidFile={place}/slurmctld.pid
SlurmdPidFile={place}/slurmd.pid
SlurmctldLogFile={place}/slurmctld.log
SlurmdLogFile={place}/slurmd.log
SwitchType=switch/none
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_min_interval=1000,sched_interval=1,default_queue_depth=10000,max_array_tasks=10000
SlurmdParameters=config_overrides
MaxJobCount=50000
MaxArraySize=20001
MinJobAge=2
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
NodeName={NODE} NodeHostname={host} NodeAddr=127.0.0.1 CPUs={slots} State=UNKNOWN
PartitionName=bench Nodes={NODE} Default=YES MaxTime=INFINITE State=UP
"
    ))
}
