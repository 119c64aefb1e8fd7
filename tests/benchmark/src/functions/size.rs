//! The size of each function's zip and binary.

use super::setup::{Package, Setup};
use crate::figure::Figure;

pub(super) fn measure(setup: &Setup) -> Vec<Figure> {
    setup.packages.iter().flat_map(of).collect()
}

fn of(package: &Package) -> [Figure; 2] {
    let name = package.function.name();
    #[expect(clippy::cast_precision_loss, reason = "a binary has less than 2^52 bytes")]
    let binary = package.binary as f64;
    [
        Figure::new(format!("{name}, zip"), "MB", vec![f64::from(package.zip) / 1e6]).at_most(3.0),
        Figure::new(format!("{name}, binary"), "MB", vec![binary / 1e6]),
    ]
}
