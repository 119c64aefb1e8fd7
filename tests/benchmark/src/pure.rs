//! The pure parts of the functions, each as work that can be done again and again: for whoever counts instructions.

use std::hint::black_box;

use clap::ValueEnum;
use gumshoe_alerts::fixtures;
use gumshoe_domain::admission::AdmissionRules;
use gumshoe_domain::verdict::{Verdict, Weights};
use gumshoe_domain::{Explanation, ParsedFinding};

use crate::{Error, findings, graph, rendering};

/// A pure part with what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Pure {
    ParseOrdinary,
    ParseSequence,
    DecideOrdinary,
    DecideSequence,
    WeighOrdinary,
    WeighMany,
    RenderOrdinary,
    RenderMany,
    PlanGraph,
}

impl Pure {
    /// What the report calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ParseOrdinary => "Parse an ordinary finding",
            Self::ParseSequence => "Parse an attack sequence of 240 KB",
            Self::DecideOrdinary => "Decide about an ordinary finding",
            Self::DecideSequence => "Decide about an attack sequence of 400 actors",
            Self::WeighOrdinary => "Weigh an ordinary case",
            Self::WeighMany => "Weigh 50 findings and 400 indicators",
            Self::RenderOrdinary => "Render an ordinary case for every channel",
            Self::RenderMany => "Render 50 findings and 400 indicators for every channel",
            Self::PlanGraph => "Plan a behavior graph of 1,200 members",
        }
    }

    /// The work, with everything that it needs made before.
    pub(crate) fn prepared(self) -> Result<Box<dyn Fn() -> Result<(), Error>>, Error> {
        Ok(match self {
            Self::ParseOrdinary => parsing(findings::ordinary().to_string()),
            Self::ParseSequence => parsing(findings::sequence().to_string()),
            Self::DecideOrdinary => deciding(&findings::ordinary().to_string())?,
            Self::DecideSequence => deciding(&findings::sequence().to_string())?,
            Self::WeighOrdinary => weighing(fixtures::high_risk()),
            Self::WeighMany => weighing(fixtures::many()),
            Self::RenderOrdinary => rendering(fixtures::high_risk()),
            Self::RenderMany => rendering(fixtures::many()),
            Self::PlanGraph => {
                let (document, actual) = (graph::document(), graph::actual());
                Box::new(move || {
                    black_box(graph::plan(black_box(&document), black_box(&actual))?);
                    Ok(())
                })
            }
        })
    }
}

type Work = Box<dyn Fn() -> Result<(), Error>>;

fn parsing(text: String) -> Work {
    Box::new(move || {
        black_box(ParsedFinding::from_text(black_box(&text))?);
        Ok(())
    })
}

fn deciding(text: &str) -> Result<Work, Error> {
    let (parsed, admission) = (ParsedFinding::from_text(text)?, AdmissionRules::default());
    Ok(Box::new(move || {
        black_box(Explanation::of(black_box(&parsed), &admission));
        Ok(())
    }))
}

fn weighing(case: fixtures::Case) -> Work {
    let weights = Weights::default();
    Box::new(move || {
        black_box(Verdict::score(black_box(&case.findings), black_box(&case.indicators), &weights));
        Ok(())
    })
}

fn rendering(case: fixtures::Case) -> Work {
    Box::new(move || {
        black_box(rendering::render(black_box(&case))?);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_can_be_done() {
        for part in Pure::value_variants() {
            part.prepared().unwrap()().unwrap();
        }
    }
}
