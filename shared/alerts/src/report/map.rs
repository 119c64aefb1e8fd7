//! Points and arcs on a map of the world, so that numbers do not lie on each other.
//!
//! A degree is a unit: x is the longitude plus 180, y is 90 minus the latitude, down to 60° south. On a narrow screen a
//! unit is about a pixel. Where places are close to each other each keeps a dot, and its number stands beside it.

/// The width and height of the map.
const SIZE: (f64, f64) = (360.0, 150.0);
/// How far the middle of a number stays from the map's edges.
const EDGE: f64 = 9.0;
/// Two numbers that are closer than this touch.
const APART: f64 = 16.5;
/// How close a number may come to a dot that is another's.
const CLEAR: f64 = 10.5;
/// How far from its dot a number may stand: the nearest that is free is taken.
const RINGS: [f64; 5] = [14.0, 21.0, 29.0, 38.0, 48.0];

/// A place's dot and its number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pin {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) number_x: String,
    pub(super) number_y: String,
    /// The number stands beside the dot, not on it.
    pub(super) aside: bool,
}

/// A way from one place to another.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Arc {
    pub(super) path: String,
    /// An arrow's head in its middle.
    pub(super) head: String,
}

/// Where a position lies on the map.
pub(super) fn point((latitude, longitude): (f64, f64)) -> (f64, f64) {
    ((longitude + 180.0).clamp(0.0, SIZE.0), (90.0 - latitude).clamp(0.0, SIZE.1))
}

/// The pins of these points, in their order.
pub(super) fn pins(points: &[(f64, f64)]) -> Vec<Pin> {
    let mut numbers: Vec<(f64, f64)> = Vec::new();
    for (index, &own) in points.iter().enumerate() {
        let others = || points.iter().enumerate().filter(move |(other, _)| *other != index).map(|(_, point)| *point);
        let alone = others().all(|other| distance(own, other) >= APART);
        let on_the_dot = std::iter::once(own).filter(|_| alone);
        let around = RINGS.iter().flat_map(|&ring| (0..16).map(move |turn| on_ring(own, ring, turn)));
        let place = on_the_dot.chain(around).find(|&place| {
            (EDGE..=SIZE.0 - EDGE).contains(&place.0)
                && (EDGE..=SIZE.1 - EDGE).contains(&place.1)
                && numbers.iter().all(|&number| distance(place, number) >= APART)
                && others().all(|other| distance(place, other) >= CLEAR)
        });
        numbers.push(place.unwrap_or(own));
    }
    let pin = |(&(x, y), &(number_x, number_y)): (&(f64, f64), &(f64, f64))| Pin {
        x: in_svg(x),
        y: in_svg(y),
        number_x: in_svg(number_x),
        number_y: in_svg(number_y),
        aside: (number_x, number_y) != (x, y),
    };
    points.iter().zip(&numbers).map(pin).collect()
}

/// The ways from one point to another: two where the shorter way crosses the map's edge.
pub(super) fn arcs(from: (f64, f64), to: (f64, f64)) -> Vec<Arc> {
    let across = to.0 - from.0;
    if across.abs() <= SIZE.0 / 2.0 {
        return vec![arc(from, to)];
    }
    let turn = SIZE.0.copysign(across);
    vec![arc(from, (to.0 - turn, to.1)), arc((from.0 + turn, from.1), to)]
}

fn arc(from: (f64, f64), to: (f64, f64)) -> Arc {
    let (across, down) = (to.0 - from.0, to.1 - from.1);
    let length = distance(from, to);
    let bend = ((from.0 + to.0) / 2.0, ((from.1 + to.1) / 2.0 - length / 4.0).max(-40.0));
    // The middle of the curve, where its direction is that from end to end.
    let middle = ((from.0 + to.0) / 4.0 + bend.0 / 2.0, (from.1 + to.1) / 4.0 + bend.1 / 2.0);
    let (ahead, aside) = if length > 0.0 { (across / length, down / length) } else { (1.0, 0.0) };
    let corner = |forward: f64, side: f64| {
        let (x, y) = (middle.0 + ahead * forward - aside * side, middle.1 + aside * forward + ahead * side);
        format!("{} {}", in_svg(x), in_svg(y))
    };
    Arc {
        path: format!(
            "M{} {}Q{} {} {} {}",
            in_svg(from.0),
            in_svg(from.1),
            in_svg(bend.0),
            in_svg(bend.1),
            in_svg(to.0),
            in_svg(to.1)
        ),
        head: format!("M{}L{}L{}Z", corner(4.0, 0.0), corner(-2.5, 2.8), corner(-2.5, -2.8)),
    }
}

/// One of 16 places around a point: beside it first, then above and below.
fn on_ring((x, y): (f64, f64), ring: f64, turn: u8) -> (f64, f64) {
    let side = if turn.is_multiple_of(2) { 1.0 } else { -1.0 };
    let angle = side * f64::from(turn.div_ceil(2)) * std::f64::consts::PI / 8.0;
    (x + ring * angle.cos(), y - ring * angle.sin())
}

fn distance(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

/// A number as SVG takes it, to a tenth.
fn in_svg(number: f64) -> String {
    format!("{number:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(pin: &Pin) -> (f64, f64) {
        (pin.number_x.parse().unwrap(), pin.number_y.parse().unwrap())
    }

    #[test]
    fn a_place_alone_has_its_number_on_it_and_close_ones_beside() {
        let pins = pins(&[point((1.3, 103.8)), point((52.4, 4.9)), point((50.1, 8.7))]);
        assert_eq!((pins[0].aside, pins[1].aside, pins[2].aside), (false, true, true));
        assert_eq!((pins[0].x.as_str(), pins[0].y.as_str()), ("283.8", "88.7"));
    }

    #[test]
    fn the_shorter_way_crosses_the_edge() {
        assert_eq!(arcs(point((35.7, 139.7)), point((37.8, -122.4))).len(), 2);
        assert_eq!(arcs(point((35.7, 139.7)), point((52.4, 4.9))).len(), 1);
    }

    proptest! {
        #[test]
        fn numbers_of_a_dozen_places_do_not_touch(
            places in prop::collection::vec((-60.0_f64..90.0, -180.0_f64..180.0), 0..12),
        ) {
            let points: Vec<_> = places.into_iter().map(point).collect();
            let pins = pins(&points);
            for (index, pin) in pins.iter().enumerate() {
                for other in &pins[..index] {
                    prop_assert!(distance(number(pin), number(other)) >= APART - 0.2, "{pin:?} {other:?}");
                }
            }
        }

        #[test]
        fn whatever_the_places_they_stay_on_the_map(
            places in prop::collection::vec((-90.0_f64..=90.0, -180.0_f64..=180.0), 0..40),
        ) {
            let points: Vec<_> = places.into_iter().map(point).collect();
            for pin in pins(&points) {
                let (x, y) = number(&pin);
                prop_assert!((0.0..=SIZE.0).contains(&x) && (0.0..=SIZE.1).contains(&y));
            }
        }
    }
}
