//! One environment variable, read as a type.

use super::environment::Environment;
use super::error::{ConfigurationError, Origin};
use std::error::Error;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// The result of reading a setting.
pub type SettingResult<T> = Result<T, ConfigurationError>;

/// An environment variable, with the source of its value.
pub struct Setting<'a> {
    environment: &'a Environment,
    variable: String,
    origin: Origin,
}

impl Environment {
    /// The variable that a parameter of the template sets. Its name follows from the parameter's: `DeadlineMinutes` sets `DEADLINE_MINUTES`.
    #[must_use]
    pub fn parameter(&self, parameter: &'static str) -> Setting<'_> {
        Setting { environment: self, variable: variable_name(parameter), origin: Origin::Parameter(parameter) }
    }

    /// A variable whose value is in the template itself.
    #[must_use]
    pub fn template(&self, variable: &str) -> Setting<'_> {
        Setting { environment: self, variable: variable.to_owned(), origin: Origin::Template }
    }
}

impl Setting<'_> {
    /// The text; `None` if it is empty.
    #[must_use]
    pub fn optional_text(&self) -> Option<String> {
        self.environment.get(&self.variable)
    }

    /// The text, which must not be empty.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError::Missing`].
    pub fn text(&self) -> SettingResult<String> {
        let missing = || ConfigurationError::Missing { variable: self.variable.clone(), origin: self.origin };
        self.optional_text().ok_or_else(missing)
    }

    /// A number in a range. `what` begins the error's description of valid values: `a number of hours`.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError`] if it is missing, not a number, or out of range.
    pub fn number<T>(&self, what: &str, range: RangeInclusive<T>) -> SettingResult<T>
    where
        T: FromStr + PartialOrd + Display,
    {
        let text = self.text()?;
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| self.malformed(text, format!("{what} from {} to {}", range.start(), range.end()), None))
    }

    /// One of these choices.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError`] if it is missing, or none of them.
    pub fn one_of<T: FromStr>(&self, choices: &[&str]) -> SettingResult<T> {
        let text = self.text()?;
        let choice = choices.iter().find(|choice| **choice == text).and_then(|choice| choice.parse().ok());
        choice.ok_or_else(|| self.malformed(text, join_choices(choices), None))
    }

    /// `true` or `false`.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError`] if it is missing, or neither of them.
    pub fn boolean(&self) -> SettingResult<bool> {
        self.one_of(&["true", "false"])
    }

    /// The text, parsed by `FromStr`; `None` if it is empty. `expected` is the error's description of valid values.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError::Malformed`], with the parser's error as source.
    pub fn optional_parsed<T>(&self, expected: &str) -> SettingResult<Option<T>>
    where
        T: FromStr,
        T::Err: Error + Send + Sync + 'static,
    {
        let Some(text) = self.optional_text() else { return Ok(None) };
        let parsed = text.parse().map(Some);
        parsed.map_err(|error| self.malformed(text, expected.to_owned(), Some(Box::new(error))))
    }

    /// The text, if `check` accepts it; `None` if it is empty. `expected` is the error's description of valid values.
    ///
    /// # Errors
    ///
    /// [`ConfigurationError::Malformed`] if `check` rejects it.
    pub fn optional_checked(&self, expected: &str, check: impl FnOnce(&str) -> bool) -> SettingResult<Option<String>> {
        match self.optional_text() {
            Some(text) if !check(&text) => Err(self.malformed(text, expected.to_owned(), None)),
            text => Ok(text),
        }
    }

    /// The error for an invalid text, which it contains, cut to 80 characters.
    fn malformed(
        &self,
        text: String,
        expected: String,
        source: Option<Box<dyn Error + Send + Sync>>,
    ) -> ConfigurationError {
        let (variable, value) = (self.variable.clone(), text.chars().take(80).collect());
        ConfigurationError::Malformed { variable, origin: self.origin, value, expected, source }
    }
}

/// The name of a parameter's variable: upper case, with an underscore before each capital letter but the first.
fn variable_name(parameter: &str) -> String {
    let mut variable = String::with_capacity(parameter.len() + 8);
    for letter in parameter.chars() {
        if letter.is_ascii_uppercase() && !variable.is_empty() {
            variable.push('_');
        }
        variable.push(letter.to_ascii_uppercase());
    }
    variable
}

/// Joins choices for a sentence: `Low, Medium or High`.
fn join_choices(choices: &[&str]) -> String {
    match choices {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        choices => choices.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gumshoe_domain::error::with_causes;

    fn hours(value: &str) -> SettingResult<f64> {
        let environment = Environment::from_variables(&[("SCOPE_HOURS", value)]);
        environment.parameter("ScopeHours").number("a number of hours", 3.0..=720.0)
    }

    #[test]
    fn an_error_names_the_variable_the_parameter_and_the_valid_values() {
        assert_eq!(hours(" 24 ").ok(), Some(24.0));
        let error = hours("721").unwrap_err().to_string();
        let (what, remedy) = error.split_once(": ").unwrap();
        assert_eq!(what, "environment variable SCOPE_HOURS is \"721\"");
        assert_eq!(remedy, "the stack's parameter ScopeHours must be a number of hours from 3 to 720");
        for wrong in ["2.9", "many", "NaN", "inf"] {
            assert!(hours(wrong).unwrap_err().to_string().contains(&format!("{wrong:?}")));
        }
        let expected = "environment variable SCOPE_HOURS is not set: the stack's parameter ScopeHours must be set";
        assert_eq!(hours("  ").unwrap_err().to_string(), expected);
        let nothing = Environment::from_variables(&[]);
        let expected =
            "environment variable MAX_RECEIVE_COUNT is not set: its value in the stack's template must be set";
        assert_eq!(nothing.template("MAX_RECEIVE_COUNT").text().unwrap_err().to_string(), expected);
    }

    #[test]
    fn a_choice_is_one_of_the_given_texts() {
        let level = |value| {
            let environment = Environment::from_variables(&[("LEVEL", value)]);
            environment.parameter("Level").one_of::<String>(&["Low", "Medium", "High"])
        };
        assert_eq!(level("Low").ok().as_deref(), Some("Low"));
        let error = level("low").unwrap_err().to_string();
        assert!(error.ends_with("parameter Level must be Low, Medium or High"), "{error}");
    }

    #[test]
    fn a_parsers_error_is_the_source_of_the_configuration_error() {
        let environment = Environment::from_variables(&[("NUMBER", "x"), ("EMPTY", "")]);
        let read = |parameter| environment.parameter(parameter).optional_parsed::<u8>("a number");
        assert_eq!(with_causes(&read("Number").unwrap_err()).matches("invalid digit").count(), 1);
        assert_eq!(read("Empty").ok(), Some(None));
    }

    #[test]
    fn a_variables_name_follows_from_the_parameters() {
        for (parameter, variable) in [
            ("Rehearsal", "REHEARSAL"),
            ("DeadlineMinutes", "DEADLINE_MINUTES"),
            ("GuardDutySlotsForCritical", "GUARD_DUTY_SLOTS_FOR_CRITICAL"),
        ] {
            assert_eq!(variable_name(parameter), variable);
        }
    }
}
