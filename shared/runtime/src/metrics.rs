//! CloudWatch metrics: lines in the embedded metric format in the function's log. CloudWatch Logs extracts the metrics; the function needs
//! no API call and no permission for them.
//!
//! Source: CloudWatch User Guide, "Embedded metric format specification".

use jiff::Timestamp;
use serde_json::json;
use std::io::Write;

/// The namespace of all metrics.
const NAMESPACE: &str = "Gumshoe";

/// Writes metrics to the log.
#[derive(Debug, Clone)]
pub struct Metrics {
    stack: String,
}

impl Metrics {
    /// Metrics with the dimension `Stack`, which separates several stacks in an account.
    #[must_use]
    pub fn for_stack(stack: String) -> Self {
        Self { stack }
    }

    /// Adds one to `metric`, with the dimension `Stack`, which alarms use, and with `Stack` and `dimension`.
    ///
    /// `value` is one of a few fixed words, never text of a finding: CloudWatch bills each combination as a metric.
    pub fn count(&self, metric: &'static str, dimension: &'static str, value: &'static str, now: Timestamp) {
        // Standard output of a Lambda function is its log. If it is closed, the metric is lost.
        let _ = writeln!(std::io::stdout().lock(), "{}", self.count_line(metric, dimension, value, now));
    }

    /// Sets metrics to their current values, with the dimension `Stack`.
    pub fn record_gauges(&self, gauges: &[(&'static str, usize)], now: Timestamp) {
        let _ = writeln!(std::io::stdout().lock(), "{}", self.gauge_line(gauges, now));
    }

    fn gauge_line(&self, gauges: &[(&'static str, usize)], now: Timestamp) -> String {
        let metrics: Vec<_> = gauges.iter().map(|(name, _)| json!({ "Name": name, "Unit": "Count" })).collect();
        let mut line = json!({
            "_aws": {
                "Timestamp": now.as_millisecond(),
                "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": [["Stack"]], "Metrics": metrics }],
            },
            "Stack": self.stack,
        });
        for (name, value) in gauges {
            line[*name] = (*value).into();
        }
        line.to_string()
    }

    fn count_line(&self, metric: &str, dimension: &str, value: &str, now: Timestamp) -> String {
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
    fn a_count_is_in_the_embedded_metric_format() {
        let metrics = Metrics::for_stack("gumshoe".into());
        let line = metrics.count_line("FindingsIgnored", "Reason", "Archived", Timestamp::from_second(1).unwrap());
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
    fn gauges_are_in_the_embedded_metric_format() {
        let line =
            Metrics::for_stack("gumshoe".into()).gauge_line(&[("A", 1), ("B", 0)], Timestamp::from_second(1).unwrap());
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
        assert_eq!(
            (metrics.len(), &line["A"], &line["B"], &line["Stack"]),
            (2, &1.into(), &0.into(), &"gumshoe".into())
        );
    }
}
