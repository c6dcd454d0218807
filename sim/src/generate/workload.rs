//! What clients and operators do: mostly submissions, of everything that can be submitted, and now and then everything
//! else that there is to ask for.

use crate::random::Random;
use crate::script::Line;

/// Submissions of a script at least and at most, and commands beside them.
const SUBMISSIONS: (u64, u64) = (4, 16);
const OTHERS: u64 = 20;

/// Commands beside submissions with how likely they are.
const VERBS: &[(&str, u64)] = &[
    ("cancel", 6),
    ("terminate", 8),
    ("tag", 2),
    ("untag", 1),
    ("register", 1),
    ("deregister", 1),
    ("forget-definitions", 1),
    ("forget-jobs", 2),
    ("create-environment", 4),
    ("update-environment", 6),
    ("delete-environment", 3),
    ("create-queue", 4),
    ("update-queue", 4),
    ("delete-queue", 2),
    ("create-policy", 1),
    ("update-policy", 2),
    ("delete-policy", 1),
    ("create-consumable", 1),
    ("update-consumable", 5),
    ("delete-consumable", 1),
    ("create-service-environment", 2),
    ("update-service-environment", 1),
    ("delete-service-environment", 1),
    ("create-service-queue", 2),
    ("create-quota-share", 2),
    ("update-quota-share", 1),
    ("delete-quota-share", 1),
    ("submit-service", 2),
    ("update-service", 1),
    ("terminate-service", 1),
];

pub(super) fn lines(random: &mut Random, length_ms: u64) -> Vec<Line> {
    let count = random.between(SUBMISSIONS.0, SUBMISSIONS.1);
    let mut times: Vec<u64> = (0..count).map(|_| random.below(length_ms * 3 / 4)).collect();
    times.sort_unstable();
    let mut lines = Vec::new();
    for (number, at_ms) in times.into_iter().enumerate() {
        let line = submit(random, &lines, Line::new(at_ms, "submit", format!("j{number}")));
        lines.push(line);
    }
    let jobs = lines.len() as u64;
    let others = random.below(OTHERS + 1);
    for _ in 0..others {
        let line = other(random, length_ms, jobs);
        lines.push(line);
    }
    lines
}

/// Those that have come to the list later: service jobs with all that they need, in the order in which it has to be there.
pub(super) fn later(random: &mut Random, length_ms: u64) -> Vec<Line> {
    if !random.one_in(4) {
        return Vec::new();
    }
    let mut at_ms = random.below(length_ms / 2);
    let mut line = |random: &mut Random, verb: &str, object: &str| {
        at_ms += random.between(500, 5_000);
        Line::new(at_ms, verb, object)
    };
    let mut lines = vec![
        line(random, "create-service-environment", "se"),
        line(random, "create-service-queue", "s").with("environments", "se"),
        line(random, "create-quota-share", "a").with("queue", "s"),
    ];
    for number in 0..random.between(1, 4) {
        let job = format!("w{number}");
        lines.push(line(random, "submit-service", &job).with("queue", "s").with("share", "a"));
        match random.below(3) {
            0 => lines.push(line(random, "update-service", &job).with("priority", random.between(1, 9))),
            1 => lines.push(line(random, "terminate-service", &job)),
            _ => {}
        }
    }
    lines.push(line(random, "update-quota-share", "a").with("queue", "s").with("state", "DISABLED"));
    lines
}

fn submit(random: &mut Random, earlier: &[Line], line: Line) -> Line {
    let definition = random.pick(&["d", "d", "d", "d", "t", "m", "pod"]);
    let mut line = line.with("does", does(random)).with("definition", definition);
    let size = (definition == "d" || definition == "t") && random.one_in(3);
    if size {
        line = line.with("size", random.between(2, 6));
        if random.one_in(4) {
            line = line.with("sequential", "yes");
        }
    }
    line = match random.below(6) {
        _ if definition == "pod" => line.with("queue", "pods"),
        0 | 1 => line.with("queue", "fair").with("share", random.pick(&["a", "b", "c"])),
        2 if definition == "d" => line.with("queue", "more"),
        _ => line,
    };
    line = depend(random, earlier, line);
    if random.one_in(2) {
        line = line.with("attempts", random.between(1, 4));
    }
    // Something that never ends by itself ends by its timeout, or by somebody's hand.
    if random.one_in(4) {
        line = line.with("timeout", random.between(60, 90));
    }
    if random.one_in(4) {
        line = line.with("needs", random.pick(&["licence:1", "licence:2", "token:1", "licence:1,token:2"]));
    }
    if line.get("share").is_some() && random.one_in(2) {
        line = line.with("priority", random.below(3));
    }
    if definition == "d" && random.one_in(8) {
        line = line.with("vcpus", random.pick(&["0.5", "2", "4", "99"]));
    }
    line
}

