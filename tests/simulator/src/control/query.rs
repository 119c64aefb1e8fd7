//! The query of a control request: names and values, percent-decoded.

use axum::http::Uri;

use crate::world::AccountRegionFilter;

/// The parameters that were given.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the parameters, of which only those named in `known` are allowed, each once.
    ///
    /// # Errors
    /// The problem with them.
    pub(crate) fn read(uri: &Uri, known: &[&str]) -> Result<Self, String> {
        let mut query = Self::default();
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            if !known.contains(&name.as_ref()) {
                return Err(format!("the query's {name:?} is unknown here; known: {}", known.join(", ")));
            }
            if query.get(&name).is_some() {
                return Err(format!("the query gives {name:?} twice"));
            }
            query.0.push((name.into_owned(), value.into_owned()));
        }
        Ok(query)
    }

    /// The value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Whether a parameter was left out or has that value.
    pub(crate) fn matches(&self, name: &str, value: &str) -> bool {
        self.get(name).is_none_or(|wanted| wanted == value)
    }

    /// The parameters `account` and `region`.
    pub(crate) fn places(&self) -> AccountRegionFilter {
        AccountRegionFilter {
            account: self.get("account").map(String::from),
            region: self.get("region").map(String::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Query, String> {
        Query::read(&format!("/x?{query}").parse().unwrap(), &["account", "entity_arn"])
    }

    #[test]
    fn parameters_are_decoded() {
        let query = read("entity_arn=arn%3aaws%3Aiam::1:role/a+b&account=1").unwrap();
        assert_eq!(query.get("entity_arn"), Some("arn:aws:iam::1:role/a b"));
        assert_eq!(query.places(), AccountRegionFilter { account: Some("1".into()), region: None });
        assert!(read("").unwrap().matches("account", "any"));
    }

    #[test]
    fn invalid_parameters_are_rejected() {
        for query in ["acount=1", "=", "account=1&account=2"] {
            assert!(read(query).is_err(), "{query}");
        }
    }
}
