//! A registry of few lines for what Debian's never does: tokens, broken connections, false content, errors, counting.

use crate::testing::Recipe;
use crate::{Digest, Reference};
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What a stand-in does unlike others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Quirk {
    #[default]
    None,
    /// Only with a token, which only [`super::registry::USER`] gets.
    Token,
    /// Connections break in the middle of every layer, and go on where asked to.
    Breaks,
    /// As `Breaks`, without ever going on.
    BreaksForGood,
    /// Layers have a byte changed.
    Lies,
    /// It is overloaded.
    Busy,
}

pub(super) struct StandIn {
    pub(super) address: String,
    pub(super) requests: Arc<Mutex<Vec<String>>>,
    pub(super) quirk: Arc<Mutex<Quirk>>,
}

struct Content {
    address: String,
    manifest: Vec<u8>,
    config: Vec<u8>,
    layer: Vec<u8>,
}

struct Request {
    line: String,
    authorization: String,
    from: usize,
}

impl StandIn {
    /// Serves one image of one layer under any name.
    pub(super) fn start(recipe: &Recipe, quirk: Quirk) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (requests, quirk) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(quirk)));
        let (layer, config) = (recipe.layers[0].clone(), recipe.document());
        let descriptor = |content: &[u8]| json!({ "digest": Digest::of(content), "size": content.len() });
        let manifest = json!({ "schemaVersion": 2, "config": descriptor(&config), "layers": [descriptor(&layer)] });
        let content = Content { address: address.clone(), manifest: manifest.to_string().into(), config, layer };
        let (log, behaviour, content) = (Arc::clone(&requests), Arc::clone(&quirk), Arc::new(content));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (log, quirk, content) = (Arc::clone(&log), Arc::clone(&behaviour), Arc::clone(&content));
                std::thread::spawn(move || serve(&stream, &log, &quirk, &content));
            }
        });
        Self { address, requests, quirk }
    }

    pub(super) fn name(&self) -> Reference {
        format!("{}/image:tag", self.address).parse().unwrap()
    }

    /// How many requests had this in their first line.
    pub(super) fn count(&self, part: &str) -> usize {
        self.requests.lock().unwrap().iter().filter(|line| line.contains(part)).count()
    }
}

/// One connection, one answer.
fn serve(mut stream: &TcpStream, log: &Mutex<Vec<String>>, quirk: &Mutex<Quirk>, content: &Content) {
    let Some(request) = read(stream) else { return };
    log.lock().unwrap().push(request.line.clone());
    let quirk = *quirk.lock().unwrap();
    let (status, headers, body) = answer(&request, quirk, content);
    let is_head = request.line.starts_with("HEAD");
    let is_layer = request.line.contains(&Digest::of(&content.layer).to_string());
    let breaks = is_layer && matches!(quirk, Quirk::Breaks | Quirk::BreaksForGood);
    let sent = match (is_head, breaks) {
        (true, _) => 0,
        (_, true) if quirk == Quirk::Breaks => body.len().div_ceil(2),
        (_, true) => 0,
        _ => body.len(),
    };
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    let _the_client_may_be_gone = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body[..sent]));
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let mut request = Request { line: lines.next()?, authorization: String::new(), from: 0 };
    for (name, value) in lines.filter_map(|line| line.split_once(": ").map(|(a, b)| (a.to_lowercase(), b.to_owned()))) {
        match name.as_str() {
            "authorization" => request.authorization = value,
            "range" => request.from = value.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap(),
            _ => {}
        }
    }
    Some(request)
}

fn answer(request: &Request, quirk: Quirk, content: &Content) -> (&'static str, String, Vec<u8>) {
    let error = |code: &str, message: &str| {
        json!({ "errors": [{ "code": code, "message": message }] }).to_string().into_bytes()
    };
    if request.line.contains("/token?") {
        let proof = base64_simd::STANDARD.encode_to_string("somebody:a:secret");
        let right = request.authorization == format!("Basic {proof}");
        return match right && request.line.contains("scope=repository%3Aimage%3Apull&service=registry") {
            true => ("200 OK", String::new(), br#"{"token":"the-token"}"#.to_vec()),
            false => ("401 Unauthorized", String::new(), error("UNAUTHORIZED", "authentication required")),
        };
    }
    if quirk == Quirk::Busy {
        return ("429 Too Many Requests", String::new(), error("TOOMANYREQUESTS", "slow down"));
    }
    if quirk == Quirk::Token && request.authorization != "Bearer the-token" {
        let challenge = format!("Bearer realm=\"http://{}/token\",service=\"registry\"", content.address);
        return ("401 Unauthorized", format!("WWW-Authenticate: {challenge}\r\n"), error("UNAUTHORIZED", "no"));
    }
    if request.line.contains("/manifests/") {
        let header = format!("Docker-Content-Digest: {}\r\n", Digest::of(&content.manifest));
        return ("200 OK", header, content.manifest.clone());
    }
    if request.line.contains(Digest::of(&content.config).hex()) {
        return ("200 OK", String::new(), content.config.clone());
    }
    let mut layer = content.layer.clone();
    if quirk == Quirk::Lies {
        layer[600] ^= 1;
    }
    let status = if request.from > 0 { "206 Partial Content" } else { "200 OK" };
    (status, String::new(), layer.split_off(request.from))
}
