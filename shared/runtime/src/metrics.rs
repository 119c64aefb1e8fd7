//! Counts that CloudWatch makes metrics of: lines of the embedded metric format in the function's log.
//!
//! Source: CloudWatch User Guide, "Embedded metric format specification". No call and no right of its own is needed.

use jiff::Timestamp;
use serde_json::json;
use std::io::Write;

/// The namespace that all metrics are in.
const NAMESPACE: &str = "Gumshoe";

/// Writes counts into the log.
#[derive(Debug, Clone)]
pub struct Metrics {
    stack: String,
}

impl Metrics {
    /// Counts for that stack: stacks side by side in an account are told apart by the dimension `Stack`.
    #[must_use]
    pub fn for_stack(stack: String) -> Self {
        Self { stack }
    }

    /// Counts one of `metric`, under the dimension `Stack`, which alarms watch, and under `Stack` and `dimension`.
    ///
    /// The value of a dimension is one of a few words of our own, never text of a finding: every value is a metric that
    /// is paid for.
    pub fn count(&self, metric: &'static str, dimension: &'static str, value: &'static str, now: Timestamp) {
        // Standard output of a Lambda function is its log; where it is closed there is nobody to count for.
        let _ = writeln!(std::io::stdout().lock(), "{}", self.line(metric, dimension, value, now));
    }

    /// Sets figures of how something stands, under the dimension `Stack`.
    pub fn record_gauges(&self, figures: &[(&'static str, usize)], now: Timestamp) {
        let _ = writeln!(std::io::stdout().lock(), "{}", self.figures(figures, now));
    }

    fn figures(&self, figures: &[(&'static str, usize)], now: Timestamp) -> String {
        let metrics: Vec<_> = figures.iter().map(|(name, _)| json!({ "Name": name, "Unit": "Count" })).collect();
        let mut line = json!({
            "_aws": {
                "Timestamp": now.as_millisecond(),
                "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": [["Stack"]], "Metrics": metrics }],
            },
            "Stack": self.stack,
        });
        for (name, figure) in figures {
            line[*name] = (*figure).into();
        }
        line.to_string()
    }

    fn line(&self, metric: &str, dimension: &str, value: &str, now: Timestamp) -> String {
        json!({
            "_aws": {
                "Timestamp": now.as_millisecond(),
                "CloudWatchMetrics": [{
                    "Namespace": NAMESPACE,
                    "Dimensions": [["Stack"], ["Stack", dimension]],
                    "Metrics": [{ "Name": metric, "Unit": "Count" }],
                }],
            },
            "Stack": self.stack,
            dimension: value,
            metric: 1,
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_in_the_embedded_metric_format() {
        let metrics = Metrics::for_stack("gumshoe".into());
        let line = metrics.line("FindingsIgnored", "Reason", "Archived", Timestamp::from_second(1).unwrap());
        assert!(!line.contains('\n'));
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(line["_aws"]["Timestamp"], 1000);
        for name in directive["Dimensions"].as_array().unwrap().iter().flat_map(|set| set.as_array().unwrap()) {
            assert!(line[name.as_str().unwrap()].is_string(), "{name} has a value");
        }
        assert_eq!(line[directive["Metrics"][0]["Name"].as_str().unwrap()], 1);
    }

    #[test]
    fn figures_are_in_the_same_format() {
        let line =
            Metrics::for_stack("gumshoe".into()).figures(&[("A", 1), ("B", 0)], Timestamp::from_second(1).unwrap());
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
        assert_eq!(
            (metrics.len(), &line["A"], &line["B"], &line["Stack"]),
            (2, &1.into(), &0.into(), &"gumshoe".into())
        );
    }
}
