//! What a container in a network of its own reaches, and under which addresses: those that its variables name, which are the
//! same as on the host's network, and the one that SDKs ask for credentials and metadata (`CRD-1`, `ENV-2`). Pure.

use super::Error;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where ECS's agent answers containers.
const TASK_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)), 80);
const TASK_ENDPOINT: &str = "http://169.254.170.2";

/// Endpoints with names get addresses from here on: part of the loopback network that nodes of jobs do not use.
const NAMED: [u8; 3] = [127, 69, 0];

const METADATA: &str = "ECS_CONTAINER_METADATA_URI_V4=";
const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI=";
const RELATIVE_URI: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=";

/// Something that listens in the namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// As the operator wrote it.
    pub(super) url: String,
    /// Where it is heard in the namespace.
    pub(super) listen: SocketAddr,
    /// Where it is for this process.
    pub(super) host: String,
    pub(super) port: u16,
}

/// All of a namespace's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Endpoints {
    pub(super) all: Vec<Endpoint>,
    /// The server's own, which answers for metadata and credentials.
    server: Option<String>,
}

impl Endpoints {
    /// `reach` are URLs, the server's own first.
    pub(super) fn of(reach: &[String]) -> Result<Self, Error> {
        let mut all: Vec<Endpoint> = Vec::new();
        for url in reach {
            let (host, port) = place(url).ok_or_else(|| Error::Url { url: url.clone() })?;
            let named = all.iter().find(|known| known.host == host).map(|known| known.listen.ip());
            let ip = named.unwrap_or_else(|| address(&host, all.len()));
            let listen = SocketAddr::new(ip, port);
            if !all.iter().any(|known| known.listen == listen) {
                all.push(Endpoint { url: url.clone(), listen, host, port });
            }
        }
        let task = all.first().map(|server| Endpoint { listen: TASK_ADDRESS, ..server.clone() });
        all.extend(task);
        Ok(Self { all, server: reach.first().cloned() })
    }

    /// `/etc/hosts` of the namespace.
    pub(super) fn hosts_file(&self) -> String {
        let mut text = String::from("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
        let named = self.all.iter().filter(|one| one.listen != TASK_ADDRESS && is_name(&one.host));
        let mut lines: Vec<String> = named.map(|one| format!("{}\t{}", one.listen.ip(), one.host)).collect();
        lines.dedup();
        for line in lines {
            let _a_text_takes_all = writeln!(text, "{line}");
        }
        text
    }

    /// A variable, `NAME=value`, as it is in the namespace. Values that are the job's own stay.
    pub(super) fn in_namespace(&self, variable: String) -> String {
        let path = |prefix: &str| {
            let path = variable.strip_prefix(prefix)?.strip_prefix(self.server.as_deref()?)?;
            path.starts_with('/').then(|| path.to_owned())
        };
        if let Some(path) = path(METADATA) {
            return format!("{METADATA}{TASK_ENDPOINT}{path}");
        }
        path(FULL_URI).map(|path| format!("{RELATIVE_URI}{path}")).unwrap_or(variable)
    }
}

fn is_name(host: &str) -> bool {
    host != "localhost" && host.parse::<IpAddr>().is_err()
}

/// Where a host's endpoints are heard: a number is its own address in the namespace too.
fn address(host: &str, number: usize) -> IpAddr {
    if host == "localhost" {
        return Ipv4Addr::LOCALHOST.into();
    }
    let [first, second, third] = NAMED;
    let fourth = u8::try_from(number + 1).unwrap_or(u8::MAX);
    host.parse().unwrap_or_else(|_| Ipv4Addr::new(first, second, third, fourth).into())
}

/// Host and port of a URL.
fn place(url: &str) -> Option<(String, u16)> {
    let (scheme, rest) = url.split_once("://")?;
    let usual = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let (host, port) = match authority.strip_prefix('[') {
        Some(bracketed) => {
            let (host, after) = bracketed.split_once(']')?;
            (host, after.strip_prefix(':'))
        }
        None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    let port = port.map_or(Some(usual), |port| port.parse().ok())?;
    (!host.is_empty()).then(|| (host.to_owned(), port))
}

#[cfg(test)]
mod tests;
