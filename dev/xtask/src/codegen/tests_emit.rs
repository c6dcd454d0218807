//! Tests of the generated structures: every structure of the model reads a document with every member, and writes it
//! back unchanged.

use super::model::Model;
use std::fmt::Write;

pub(super) fn emit(model: &Model) -> String {
    let mut out = String::from(
        "use super::structures::*;\nuse serde::{Serialize, de::DeserializeOwned};\nuse serde_json::Value;\n\n\
         fn through<T: Serialize + DeserializeOwned>(value: &Value) -> Value {\n\
         let read: T = serde_json::from_value(value.clone()).unwrap();\nserde_json::to_value(read).unwrap()\n}\n\n\
         /// Reads `value` as the structure of this name and writes it back.\n#[expect(clippy::too_many_lines, reason = \"a line a structure\")]\n\
         pub(crate) fn round_trip(name: &str, value: &Value) -> Option<Value> {\nSome(match name {\n",
    );
    let count = model.structures().count();
    for (name, _) in model.structures() {
        let _ = writeln!(out, "\"{name}\" => through::<{name}>(value),");
    }
    out.push_str("_ => return None,\n})\n}\n");
    if count < 60 {
        out = out.replace("#[expect(clippy::too_many_lines, reason = \"a line a structure\")]\n", "");
    }
    out
}