fn depend(random: &mut Random, earlier: &[Line], line: Line) -> Line {
    if earlier.is_empty() || !random.one_in(3) {
        return line;
    }
    let other = &earlier[random.below(earlier.len() as u64) as usize];
    let same_size = line.get("size").is_some() && line.get("size") == other.get("size");
    match (other.get("size"), random.below(3)) {
        _ if same_size => line.with("n-to-n", &other.object),
        (Some(_), 0) => line.with("after", format!("{}:1", other.object)),
        (None, 0) if other.get("definition") == Some("m") => line.with("after", format!("{}#1", other.object)),
        _ => line.with("after", &other.object),
    }
}

/// What processes do, attempt by attempt.
fn does(random: &mut Random) -> String {
    let one = |random: &mut Random| {
        let seconds = random.between(1, 20);
        match random.below(20) {
            0..12 => format!("ok:{seconds}s"),
            12 => "ok:1ms".to_owned(),
            13..16 => format!("fail:{seconds}s"),
            16 => "hang".to_owned(),
            17 => "deaf".to_owned(),
            18 => format!("oom:{seconds}s"),
            _ => "nostart".to_owned(),
        }
    };
    let count = random.between(1, 4);
    (0..count).map(|_| one(random)).collect::<Vec<_>>().join(",")
}

fn other(random: &mut Random, length_ms: u64, jobs: u64) -> Line {
    let verb = VERBS[random.weighted(VERBS.iter().map(|(_, weight)| *weight))].0;
    let line = Line::new(random.below(length_ms), verb, "");
    let job = format!("j{}", random.below(jobs));
    let of = |object: &str| Line { object: object.to_owned(), ..line.clone() };
    let state = if random.one_in(2) { "ENABLED" } else { "DISABLED" };
    match verb {
        "cancel" | "terminate" => {
            let part = random.pick(&["", "", ":0", ":1", "#0", "#1"]);
            of(&format!("{job}{part}"))
        }
        "tag" | "untag" => of(&job).with("key", random.pick(&["k", "l"])),
        "forget-definitions" | "forget-jobs" => line,
        "register" => of(random.pick(&["d", "t", "m"])),
        "deregister" => of(random.pick(&["d", "t"])).with("revision", random.between(1, 3)),
        "create-environment" => {
            of("new").with("type", random.pick(&["EC2", "EC2", "FARGATE"])).with("max", random.between(1, 5))
        }
        "update-environment" => {
            let line = of(random.pick(&["ce", "new"]));
            environment(random, line, state)
        }
        "delete-environment" => of("new"),
        "create-queue" => {
            of("more").with("environments", random.pick(&["ce", "new", "new,ce"])).with("priority", random.below(3))
        }
        "update-queue" => {
            let line = of(random.pick(&["q", "fair", "more"]));
            queue(random, line, state)
        }
        "delete-queue" => of(random.pick(&["more", "more", "s"])),
        "create-policy" | "delete-policy" => of("extra"),
        "update-policy" => of("p")
            .with("decay", random.below(20))
            .with("reservation", random.below(100))
            .with("weight", random.between(1, 100_000)),
        "create-consumable" => of(random.pick(&["licence", "token"])).with("total", random.below(6)),
        "update-consumable" => {
            let operation = random.pick(&["SET", "ADD", "REMOVE"]);
            of(random.pick(&["licence", "token"])).with("operation", operation).with("quantity", random.below(4))
        }
        "delete-consumable" => of(random.pick(&["licence", "token"])),
        _ => service(random, of, state),
    }
}

fn environment(random: &mut Random, line: Line, state: &str) -> Line {
    match random.below(4) {
        0 => line.with("state", state),
        1 if line.object == "new" => line.with("replace", random.pick(&["yes", "terminate"])),
        _ => line.with("max", random.between(1, 8)),
    }
}

fn queue(random: &mut Random, line: Line, state: &str) -> Line {
    match random.below(3) {
        0 => line.with("state", state),
        1 => line.with("environments", random.pick(&["ce", "new", "new,ce", "ce,new"])),
        _ => line.with("priority", random.below(3)),
    }
}

fn service(random: &mut Random, of: impl Fn(&str) -> Line, state: &str) -> Line {
    let line = of("se");
    match line.verb.as_str() {
        "create-service-environment" | "delete-service-environment" => line,
        "update-service-environment" => line.with("state", state),
        "create-service-queue" => of("s").with("environments", "se"),
        "create-quota-share" | "delete-quota-share" => of("a").with("queue", "s"),
        "update-quota-share" => of("a").with("queue", "s").with("state", state),
        "submit-service" => of("v").with("queue", "s").with("share", "a"),
        "update-service" => of("v").with("priority", random.between(1, 9)),
        _ => of("v"),
    }
}
