//! Configuration from the environment: read once, at start-up.

use std::error::Error;
use std::str::FromStr;
use thiserror::Error;

/// What is wrong with the configuration.
#[derive(Debug, Error)]
pub enum ConfigurationError {
    /// The variable is not set, or empty.
    #[error("environment variable {variable} is not set; infra/template.yaml sets it {from}")]
    Missing {
        /// The variable's name.
        variable: &'static str,
        /// Where its value comes from: the template's parameter, or `itself`.
        from: Source,
    },
    /// The variable's value is not what it has to be.
    #[error("environment variable {variable}, set {from}, is {value:?}: expected {expected}")]
    Malformed {
        /// The variable's name.
        variable: &'static str,
        /// Where its value comes from.
        from: Source,
        /// What it was, shortened.
        value: String,
        /// What it has to be.
        expected: &'static str,
        /// What the parser said, where it said anything.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
}

/// Where a variable's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A parameter of infra/template.yaml.
    Parameter(&'static str),
    /// A resource of infra/template.yaml.
    Template,
}

impl std::fmt::Display for Source {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Parameter(name) => write!(formatter, "from parameter {name}"),
            Self::Template => formatter.write_str("by itself"),
        }
    }
}

type Lookup = dyn Fn(&str) -> Option<String>;

/// The environment of the process, or that of a test.
pub struct Environment {
    lookup: Box<Lookup>,
}

impl Environment {
    /// The environment of the process.
    #[must_use]
    pub fn of_process() -> Self {
        Self { lookup: Box::new(|name| std::env::var(name).ok()) }
    }

    /// An environment that holds what is given.
    #[must_use]
    pub fn of(variables: &[(&str, &str)]) -> Self {
        let variables: Vec<(String, String)> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self {
            lookup: Box::new(move |name| {
                variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
            }),
        }
    }

    /// The variable's text.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError::Missing`] when it is not set or empty.
    pub fn text(&self, variable: &'static str, from: Source) -> Result<String, ConfigurationError> {
        self.optional(variable).ok_or(ConfigurationError::Missing { variable, from })
    }

    /// The variable's text, where it is set and not empty.
    #[must_use]
    pub fn optional(&self, variable: &'static str) -> Option<String> {
        (self.lookup)(variable).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// The variable's text, empty where it is not set. `_from` says where its value comes from, for whoever reads the
    /// code and for the contract tests.
    #[must_use]
    pub fn text_or_empty(&self, variable: &'static str, _from: Source) -> String {
        self.optional(variable).unwrap_or_default()
    }

    /// The variable, read as what `FromStr` makes of it and checked.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError`] when it is not set, cannot be read, or does not pass the check.
    pub fn parsed<T>(
        &self,
        variable: &'static str,
        from: Source,
        expected: &'static str,
        check: impl FnOnce(&T) -> bool,
    ) -> Result<T, ConfigurationError>
    where
        T: FromStr,
        T::Err: Error + Send + Sync + 'static,
    {
        let text = self.text(variable, from)?;
        let value = read(&text, variable, from, expected)?;
        if check(&value) { Ok(value) } else { Err(malformed(&text, variable, from, expected, None)) }
    }

    /// The variable, read as what `FromStr` makes of it; its default where it is not set or empty.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError::Malformed`] when it cannot be read.
    pub fn parsed_or_default<T>(
        &self,
        variable: &'static str,
        from: Source,
        expected: &'static str,
    ) -> Result<T, ConfigurationError>
    where
        T: FromStr + Default,
        T::Err: Error + Send + Sync + 'static,
    {
        self.parsed_or(T::default(), variable, from, expected)
    }

    /// The variable, read as what `FromStr` makes of it; that value where it is not set or empty.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError::Malformed`] when it cannot be read.
    pub fn parsed_or<T>(
        &self,
        otherwise: T,
        variable: &'static str,
        from: Source,
        expected: &'static str,
    ) -> Result<T, ConfigurationError>
    where
        T: FromStr,
        T::Err: Error + Send + Sync + 'static,
    {
        self.optional(variable).map_or(Ok(otherwise), |text| read(&text, variable, from, expected))
    }
}

fn read<T>(text: &str, variable: &'static str, from: Source, expected: &'static str) -> Result<T, ConfigurationError>
where
    T: FromStr,
    T::Err: Error + Send + Sync + 'static,
{
    text.parse().map_err(|error| malformed(text, variable, from, expected, Some(Box::new(error) as _)))
}

fn malformed(
    text: &str,
    variable: &'static str,
    from: Source,
    expected: &'static str,
    source: Option<Box<dyn Error + Send + Sync>>,
) -> ConfigurationError {
    ConfigurationError::Malformed { variable, from, value: text.chars().take(80).collect(), expected, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(environment: &Environment) -> Result<u32, ConfigurationError> {
        let from = Source::Parameter("ScopeHours");
        environment.parsed("SCOPE_HOURS", from, "hours from 3 to 720", |hours: &u32| (3..=720).contains(hours))
    }

    #[test]
    fn what_is_wrong_is_named_with_variable_and_parameter() {
        let error = |value| hours(&Environment::of(&[("SCOPE_HOURS", value)])).unwrap_err().to_string();
        let expected =
            "environment variable SCOPE_HOURS, set from parameter ScopeHours, is \"721\": expected hours from 3 to 720";
        assert_eq!(error("721"), expected);
        assert!(error("many").contains("\"many\""));
        assert!(error("  ").ends_with("from parameter ScopeHours"));
        assert!(matches!(hours(&Environment::of(&[])), Err(ConfigurationError::Missing { .. })));
        assert_eq!(hours(&Environment::of(&[("SCOPE_HOURS", "24")])).unwrap(), 24);
    }
}
