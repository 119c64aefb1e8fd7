//! What is uploaded of each function.

use super::stage::{Package, Stage};
use crate::figure::Figure;

/// Looks at all functions.
pub(super) fn measure(stage: &Stage) -> Vec<Figure> {
    stage.packages.iter().flat_map(of).collect()
}

fn of(package: &Package) -> [Figure; 2] {
    let name = package.function.name();
    #[expect(clippy::cast_precision_loss, reason = "a binary has less than 2^52 bytes")]
    let binary = package.binary as f64;
    [
        Figure::new(format!("{name}, its zip"), "MB", vec![f64::from(package.zip) / 1e6]).at_most(3.0),
        Figure::new(format!("{name}, its binary"), "MB", vec![binary / 1e6]),
    ]
}
