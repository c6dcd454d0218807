//! For each structure of a request: its required members are there, and its enums hold known values.

use super::model::{Model, Reference, Shape};
use super::naming::field;
use std::collections::BTreeSet;
use std::fmt::Write as _;

pub(super) fn generate(model: &Model, open_enums: &[&str]) -> String {
    let generator = Generator { model, open_enums };
    let mut code = String::from("use super::types::*;\nuse crate::check::{Check, Violation, required};\n");
    let mut uses_one_of = false;
    let mut seen = BTreeSet::new();
    let mut open: Vec<&str> = model.operations.values().map(|operation| operation.input.shape.as_str()).collect();
    while let Some(name) = open.pop() {
        if !seen.insert(name) {
            continue;
        }
        let shape = &model.shapes[name];
        open.extend(shape.members.values().filter_map(|member| generator.structure_in(member)));
    }
    for name in seen {
        let body = generator.body(&model.shapes[name]);
        uses_one_of |= body.contains("one_of(");
        let _ = write!(
            code,
            "\nimpl Check for {name} {{\nfn check(&self) -> Result<(), Violation> {{\n{body}Ok(())\n}}\n}}\n"
        );
    }
    if uses_one_of {
        code.replace("{Check, Violation, required}", "{Check, Violation, one_of, required}")
    } else {
        code
    }
}

struct Generator<'a> {
    model: &'a Model,
    open_enums: &'a [&'a str],
}

impl<'a> Generator<'a> {
    fn body(&self, shape: &Shape) -> String {
        let mut code = String::new();
        for (member, reference) in &shape.members {
            let field = field(member);
            if shape.required.contains(member) {
                let _ = writeln!(code, "required(&self.{field}, \"{member}\")?;");
            }
            if let Some(check) = self.value("value", reference, 0) {
                let _ = write!(
                    code,
                    "if let Some(value) = &self.{field} {{\n{check}.map_err(|violation| violation.within(\"{member}\"))?;\n}}\n"
                );
            }
        }
        code
    }

    /// An expression that checks `name`; `None` when nothing about it can be wrong.
    fn value(&self, name: &str, reference: &Reference, depth: usize) -> Option<String> {
        let shape = self.model.shape(reference);
        match shape.kind.as_str() {
            "structure" => Some(format!("{name}.check()")),
            "list" => {
                let inner = self.value("item", shape.member.as_ref()?, depth + 1)?;
                Some(format!(
                    "{name}.iter().enumerate().try_for_each(|(index, item)| {inner}.map_err(|violation| violation.at(index)))"
                ))
            }
            "map" => {
                let inner = self.value("item", shape.value.as_ref()?, depth + 1)?;
                Some(format!(
                    "{name}.iter().try_for_each(|(key, item)| {inner}.map_err(|violation| violation.within(key)))"
                ))
            }
            "string" if !shape.values.is_empty() && !self.open_enums.contains(&reference.shape.as_str()) => {
                Some(format!("one_of({name}, &{:?})", shape.values))
            }
            _ => None,
        }
    }

    /// The structure that a member is, or is a list or map of.
    fn structure_in(&self, reference: &'a Reference) -> Option<&'a str> {
        let shape = self.model.shape(reference);
        match shape.kind.as_str() {
            "structure" => Some(&reference.shape),
            "list" => self.structure_in(shape.member.as_ref()?),
            "map" => self.structure_in(shape.value.as_ref()?),
            _ => None,
        }
    }
}
