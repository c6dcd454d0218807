//! Plots of results as SVG: bars, without a library and readable as text.

use std::fmt::Write as _;

/// One bar.
#[derive(Debug)]
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) value: f64,
    /// Drawn in the colour that is ours.
    pub(super) ours: bool,
}

const WIDTH: f64 = 720.0;
const NAMES_WIDTH: f64 = 190.0;
const VALUES_WIDTH: f64 = 80.0;
const ROW: f64 = 28.0;
const OURS: &str = "#1f6feb";
const OTHERS: &str = "#8b949e";

/// Horizontal bars, the longest over the whole width.
pub(super) fn bars(title: &str, bars: &[Bar]) -> String {
    let most = bars.iter().map(|bar| bar.value).fold(f64::MIN_POSITIVE, f64::max);
    let height = ROW * (bars.len() as f64 + 2.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"10\" y=\"20\" \
         font-weight=\"bold\">{}</text>\n",
        escaped(title)
    );
    for (row, bar) in bars.iter().enumerate() {
        let top = ROW * (row as f64 + 1.3);
        let length = bar.value / most * (WIDTH - NAMES_WIDTH - VALUES_WIDTH);
        let (colour, text) = (if bar.ours { OURS } else { OTHERS }, top + 14.0);
        _ = writeln!(svg, "<text x=\"10\" y=\"{text}\">{}</text>", escaped(&bar.name));
        _ = writeln!(
            svg,
            "<rect x=\"{NAMES_WIDTH}\" y=\"{top}\" width=\"{length:.1}\" height=\"18\" fill=\"{colour}\"/>"
        );
        let after = NAMES_WIDTH + length + 6.0;
        _ = writeln!(svg, "<text x=\"{after:.1}\" y=\"{text}\">{:.0}</text>", bar.value);
    }
    svg + "</svg>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
