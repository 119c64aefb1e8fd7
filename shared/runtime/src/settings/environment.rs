//! The environment variables of a process.

type Lookup = dyn Fn(&str) -> Option<String>;

/// Environment variables: those of the process, or those of a test.
pub struct Environment {
    lookup: Box<Lookup>,
}

impl Environment {
    /// The environment variables of the process.
    #[must_use]
    pub fn from_process() -> Self {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// These variables only.
    #[must_use]
    pub fn from_variables(variables: &[(&str, &str)]) -> Self {
        let variables: Vec<(String, String)> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::from_lookup(move |name| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()))
    }

    /// The variables that `lookup` returns.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String> + 'static) -> Self {
        Self { lookup: Box::new(lookup) }
    }

    /// The variable's value without surrounding white space; `None` if it is not set, or empty.
    pub(super) fn get(&self, variable: &str) -> Option<String> {
        (self.lookup)(variable).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }
}
