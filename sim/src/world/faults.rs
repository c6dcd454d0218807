//! What breaks, by the verbs of a script.

use super::World;
use super::server::DOWN_MS;
use crate::script::{Line, duration_ms};
use crate::violation::Violation;
use longshore_agent::Input;

/// How long a fault lasts that does not say.
const FOR_MS: u64 = 10_000;

/// What attempts have between SIGTERM and SIGKILL when their agent is to end.
const GRACE_MS: u64 = 30_000;

impl World {
    /// A line of the script that is a fault.
    pub(super) fn strike(&mut self, line: &Line) -> Result<(), Violation> {
        let host = line.object.strip_prefix('h').and_then(|number| number.parse::<usize>().ok());
        let host = host.and_then(|number| number.checked_sub(1)).filter(|host| *host < self.hosts.len());
        let until = self.now + line.duration("for", FOR_MS);
        let by = line.duration("by", 2_000);
        let (written, down_ms) = (line.get("commit") == Some("written"), line.duration("down", DOWN_MS));
        match (line.verb.as_str(), host) {
            ("restore", _) => return self.restore(line.get("agents") == Some("gone"), down_ms),
            ("server-crash", _) => return self.crash_server(written, down_ms),
            ("disk-slow", _) => self.disk.slow = Some((until, by)),
            ("disk-fails", _) => self.disk.fails = Some((written, down_ms)),
            ("clock-jump", None) => return self.jump_server(line.get("by").unwrap_or("0s")),
            ("clock-jump", Some(host)) => self.jump_host(host, line.get("by").unwrap_or("0s")),
            ("cut", Some(host)) => {
                let lose = line.get("lose").unwrap_or("both");
                self.cut(host, (matches!(lose, "both" | "to-server"), matches!(lose, "both" | "to-agent")));
            }
            ("partition", Some(host)) => {
                let direction = line.get("direction").unwrap_or("both");
                let weather = &mut self.hosts[host].weather;
                if direction != "to-agent" {
                    weather.no_way_to_server = until;
                }
                if direction != "to-server" {
                    weather.no_way_to_agent = until;
                }
            }
            ("delay", Some(host)) => self.hosts[host].weather.delayed = (until, by),
            ("duplicate", Some(host)) => self.hosts[host].weather.duplicated = until,
            ("agent-crash", Some(host)) => self.crash_agent(host, line),
            ("agent-stop", Some(host)) => return self.stop_agent(host),
            ("host-dies", Some(host)) => self.kill_host(host, down_ms),
            ("provider-late", Some(host)) => self.hosts[host].providers.late = (until, by),
            ("provider-twice", Some(host)) => self.hosts[host].providers.twice = until,
            ("provider-never", Some(host)) => self.hosts[host].providers.never = until,
            _ => {}
        }
        Ok(())
    }

    fn crash_agent(&mut self, host: usize, line: &Line) {
        if self.hosts[host].agent.is_none() {
            return;
        }
        let kept = line.get("processes") == Some("kept");
        self.end_agent(host, line.duration("down", DOWN_MS));
        self.coverage.fault(if kept { "agent crash, processes kept" } else { "agent crash, processes lost" });
        if !kept {
            self.hosts[host].processes.clear();
        }
    }

    /// Its operator asks it to end, as before an upgrade.
    fn stop_agent(&mut self, host: usize) -> Result<(), Violation> {
        if self.hosts[host].agent.is_some() {
            self.coverage.fault("agent asked to end");
        }
        self.tell_agent(host, Input::Shutdown { grace_ms: GRACE_MS })
    }

    fn kill_host(&mut self, host: usize, down_ms: u64) {
        self.coverage.fault("host death");
        self.hosts[host].dead_until = self.now + down_ms;
        self.end_agent(host, down_ms);
        self.hosts[host].processes.clear();
        // Whoever would have started an agent meanwhile could not.
        self.after(down_ms, super::Event::AgentStarts { host });
    }

    fn jump_server(&mut self, by: &str) -> Result<(), Violation> {
        let by = signed_ms(by);
        self.coverage.fault(if by < 0 { "server clock back" } else { "server clock forward" });
        self.server_clock += by;
        self.pump_server()
    }

    fn jump_host(&mut self, host: usize, by: &str) {
        let by = signed_ms(by);
        self.coverage.fault(if by < 0 { "host clock back" } else { "host clock forward" });
        self.hosts[host].clock += by;
        self.arrange_agent_waking(host);
    }
}

/// `5s` and `-5s` in milliseconds.
fn signed_ms(text: &str) -> i64 {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    sign * i64::try_from(duration_ms(digits).unwrap_or(0)).unwrap_or(0)
}
