//! The query of a control request: names and values, percent-decoded.

use axum::http::Uri;

use crate::state::Places;

/// The parameters that were given.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the parameters, of which only those named in `known` are allowed, each once.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(crate) fn read(uri: &Uri, known: &[&str]) -> Result<Self, String> {
        let mut query = Self::default();
        for pair in uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name), decode(value));
            let (Some(name), Some(value)) = (name, value) else {
                return Err(format!("the query's {pair:?} is not percent-encoded UTF-8"));
            };
            if !known.contains(&name.as_str()) {
                return Err(format!("the query's {name:?} is unknown here; known: {}", known.join(", ")));
            }
            if query.get(&name).is_some() {
                return Err(format!("the query gives {name:?} twice"));
            }
            query.0.push((name, value));
        }
        Ok(query)
    }

    /// The value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Whether a parameter was left out or has that value.
    pub(crate) fn fits(&self, name: &str, value: &str) -> bool {
        self.get(name).is_none_or(|wanted| wanted == value)
    }

    /// The parameters `account` and `region`.
    pub(crate) fn places(&self) -> Places {
        Places { account: self.get("account").map(String::from), region: self.get("region").map(String::from) }
    }
}

fn decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (hex(bytes.next()?)?, hex(bytes.next()?)?);
                high << 4 | low
            }
            other => other,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
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
        assert_eq!(query.places(), Places { account: Some("1".into()), region: None });
        assert!(read("").unwrap().fits("account", "any"));
    }

    #[test]
    fn wrong_parameters_are_refused() {
        for query in ["acount=1", "account=%", "account=%zz", "account=%ff", "account=1&account=2"] {
            assert!(read(query).is_err(), "{query}");
        }
    }
}
