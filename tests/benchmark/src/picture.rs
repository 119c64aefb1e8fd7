//! An SVG of start-up, memory and size: Gumshoe's functions, the do-nothing function, and the functions in Python.

use std::path::Path;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::Error;
use crate::report::{PartReport, Report};

const WIDTH: u32 = 960;
const ROW: u32 = 22;
/// Pixels above the bars of a panel for its title, and below them for the axis.
const HEAD: u32 = 44;
const FOOT: u32 = 42;
const NAMES: u32 = 190;
const FONT: &str = "sans-serif";
const GUMSHOE_COLOR: RGBColor = RGBColor(0, 90, 181);
const DO_NOTHING_COLOR: RGBColor = RGBColor(110, 110, 110);
const PYTHON_COLOR: RGBColor = RGBColor(220, 80, 20);

/// Bars of one unit.
struct Panel<'a> {
    title: String,
    unit: &'a str,
    scale: Scale,
    bars: Vec<(&'a str, f64, RGBColor)>,
}

/// The scale of a panel. Lengths on a logarithmic scale are hard to compare, so it is used only if short bars would vanish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    Linear,
    Logarithmic,
}

/// The panels: the part, the suffix of its figures' names, the title and the scale.
const PANELS: [(&str, &str, &str, Scale); 3] = [
    ("Start-up", ", to its first poll", "From the start of the process to its first poll", Scale::Logarithmic),
    ("Memory", ", peak memory", "Peak resident memory", Scale::Linear),
    ("Size", ", zip", "Uploaded zip", Scale::Linear),
];

/// Draws the panels that were measured; writes no file if none was.
pub(crate) fn draw(report: &Report, file: &Path) -> Result<(), Error> {
    let panels: Vec<Panel<'_>> = PANELS
        .iter()
        .filter_map(|(part, ending, title, scale)| {
            let part = report.parts.iter().find(|it| it.title == *part)?;
            panel(part, ending, title, *scale)
        })
        .collect();
    if panels.is_empty() {
        return Ok(());
    }
    let heights: Vec<u32> = panels.iter().map(height).collect();
    let root = SVGBackend::new(file, (WIDTH, heights.iter().sum())).into_drawing_area();
    root.fill(&WHITE).map_err(drawing_failed)?;
    let mut rest = root.clone();
    for (panel, height) in panels.iter().zip(heights) {
        let (area, below) = rest.split_vertically(height);
        let (shortest, longest) = panel.range();
        // Leaves room for the number to the right of the longest bar.
        match panel.scale {
            Scale::Linear => bars(&area, panel, 0.0..longest * 1.15, 0.0)?,
            Scale::Logarithmic => bars(&area, panel, (shortest / 2.0..longest * 2.0).log_scale(), shortest / 2.0)?,
        }
        rest = below;
    }
    root.present().map_err(drawing_failed)
}

impl Panel<'_> {
    /// The lengths of the shortest and of the longest bar.
    fn range(&self) -> (f64, f64) {
        let values = || self.bars.iter().map(|bar| bar.1);
        (values().fold(f64::MAX, f64::min), values().fold(0.0, f64::max))
    }
}

fn panel<'a>(part: &'a PartReport, ending: &str, title: &str, scale: Scale) -> Option<Panel<'a>> {
    let named = part.figures.iter().filter_map(|figure| {
        let name = figure.name.strip_suffix(ending)?;
        let color = match name {
            "do-nothing" => DO_NOTHING_COLOR,
            name if name.ends_with(" in Python") => PYTHON_COLOR,
            _ => GUMSHOE_COLOR,
        };
        Some((name, figure.median(), color, figure.unit.as_ref()))
    });
    let mut named: Vec<_> = named.filter(|(_, median, ..)| median.is_finite() && *median > 0.0).collect();
    let unit = named.first()?.3;
    named.sort_by(|a, b| a.1.total_cmp(&b.1));
    let bars = named.into_iter().map(|(name, median, color, _)| (name, median, color)).collect();
    let how = if scale == Scale::Logarithmic { " (logarithmic)" } else { "" };
    Some(Panel { title: format!("{title}, in {unit}{how}"), unit, scale, bars })
}

fn height(panel: &Panel<'_>) -> u32 {
    u32::try_from(panel.bars.len()).unwrap_or(u32::MAX).saturating_mul(ROW).saturating_add(HEAD + FOOT)
}

fn bars<X>(area: &DrawingArea<SVGBackend<'_>, Shift>, panel: &Panel<'_>, axis: X, least: f64) -> Result<(), Error>
where
    X: AsRangedCoord<Value = f64>,
    X::CoordDescType: ValueFormatter<f64>,
{
    let rows = i32::try_from(panel.bars.len()).unwrap_or(i32::MAX);
    let mut chart = ChartBuilder::on(area)
        .caption(&panel.title, (FONT, 18))
        .margin(8)
        .x_label_area_size(24)
        .y_label_area_size(NAMES)
        .build_cartesian_2d(axis, (0..rows - 1).into_segmented())
        .map_err(drawing_failed)?;
    // The first bar is at the bottom.
    let name = |row: &SegmentValue<i32>| match row {
        SegmentValue::CenterOf(row) => {
            usize::try_from(*row).ok().and_then(|row| panel.bars.get(row)).map_or(String::new(), |bar| bar.0.to_owned())
        }
        _ => String::new(),
    };
    chart
        .configure_mesh()
        .disable_y_mesh()
        .y_labels(panel.bars.len())
        .y_label_formatter(&name)
        .x_label_formatter(&|value| ((value * 100.0).round() / 100.0).to_string())
        .label_style((FONT, 13))
        .light_line_style(WHITE)
        .draw()
        .map_err(drawing_failed)?;
    let label_style = (FONT, 13).into_text_style(area).pos(Pos::new(HPos::Left, VPos::Center));
    let drawn = (0..rows).zip(&panel.bars).flat_map(|(row, (_, value, color))| {
        let mut bar = Rectangle::new(
            [(least, SegmentValue::Exact(row)), (*value, SegmentValue::Exact(row + 1))],
            color.mix(0.85).filled(),
        );
        bar.set_margin(3, 3, 0, 0);
        let decimals = if *value < 10.0 { 2 } else { 0 };
        let text = format!("\u{a0}{value:.decimals$} {}", panel.unit);
        [bar.into_dyn(), Text::new(text, (*value, SegmentValue::CenterOf(row)), label_style.clone()).into_dyn()]
    });
    chart.draw_series(drawn).map_err(drawing_failed)?;
    Ok(())
}

fn drawing_failed(error: impl std::error::Error) -> Error {
    Error::Unexpected(format!("could not draw the picture: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Figure;

    #[test]
    fn the_picture_shows_the_measured_figures() {
        let figure = |name, value| Figure::new(name, "ms", vec![value]);
        let figures = vec![
            figure("open-case, to its first poll", 4.0),
            figure("open-case in Python, to its first poll", 240.0),
            figure("do-nothing, to its first poll", 1.0),
            figure("open-case, to its first answer", 9.0),
        ];
        let part = PartReport { title: "Start-up".to_owned(), is_timing: true, figures };
        let report = Report { parts: vec![part], ..Report::default() };
        let file = std::env::temp_dir().join(format!("picture-{}.svg", std::process::id()));
        draw(&report, &file).unwrap();
        let svg = std::fs::read_to_string(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        for text in ["open-case in Python", "240 ms", "do-nothing", "4.00 ms"] {
            assert!(svg.contains(text), "the picture lacks {text}");
        }
        assert!(!svg.contains("9.00 ms"));
    }
}
