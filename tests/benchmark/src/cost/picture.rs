//! An SVG of cost and delay by the duration of an investigation, of Gumshoe and of the fixed loop.

use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

use super::model::{Model, Polling, max_delay};
use super::prices::Prices;
use super::{LONG_MINUTES, MINUTES};
use crate::Error;

const SIZE: (u32, u32) = (960, 900);
const GUMSHOE_COLOR: RGBColor = RGBColor(0, 90, 181);
const FIXED_COLOR: RGBColor = RGBColor(220, 80, 20);
const BOUND_COLOR: RGBColor = RGBColor(110, 110, 110);
/// The distance of the points of a curve.
const STEP_SECONDS: usize = 5;
const FONT: &str = "sans-serif";

/// A curve by minutes.
struct Curve {
    name: String,
    color: RGBColor,
    width: u32,
    points: Vec<(f64, f64)>,
}

/// Writes the SVG to that file.
pub(super) fn draw(file: &Path, ours: &Model, fixed: &Model, prices: &Prices) -> Result<(), Error> {
    let root = SVGBackend::new(file, SIZE).into_drawing_area();
    root.fill(&WHITE).map_err(drawing_failed)?;
    let (upper, lower) = root.split_vertically(SIZE.1 / 2);
    let cost = |model: &Model, seconds: f64| Ok(model.cost(seconds, prices)? * 1e3);
    let mut curves = vec![
        curve(Polling::Fixed.name(), FIXED_COLOR, 2, |seconds| cost(fixed, seconds))?,
        curve("Half of that", BOUND_COLOR, 1, |seconds| Ok(cost(fixed, seconds)? / 2.0))?,
        curve(Polling::Gumshoe.name(), GUMSHOE_COLOR, 2, |seconds| cost(ours, seconds))?,
    ];
    // The bound holds for long investigations only.
    curves[1].points.retain(|(minutes, _)| *minutes >= f64::from(LONG_MINUTES));
    let title = format!("Cost of 1,000 cases ({}, prices of {})", prices.region, prices.as_of);
    let marks =
        [(GUMSHOE_COLOR, marks(|seconds| cost(ours, seconds))?), (FIXED_COLOR, marks(|seconds| cost(fixed, seconds))?)];
    chart(&upper, &title, "USD for 1,000 cases", &curves, &marks)?;
    let delay = |model: &Model, seconds: f64| model.delay(seconds);
    let curves = [
        curve(Polling::Fixed.name(), FIXED_COLOR, 1, |seconds| delay(fixed, seconds))?,
        curve("A quarter of the duration, or 10 s", BOUND_COLOR, 1, |seconds| Ok(max_delay(seconds)))?,
        curve(Polling::Gumshoe.name(), GUMSHOE_COLOR, 1, |seconds| delay(ours, seconds))?,
    ];
    let title = "Delay of the alert after the end of the investigation";
    chart(&lower, title, "Seconds after the end", &curves, &[])?;
    root.present().map_err(drawing_failed)
}

fn curve(
    name: impl Into<String>,
    color: RGBColor,
    width: u32,
    value: impl Fn(f64) -> Result<f64, Error>,
) -> Result<Curve, Error> {
    let range = MINUTES[0] * 60..=MINUTES[MINUTES.len() - 1] * 60;
    let points = range.step_by(STEP_SECONDS).map(|second| {
        let seconds = f64::from(second);
        Ok((seconds / 60.0, value(seconds)?))
    });
    Ok(Curve { name: name.into(), color, width, points: points.collect::<Result<_, Error>>()? })
}

/// A mark at each duration of which a case was measured.
fn marks(value: impl Fn(f64) -> Result<f64, Error>) -> Result<Vec<(f64, f64)>, Error> {
    MINUTES.into_iter().map(|minutes| Ok((f64::from(minutes), value(f64::from(minutes) * 60.0)?))).collect()
}

/// One chart, with its legend above the curves.
fn chart(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    title: &str,
    unit: &str,
    curves: &[Curve],
    marked: &[(RGBColor, Vec<(f64, f64)>)],
) -> Result<(), Error> {
    // As high as the measured curves: the curve of a bound may leave the chart.
    let measured = curves.iter().filter(|curve| curve.color != BOUND_COLOR).flat_map(|curve| &curve.points);
    let most = measured.map(|(_, value)| *value).fold(0.0, f64::max) * 1.4;
    let last = f64::from(MINUTES[MINUTES.len() - 1]);
    let mut chart = ChartBuilder::on(area)
        .caption(title, (FONT, 20))
        .margin(14)
        .x_label_area_size(46)
        .y_label_area_size(70)
        .build_cartesian_2d(0.0..last, 0.0..most)
        .map_err(drawing_failed)?;
    chart
        .configure_mesh()
        .x_desc("Duration of the investigation, in minutes")
        .y_desc(unit)
        .x_labels(13)
        .y_labels(8)
        .x_label_formatter(&|minutes| format!("{minutes:.0}"))
        .y_label_formatter(&|value| if most < 20.0 { format!("{value:.1}") } else { format!("{value:.0}") })
        .label_style((FONT, 14))
        .light_line_style(WHITE)
        .draw()
        .map_err(drawing_failed)?;
    for Curve { name, color, width, points } in curves {
        let style = color.stroke_width(*width);
        let within = points.iter().copied().filter(|(_, value)| *value <= most);
        let drawn = chart.draw_series(LineSeries::new(within, style)).map_err(drawing_failed)?;
        let sample = color.stroke_width(3);
        drawn.label(name).legend(move |(x, y)| PathElement::new([(x, y), (x + 22, y)], sample));
    }
    for (color, marks) in marked {
        let circles = marks.iter().map(|at| Circle::new(*at, 4, color.filled()));
        chart.draw_series(circles).map_err(drawing_failed)?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK.mix(0.3))
        .label_font((FONT, 14))
        .margin(12)
        .draw()
        .map_err(drawing_failed)
}

fn drawing_failed(error: impl std::error::Error) -> Error {
    Error::Unexpected(format!("could not draw the picture: {error}"))
}
