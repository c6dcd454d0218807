//! The operations: an enum with their routes, a trait with a method each, and the way from bytes to bytes.

use super::model::{Model, Operation};
use super::naming::{field, snake};
use std::fmt::Write as _;

pub(super) fn generate(model: &Model, name: &str) -> String {
    let mut code = String::from("use super::types::*;\nuse crate::dispatch::{Input, Rejection, read, write};\n\n");
    enumeration(&mut code, model);
    routes(&mut code, model);
    interface(&mut code, model, name);
    dispatch(&mut code, model, name);
    code
}

fn enumeration(code: &mut String, model: &Model) {
    code.push_str(
        "/// An operation of the API.\n#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\n",
    );
    code.push_str("pub enum Operation {\n");
    for name in model.operations.keys() {
        let _ = writeln!(code, "/// `{name}`.\n{name},");
    }
    code.push_str("}\n\nimpl Operation {\n/// Every operation, by name.\n");
    let all: Vec<String> = model.operations.keys().map(|name| format!("Self::{name}")).collect();
    let _ = writeln!(code, "pub const ALL: [Self; {}] = [{}];\n", all.len(), all.join(", "));
    code.push_str("/// The operation's name.\npub const fn name(self) -> &'static str {\nmatch self {\n");
    for name in model.operations.keys() {
        let _ = writeln!(code, "Self::{name} => \"{name}\",");
    }
    code.push_str("}\n}\n");
}

/// In the protocols with a target, the target names the operation; in the others, the method and the path do.
fn routes(code: &mut String, model: &Model) {
    if let Some(prefix) = &model.metadata.target_prefix {
        let _ = write!(
            code,
            "\n/// The operation that `X-Amz-Target` names.\npub fn by_target(target: &str) -> Option<Self> {{\n\
             let name = target.strip_prefix(\"{prefix}.\")?;\n\
             Self::ALL.into_iter().find(|operation| operation.name() == name)\n}}\n}}\n"
        );
        return;
    }
    code.push_str(
        "\n/// The operation at a path, and what the path says after the operation's own part, still encoded.\n\
         pub fn by_route<'a>(method: &str, path: &'a str) -> Option<(Self, &'a str)> {\n",
    );
    let has_parameter = |operation: &Operation| operation.http.request_uri.contains('{');
    let parametric: Vec<_> = model.operations.iter().filter(|(_, operation)| has_parameter(operation)).collect();
    for (name, operation) in &parametric {
        let http = &operation.http;
        let stem = http.request_uri.split('{').next().unwrap_or_default();
        let _ = write!(
            code,
            "if method == \"{}\" && let Some(rest) = path.strip_prefix(\"{stem}\") {{\nreturn Some((Self::{name}, rest));\n}}\n",
            http.method
        );
    }
    code.push_str("let operation = match (method, path) {\n");
    for (name, Operation { http, .. }) in model.operations.iter().filter(|(_, operation)| !has_parameter(operation)) {
        let _ = writeln!(code, "(\"{}\", \"{}\") => Self::{name},", http.method, http.request_uri);
    }
    code.push_str("_ => return None,\n};\nSome((operation, \"\"))\n}\n}\n");
}

fn output(operation: &Operation) -> &str {
    operation.output.as_ref().map_or("()", |output| output.shape.as_str())
}

fn interface(code: &mut String, model: &Model, name: &str) {
    let _ = write!(
        code,
        "\n/// The API as a trait: each operation answers that it is not built until it is.\n\
         pub trait {name}: Send + Sync {{\n/// What an operation knows of its request besides the request itself.\n\
         type Context: Send + Sync;\n/// How operations fail.\ntype Failure: Send;\n\n\
         /// The failure of an operation that is not built.\nfn not_built(operation: Operation) -> Self::Failure;\n"
    );
    for (name, operation) in &model.operations {
        let _ = write!(
            code,
            "\n/// `{name}`.\nfn {}(&self, context: &Self::Context, request: {}) \
             -> impl Future<Output = Result<{}, Self::Failure>> + Send {{\nlet _ = (context, request);\n\
             async {{ Err(Self::not_built(Operation::{name})) }}\n}}\n",
            snake(name),
            operation.input.shape,
            output(operation),
        );
    }
    code.push_str("}\n");
}

fn dispatch(code: &mut String, model: &Model, name: &str) {
    let _ = write!(
        code,
        "\n/// Reads and checks a request, has the operation carried out, and writes the answer.\n///\n/// # Errors\n\
         /// [`Rejection`] says whether the request cannot be read, breaks a rule of the model, or failed.\n\
         #[expect(clippy::too_many_lines, reason = \"an arm for each operation\")]\n\
         pub async fn dispatch<S: {name}>(service: &S, context: &S::Context, operation: Operation, input: &Input<'_>) \
         -> Result<Vec<u8>, Rejection<S::Failure>> {{\nmatch operation {{\n"
    );
    for (name, operation) in &model.operations {
        let shape = &model.shapes[&operation.input.shape];
        let mut located = String::new();
        for (member, reference) in shape.members.iter().filter(|(_, reference)| reference.location.is_some()) {
            let wire = reference.location_name.as_deref().unwrap_or(member);
            let list = model.shape(reference).kind == "list";
            let source = if reference.location.as_deref() == Some("uri") {
                "Some(input.path.clone())".to_owned()
            } else if list {
                format!("input.list(\"{wire}\")")
            } else {
                format!("input.list(\"{wire}\").and_then(|mut values| values.pop())")
            };
            let _ = write!(located, "request.{} = {source};", field(member));
        }
        let fill = if located.is_empty() { String::new() } else { format!(", |request| {{ {located} }}") };
        let reader = if fill.is_empty() { "read(input, |_| {})".to_owned() } else { format!("read(input{fill})") };
        let _ = write!(
            code,
            "Operation::{name} => {{\nlet request: {} = {reader}?;\nwrite(service.{}(context, request).await)\n}}\n",
            operation.input.shape,
            snake(name)
        );
    }
    code.push_str("}\n}\n");
}
