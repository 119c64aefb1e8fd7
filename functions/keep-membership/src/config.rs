//! What keep-membership is deployed with.

use gumshoe_bootstrap::environment::Source;
use gumshoe_bootstrap::{ConfigurationError, Environment};
use gumshoe_domain::graph::is_account_id;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::str::FromStr;

pub(crate) struct Config {
    /// The accounts whose invitations are accepted.
    pub(crate) administrators: BTreeSet<String>,
    /// Whether those of others are rejected.
    pub(crate) reject_others: bool,
}

impl Config {
    pub(crate) fn from(environment: &Environment) -> Result<Self, ConfigurationError> {
        let Accounts(administrators) = environment.parsed(
            "ADMINISTRATORS",
            Source::Parameter("Administrators"),
            "account ids of 12 digits with commas between them",
            |Accounts(ids)| ids.iter().all(|id| is_account_id(id)),
        )?;
        let reject_others =
            environment.parsed("REJECT_OTHERS", Source::Parameter("RejectOthers"), "true or false", |_| true)?;
        Ok(Self { administrators, reject_others })
    }
}

/// What stands between commas.
struct Accounts(BTreeSet<String>);

impl FromStr for Accounts {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.split(',').map(|id| id.trim().to_owned()).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(administrators: &str, reject_others: &str) -> Result<Config, ConfigurationError> {
        let variables = [("ADMINISTRATORS", administrators), ("REJECT_OTHERS", reject_others)];
        Config::from(&Environment::of(&variables))
    }

    #[test]
    fn accounts_are_read_one_by_one() {
        let config = config("111122223333, 444455556666,111122223333", "true").unwrap();
        assert_eq!(config.administrators.into_iter().collect::<Vec<_>>(), ["111122223333", "444455556666"]);
        assert!(config.reject_others);
    }

    #[test]
    fn each_wrong_value_is_named_with_its_parameter() {
        for wrong in ["", ",", "111122223333,", "11112222333", "111122223333;444455556666", "*"] {
            let error = config(wrong, "false").err().unwrap().to_string();
            assert!(error.contains("ADMINISTRATORS") && error.contains("Administrators"), "{error}");
        }
        for wrong in ["", "yes", "True"] {
            let error = config("111122223333", wrong).err().unwrap().to_string();
            assert!(error.contains("REJECT_OTHERS") && error.contains("RejectOthers"), "{error}");
        }
    }
}
