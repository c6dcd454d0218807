//! The operations: an enumeration with their routes, a trait with a method each, and the way from bytes to bytes.

use super::model::{Model, Operation};
use super::names::{field, snake};
use std::fmt::Write;

pub(super) fn emit(model: &Model, interface: &str) -> String {
    let mut out = String::from("use super::structures::*;\nuse crate::dispatch::{Input, Rejection, read, write};\n\n");
    if model.operations.values().any(|operation| operation.output.is_none()) {
        out = out.replace("read, write}", "read, write, write_nothing}");
    }
    enumeration(&mut out, model);
    routes(&mut out, model);
    trait_of(&mut out, model, interface);
    dispatch(&mut out, model, interface);
    out
}

fn enumeration(out: &mut String, model: &Model) {
    let each = |line: &dyn Fn(&str) -> String| model.operations.keys().map(|name| line(name)).collect::<String>();
    let variants = each(&|name| format!("/// `{name}`.\n{name},\n"));
    let all = each(&|name| format!("Self::{name}, "));
    let arms = each(&|name| format!("Self::{name} => \"{name}\",\n"));
    let count = model.operations.len();
    let _ = write!(
        out,
        "/// An operation of the API.\n#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\n\
         pub enum Operation {{\n{variants}}}\n\nimpl Operation {{\n/// Every operation, by name.\n\
         pub const ALL: [Self; {count}] = [{all}];\n\n/// The operation's name.\n\
         pub const fn name(self) -> &'static str {{\nmatch self {{\n{arms}}}\n}}\n"
    );
}

/// In the protocols with a target, the target names the operation; in the others, the method and the path do.
fn routes(out: &mut String, model: &Model) {
    if let Some(prefix) = &model.target_prefix {
        let _ = write!(
            out,
            "\n/// The operation that `X-Amz-Target` names.\npub fn by_target(target: &str) -> Option<Self> {{\n\
             let name = target.strip_prefix(\"{prefix}.\")?;\n\
             Self::ALL.into_iter().find(|operation| operation.name() == name)\n}}\n}}\n"
        );
        return;
    }
    out.push_str(
        "\n/// The operation at a path, and what the path says after the operation's own part, still encoded.\n\
         pub fn by_route<'a>(method: &str, path: &'a str) -> Option<(Self, &'a str)> {\n",
    );
    let open = |operation: &Operation| operation.uri.contains('{');
    for (name, operation) in model.operations.iter().filter(|(_, operation)| open(operation)) {
        let (method, stem) = (&operation.method, operation.uri.split('{').next().unwrap_or_default());
        let _ = write!(
            out,
            "if method == \"{method}\" && let Some(rest) = path.strip_prefix(\"{stem}\") {{\nreturn Some((Self::{name}, rest));\n}}\n"
        );
    }
    out.push_str("let operation = match (method, path) {\n");
    for (name, Operation { method, uri, .. }) in model.operations.iter().filter(|(_, operation)| !open(operation)) {
        let _ = writeln!(out, "(\"{method}\", \"{uri}\") => Self::{name},");
    }
    out.push_str("_ => return None,\n};\nSome((operation, \"\"))\n}\n}\n");
}

fn input(operation: &Operation) -> &str {
    operation.input.as_deref().unwrap_or("()")
}

fn trait_of(out: &mut String, model: &Model, interface: &str) {
    let _ = write!(
        out,
        "\n/// The API as a trait: each operation answers that it is not built until it is.\n\
         pub trait {interface}: Send + Sync {{\n/// What an operation knows of its request besides the request itself.\n\
         type Context: Send + Sync;\n/// How operations fail.\ntype Failure: Send;\n\n\
         /// The failure of an operation that is not built.\nfn not_built(operation: Operation) -> Self::Failure;\n"
    );
    for (name, operation) in &model.operations {
        let _ = write!(
            out,
            "\n/// `{name}`.\nfn {}(&self, context: &Self::Context, request: {}) \
             -> impl Future<Output = Result<{}, Self::Failure>> + Send {{\nlet _ = (context, request);\n\
             async {{ Err(Self::not_built(Operation::{name})) }}\n}}\n",
            snake(name),
            input(operation),
            operation.output.as_deref().unwrap_or("()"),
        );
    }
    out.push_str("}\n");
}

fn dispatch(out: &mut String, model: &Model, interface: &str) {
    if model.operations.len() > 20 {
        out.push_str("\n#[expect(clippy::too_many_lines, reason = \"an arm an operation\")]");
    }
    let _ = write!(
        out,
        "\n/// Reads and checks a request, has the operation carried out, and writes the answer.\n///\n/// # Errors\n\
         /// [`Rejection`] says whether the request cannot be read, breaks a rule of the model, or failed.\n\
         pub async fn dispatch<S: {interface}>(service: &S, context: &S::Context, operation: Operation, input: &Input<'_>) \
         -> Result<Vec<u8>, Rejection<S::Failure>> {{\nmatch operation {{\n"
    );
    for (name, operation) in &model.operations {
        let request = input(operation);
        let write = if operation.output.is_some() { "write" } else { "write_nothing" };
        let fill = match located(model, request) {
            nothing if nothing.is_empty() => "|_| {}".to_owned(),
            statements => format!("|request: &mut {request}| {{ {statements} }}"),
        };
        let _ = write!(
            out,
            "Operation::{name} => {{\nlet request: {request} = read(input, {fill})?;\n\
             {write}(service.{}(context, request).await)\n}}\n",
            snake(name)
        );
    }
    out.push_str("}\n}\n");
}

/// Statements that take the members which are not in the body from the address.
fn located(model: &Model, request: &str) -> String {
    let members = model.shapes.get(request).into_iter().flat_map(|shape| &shape.members);
    let mut statements = String::new();
    for (wire, member) in members {
        let source = match member.location.as_deref() {
            None => continue,
            Some("uri") => "input.rest()".to_owned(),
            Some(_) => format!("input.list(\"{wire}\")"),
        };
        let _ = write!(statements, "request.{} = {source};", field(wire));
    }
    statements
}
