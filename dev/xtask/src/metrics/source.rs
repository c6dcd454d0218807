//! What is counted in one formatted source file. Formatting makes this simple: a function ends at the first closing brace
//! in the column where its first line begins.

/// The counts of one file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) path: String,
    pub(super) is_test: bool,
    pub(super) is_generated: bool,
    pub(super) has_header: bool,
    pub(super) lines: usize,
    /// Lines of each function.
    pub(super) functions: Vec<usize>,
    pub(super) unwraps: usize,
    pub(super) expects: usize,
    pub(super) public_items: usize,
    pub(super) documented_items: usize,
}

impl Source {
    pub(super) fn read(path: &str, text: &str) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let code = |line: &&&str| !line.trim_start().starts_with("//");
        let mut source = Self {
            path: path.to_owned(),
            is_test: path.ends_with("/tests.rs") || path.contains("/tests/") || path.ends_with("/testing.rs"),
            is_generated: path.contains("/generated/"),
            has_header: lines.first().is_some_and(|line| line.starts_with("//!")),
            lines: lines.len(),
            unwraps: lines.iter().filter(code).filter(|line| line.contains(".unwrap()")).count(),
            expects: lines.iter().filter(code).filter(|line| line.contains(".expect(\"")).count(),
            ..Self::default()
        };
        for (index, line) in lines.iter().enumerate() {
            if is_function(line) {
                source.functions.push(length(&lines[index..]));
            }
            if is_public_item(line) {
                source.public_items += 1;
                source.documented_items += usize::from(is_documented(&lines[..index]));
            }
        }
        source
    }

    /// Whether the file belongs to a crate whose public items must be documented.
    pub(super) fn is_contract(&self) -> bool {
        self.path.starts_with("core/") || self.path.starts_with("api/")
    }
}

fn is_function(line: &str) -> bool {
    let mut words = line.trim_start().split(' ').skip_while(|word| {
        matches!(*word, "pub" | "const" | "async" | "unsafe" | "extern") || word.starts_with("pub(")
    });
    words.next() == Some("fn")
}

/// The lines of the function that begins with the first of these; a declaration without a body has one.
fn length(lines: &[&str]) -> usize {
    let Some(first) = lines.first() else { return 0 };
    let indent = first.len() - first.trim_start().len();
    let ends = |line: &&str| {
        let body = line.trim_start();
        let own = line.len() - body.len() == indent;
        own && (body == "}" || (body.ends_with('}') && body.contains('{')) || body.ends_with(';'))
    };
    lines.iter().position(ends).map_or(1, |last| last + 1)
}

fn is_public_item(line: &str) -> bool {
    let rest = line.trim_start().strip_prefix("pub ");
    let kinds = ["fn ", "struct ", "enum ", "trait ", "const ", "type ", "mod ", "static ", "async fn ", "unsafe fn "];
    rest.is_some_and(|rest| kinds.iter().any(|kind| rest.starts_with(kind)))
}

/// Whether a doc comment stands above, attributes apart.
fn is_documented(above: &[&str]) -> bool {
    let last = above.iter().rev().map(|line| line.trim()).find(|line| !line.starts_with("#[") && !line.ends_with(")]"));
    last.is_some_and(|line| line.starts_with("///"))
}

#[cfg(test)]
mod tests;
