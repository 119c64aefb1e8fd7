//! The file of prices and assumptions.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::usage::{Item, Usage};
use crate::Error;

/// `prices.json`.
#[derive(Debug, Deserialize)]
pub(super) struct Prices {
    pub(super) region: String,
    pub(super) as_of: String,
    prices: BTreeMap<Item, Price>,
    pub(super) assumptions: Assumptions,
}

#[derive(Debug, Deserialize)]
struct Price {
    usd: f64,
    per: f64,
}

/// What cannot be measured on one machine.
#[derive(Debug, Deserialize)]
pub(super) struct Assumptions {
    /// The duration of a call, by the service's name in signatures.
    milliseconds: BTreeMap<String, f64>,
    pub(super) handler_milliseconds: f64,
    pub(super) init_milliseconds: f64,
    pub(super) sqs_requests_per_message: f64,
    pub(super) email_subscribers: f64,
    pub(super) bytes_per_history_event: f64,
}

impl Prices {
    pub(super) fn read(file: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(file).map_err(Error::io(format!("could not read {}", file.display())))?;
        Ok(serde_json::from_str(&text)?)
    }

    /// The cost of a usage in USD. It is an error if a used item has no price.
    pub(super) fn cost(&self, usage: &Usage) -> Result<f64, Error> {
        let costs = usage.iter().filter(|(item, _)| *item != Item::LambdaMilliseconds).map(|(item, used)| {
            let price = self.prices.get(&item);
            let price =
                price.ok_or_else(|| Error::Unexpected(format!("prices.json: prices has no entry for {item:?}")))?;
            Ok(used * price.usd / price.per)
        });
        costs.sum()
    }

    /// The duration of a call of that service.
    pub(super) fn milliseconds(&self, service: &str) -> Result<f64, Error> {
        let known = self.assumptions.milliseconds.get(service).copied();
        known.ok_or_else(|| {
            Error::Unexpected(format!("prices.json: assumptions.milliseconds has no entry for {service}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn prices() -> Prices {
        Prices::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("prices.json")).unwrap()
    }

    #[test]
    fn the_cost_is_the_usage_times_the_prices() {
        let usage = Usage::of([
            (Item::StateTransitions, 40.0),
            (Item::LambdaRequests, 10.0),
            (Item::SnsEmails, 1.0),
            (Item::LambdaMilliseconds, 500.0),
        ]);
        let cost = prices().cost(&usage).unwrap();
        assert!((cost - (0.001 + 0.000_002 + 0.000_02)).abs() < 1e-12, "{cost}");
    }

    #[test]
    fn exactly_the_items_of_usage_have_a_price() {
        let Prices { prices, .. } = prices();
        let priced: Vec<Item> = prices.into_keys().collect();
        let all: Vec<Item> = Item::ALL.into_iter().filter(|item| *item != Item::LambdaMilliseconds).collect();
        assert_eq!(priced, all);
    }
}
