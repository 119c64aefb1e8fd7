//! The pure parts of the functions as repeatable workloads, so that their instructions can be counted.

use std::hint::black_box;

use clap::ValueEnum;
use gumshoe_alerts::fixtures;
use gumshoe_domain::admission::AdmissionRules;
use gumshoe_domain::verdict::{Verdict, Weights};
use gumshoe_domain::{Explanation, ParsedFinding};

use crate::{Error, findings, graph, rendering};

/// A pure part of a function with its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PureWorkload {
    ParseOrdinary,
    ParseSequence,
    DecideOrdinary,
    DecideSequence,
    ScoreOrdinary,
    ScoreMany,
    RenderOrdinary,
    RenderMany,
    PlanGraph,
}

impl PureWorkload {
    /// The name of its figure.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ParseOrdinary => "Parse an ordinary finding",
            Self::ParseSequence => "Parse an attack sequence of 240 KB",
            Self::DecideOrdinary => "Decide about an ordinary finding",
            Self::DecideSequence => "Decide about an attack sequence of 400 actors",
            Self::ScoreOrdinary => "Score an ordinary case",
            Self::ScoreMany => "Score 50 findings and 400 indicators",
            Self::RenderOrdinary => "Render an ordinary case for every channel",
            Self::RenderMany => "Render 50 findings and 400 indicators for every channel",
            Self::PlanGraph => "Plan a behavior graph of 1,200 members",
        }
    }

    /// The work with its input prepared, so that only the work is repeated.
    pub(crate) fn prepared(self) -> Result<Box<dyn Fn() -> Result<(), Error>>, Error> {
        Ok(match self {
            Self::ParseOrdinary => parsing(findings::ordinary().to_string()),
            Self::ParseSequence => parsing(findings::sequence().to_string()),
            Self::DecideOrdinary => deciding(&findings::ordinary().to_string())?,
            Self::DecideSequence => deciding(&findings::sequence().to_string())?,
            Self::ScoreOrdinary => scoring(fixtures::high_risk()),
            Self::ScoreMany => scoring(fixtures::many()),
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

fn scoring(case: fixtures::Case) -> Work {
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
    fn every_workload_succeeds() {
        for part in PureWorkload::value_variants() {
            part.prepared().unwrap()().unwrap();
        }
    }
}
