//! AWS Systems Manager: the graph document in Parameter Store, and the lists in parameters below it.

use aws_sdk_ssm::Client;
use gumshoe_aws::ApiCallError;
use gumshoe_aws::pagination::{Page, PageLimit, collect_pages};
use gumshoe_domain::error::{ErrorName, Service};
use thiserror::Error;

/// MaxResults of GetParametersByPath is at most 10.
const PAGE_SIZE: i32 = 10;
/// The most pages that are read: 20 pages are 200 parameters of at most 8 KB, far more than 1,200 members need.
const MAX_PAGES: usize = 20;

/// Why the document could not be read.
#[derive(Debug, Error)]
pub enum ParameterError {
    /// There is no parameter of that name.
    #[error("there is no parameter {name}: write the document to it (example: infra/graph/graph.example.json)")]
    Missing {
        /// The parameter's name.
        name: String,
        /// Parameter Store's response.
        #[source]
        source: ApiCallError,
    },
    /// A failed call.
    #[error(transparent)]
    Call(#[from] ApiCallError),
}

impl ErrorName for ParameterError {
    fn error_name(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "GraphDocumentMissing",
            Self::Call(call) => call.fault.name(Service::Parameters),
        }
    }
}

/// The parameter with the document, and the parameters below it.
#[derive(Debug, Clone)]
pub struct DocumentParameter {
    client: Client,
    name: String,
}

impl DocumentParameter {
    /// The parameter of that name, such as `/gumshoe/graph`.
    #[must_use]
    pub fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// The parameter's value. Its type is String, not SecureString, because nothing in it is secret.
    ///
    /// # Errors
    ///
    /// [`ParameterError::Missing`], or a failed call.
    pub async fn value(&self) -> Result<String, ParameterError> {
        let answer = self.client.get_parameter().name(&self.name).send().await;
        let answer = answer.map_err(|error| match ApiCallError::new("GetParameter", error) {
            source if source.code.as_deref() == Some("ParameterNotFound") => {
                ParameterError::Missing { name: self.name.clone(), source }
            }
            other => other.into(),
        })?;
        let value = answer.parameter().and_then(|parameter| parameter.value()).map(str::to_owned);
        Ok(value.ok_or_else(|| ApiCallError::missing_field("GetParameter", "Value"))?)
    }

    /// The names and values of the parameters directly below `NAME/path`, sorted by name.
    ///
    /// # Errors
    ///
    /// A failed call, or more than 200 parameters.
    pub async fn children(&self, path: &str) -> Result<Vec<(String, String)>, ParameterError> {
        let path = &format!("{}/{path}", self.name);
        let bound =
            PageLimit { operation: "GetParametersByPath", max_pages: MAX_PAGES, exceeded: "more than 200 parameters" };
        let mut found = collect_pages(bound, |token| async move {
            let call = self.client.get_parameters_by_path().path(path).max_results(PAGE_SIZE).set_next_token(token);
            let page = call.send().await.map_err(|error| ApiCallError::new(bound.operation, error))?;
            let pairs = page.parameters().iter().filter_map(|it| Some((it.name()?.to_owned(), it.value()?.to_owned())));
            Ok::<_, ParameterError>(Page { items: pairs.collect(), next: page.next_token.clone() })
        })
        .await?;
        found.sort();
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ssm::operation::get_parameter::{GetParameterError, GetParameterOutput};
    use aws_sdk_ssm::operation::get_parameters_by_path::GetParametersByPathOutput;
    use aws_sdk_ssm::types;
    use aws_sdk_ssm::types::error::ParameterNotFound;
    use aws_smithy_mocks::{RuleMode, mock, mock_client};
    use aws_smithy_types::error::ErrorMetadata;

    fn parameter(name: &str) -> types::Parameter {
        types::Parameter::builder().name(name).value(format!("text of {name}")).build()
    }

    #[tokio::test]
    async fn missing_parameter_is_reported_with_the_remedy() {
        let missing = mock!(Client::get_parameter).then_error(|| {
            let meta = ErrorMetadata::builder().code("ParameterNotFound").build();
            GetParameterError::ParameterNotFound(ParameterNotFound::builder().meta(meta).build())
        });
        let client = mock_client!(aws_sdk_ssm, [&missing]);
        let error = DocumentParameter::new(client, "/gumshoe/graph".to_owned()).value().await.unwrap_err();
        assert_eq!(error.error_name(), "GraphDocumentMissing");
        assert!(error.to_string().starts_with("there is no parameter /gumshoe/graph"), "{error}");
        let there = mock!(Client::get_parameter)
            .then_output(|| GetParameterOutput::builder().parameter(parameter("a")).build());
        let client = mock_client!(aws_sdk_ssm, [&there]);
        assert_eq!(DocumentParameter::new(client, "a".to_owned()).value().await.unwrap(), "text of a");
    }

    #[tokio::test]
    async fn children_are_paginated_and_sorted() {
        let page = |name: &'static str, next: Option<&'static str>| {
            move || {
                let page = GetParametersByPathOutput::builder().parameters(parameter(name));
                page.set_next_token(next.map(str::to_owned)).build()
            }
        };
        let first = mock!(Client::get_parameters_by_path)
            .match_requests(|it| it.next_token().is_none() && it.path() == Some("/g/members"))
            .then_output(page("b", Some("more")));
        let second = mock!(Client::get_parameters_by_path)
            .match_requests(|it| it.next_token() == Some("more"))
            .then_output(page("a", None));
        let client = mock_client!(aws_sdk_ssm, RuleMode::MatchAny, [&first, &second]);
        let found = DocumentParameter::new(client, "/g".to_owned()).children("members").await.unwrap();
        assert_eq!(found.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn causes_are_not_repeated() {
        let source = ApiCallError::missing_field("GetParameter", "Value");
        testkit::assert_causes_not_repeated(&ParameterError::Missing { name: "/graph".to_owned(), source });
        testkit::assert_causes_not_repeated(&crate::DesiredState::from_json("{", &[]).unwrap_err());
    }
}
