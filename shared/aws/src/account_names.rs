//! AWS Organizations: the names of accounts.

use crate::error::ApiCallError;
use aws_sdk_organizations::Client;
use gumshoe_domain::error::{Fault, with_causes};
use gumshoe_domain::text::one_line;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

/// For how many accounts of a case a name is asked for at most: DescribeAccount is throttled for the whole organization.
const ASKED: usize = 5;

/// The names of the organization's accounts, as far as this account may ask: the management account and delegated
/// administrators may. What was answered is remembered for the life of the function; where it was denied, nobody asks
/// again.
#[derive(Debug)]
pub struct AccountNames {
    client: Client,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    names: HashMap<String, Option<String>>,
    denied: bool,
}

impl AccountNames {
    /// An adapter around that client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, known: Mutex::default() }
    }

    /// The names of these accounts, of those that are known. Whoever owns an account chose its name: one line,
    /// still to be escaped. It never fails: without a name, an account's id has to do.
    pub async fn resolve(&self, ids: impl IntoIterator<Item = &str>) -> BTreeMap<String, String> {
        let mut names = BTreeMap::new();
        let mut asked = 0;
        let mut answers = true;
        for id in ids {
            let remembered = {
                let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                if known.denied { Some(None) } else { known.names.get(id).cloned() }
            };
            let name = match remembered {
                Some(name) => name,
                None if answers && asked < ASKED => {
                    asked += 1;
                    self.ask(id).await.unwrap_or_else(|()| {
                        answers = false; // a service that does not answer is not waited for again
                        None
                    })
                }
                None => None,
            };
            if let Some(name) = name {
                names.insert(id.to_owned(), name);
            }
        }
        names
    }

    /// The account's name, or that there is none; an error where that cannot be told for now.
    async fn ask(&self, id: &str) -> Result<Option<String>, ()> {
        let answer = self.client.describe_account().account_id(id).send().await;
        let answer = answer.map_err(|error| ApiCallError::new("DescribeAccount", error));
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let name = match answer {
            Ok(answer) => answer.account().and_then(|account| account.name()).map(|name| one_line(name, 128)),
            Err(error) if matches!(error.fault, Fault::NotFound) => None,
            Err(error) if matches!(error.fault, Fault::AccessDenied | Fault::Rejected) => {
                tracing::info!(error.message = %with_causes(&error), "accounts go by their ids: Organizations cannot be read");
                known.denied = true;
                return Ok(None);
            }
            Err(error) => {
                tracing::warn!(error.message = %with_causes(&error), "an account goes by its id for now");
                return Err(());
            }
        };
        known.names.insert(id.to_owned(), name.clone());
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_organizations::operation::describe_account::{DescribeAccountError, DescribeAccountOutput};
    use aws_sdk_organizations::types::Account;
    use aws_sdk_organizations::types::error::{AccessDeniedException, AccountNotFoundException, ServiceException};
    use aws_smithy_mocks::{RuleMode, mock, mock_client};
    use aws_smithy_types::error::ErrorMetadata;

    fn meta(code: &str) -> ErrorMetadata {
        ErrorMetadata::builder().code(code).build()
    }

    #[tokio::test]
    async fn a_name_is_asked_for_once() {
        let named = mock!(Client::describe_account).then_output(|| {
            DescribeAccountOutput::builder().account(Account::builder().name("Shop production").build()).build()
        });
        let account_names = AccountNames::new(mock_client!(aws_sdk_organizations, RuleMode::MatchAny, [&named]));
        for _ in 0..3 {
            let names = account_names.resolve(["123456789012"]).await;
            assert_eq!(names.get("123456789012").map(String::as_str), Some("Shop production"));
        }
        assert_eq!(named.num_calls(), 1);
    }

    #[tokio::test]
    async fn where_it_is_denied_nobody_asks_again_and_what_is_unknown_has_no_name() {
        let denied = mock!(Client::describe_account).then_error(|| {
            let error = AccessDeniedException::builder().meta(meta("AccessDeniedException")).build();
            DescribeAccountError::AccessDeniedException(error)
        });
        let account_names = AccountNames::new(mock_client!(aws_sdk_organizations, RuleMode::MatchAny, [&denied]));
        for _ in 0..3 {
            assert!(account_names.resolve(["123456789012", "210987654321"]).await.is_empty());
        }
        assert_eq!(denied.num_calls(), 1);

        let unknown = mock!(Client::describe_account).then_error(|| {
            let error = AccountNotFoundException::builder().meta(meta("AccountNotFoundException")).build();
            DescribeAccountError::AccountNotFoundException(error)
        });
        let account_names = AccountNames::new(mock_client!(aws_sdk_organizations, RuleMode::MatchAny, [&unknown]));
        assert!(account_names.resolve(["123456789012", "210987654321"]).await.is_empty());
        assert!(account_names.resolve(["123456789012"]).await.is_empty());
        assert_eq!(unknown.num_calls(), 2);
    }

    #[tokio::test]
    async fn one_that_does_not_answer_is_asked_again_but_not_in_the_same_case() {
        let failing = mock!(Client::describe_account).then_error(|| {
            DescribeAccountError::ServiceException(ServiceException::builder().meta(meta("ServiceException")).build())
        });
        let account_names = AccountNames::new(mock_client!(aws_sdk_organizations, RuleMode::MatchAny, [&failing]));
        assert!(account_names.resolve(["123456789012", "210987654321"]).await.is_empty());
        assert_eq!(failing.num_calls(), 1);
        assert!(account_names.resolve(["123456789012"]).await.is_empty());
        assert_eq!(failing.num_calls(), 2);
    }
}
