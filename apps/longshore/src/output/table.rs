//! Tables for people: columns as wide as their widest cell, no lines, the last column unpadded.

use super::bold;

/// Rows of cells below a header.
#[derive(Debug)]
pub(crate) struct Table {
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(header: &[&'static str]) -> Self {
        Self { header: header.to_vec(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The table as text, without a line break at its end.
    pub(crate) fn render(&self) -> String {
        let header: Vec<String> = self.header.iter().map(|title| bold(title)).collect();
        let widths: Vec<usize> = (0..header.len())
            .map(|column| {
                let cells = self.rows.iter().chain([&header]).filter_map(|row| row.get(column));
                cells.map(|cell| shown_width(cell)).max().unwrap_or(0)
            })
            .collect();
        let lines: Vec<String> = [&header].into_iter().chain(&self.rows).map(|row| line(row, &widths)).collect();
        lines.join("\n")
    }
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let mut text = String::new();
    for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
        if index > 0 {
            text.push_str("  ");
        }
        text.push_str(cell);
        if index + 1 < cells.len() {
            text.push_str(&" ".repeat(width.saturating_sub(shown_width(cell))));
        }
    }
    text.trim_end().to_owned()
}

/// Characters that a terminal shows: all but colour codes.
fn shown_width(cell: &str) -> usize {
    anstream::adapter::strip_str(cell).map(|part| part.chars().count()).sum()
}
