//! AWS Organizations: account names.

use crate::error::ApiCallError;
use aws_sdk_organizations::Client;
use gumshoe_domain::error::{Fault, with_causes};
use gumshoe_domain::text::one_line;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

/// The number of accounts of one case whose names are requested: DescribeAccount is throttled for the whole organization.
const MAX_LOOKUPS_PER_CASE: usize = 5;

/// The names of the organization's accounts. The management account and delegated administrators may read them. Names are cached for the
/// life of the function; after a denied call no further call is made.
#[derive(Debug)]
pub struct AccountNames {
    client: Client,
    cache: Mutex<NameCache>,
}

#[derive(Debug, Default)]
struct NameCache {
    names: HashMap<String, Option<String>>,
    is_denied: bool,
}

impl AccountNames {
    /// An adapter around that client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, cache: Mutex::default() }
    }

    /// The names of these accounts; accounts without a known name are missing. The account's owner chose the name: it is cut to one line of
    /// 128 characters and has still to be escaped. It never fails: without a name, alerts show the account's id.
    pub async fn resolve(&self, ids: impl IntoIterator<Item = &str>) -> BTreeMap<String, String> {
        let mut names = BTreeMap::new();
        let mut calls = 0;
        let mut is_reachable = true;
        for id in ids {
            let cached = {
                let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
                if cache.is_denied { Some(None) } else { cache.names.get(id).cloned() }
            };
            let name = match cached {
                Some(name) => name,
                None if is_reachable && calls < MAX_LOOKUPS_PER_CASE => {
                    calls += 1;
                    self.describe_account(id).await.unwrap_or_else(|()| {
                        is_reachable = false; // do not wait for an unresponsive service again
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

    /// The account's name; `None` if there is none, or access is denied. `Err` if the failure is transient.
    async fn describe_account(&self, id: &str) -> Result<Option<String>, ()> {
        let answer = self.client.describe_account().account_id(id).send().await;
        let answer = answer.map_err(|error| ApiCallError::new("DescribeAccount", error));
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let name = match answer {
            Ok(answer) => answer.account().and_then(|account| account.name()).map(|name| one_line(name, 128)),
            Err(error) if matches!(error.fault, Fault::NotFound) => None,
            Err(error) if matches!(error.fault, Fault::AccessDenied | Fault::Rejected) => {
                tracing::warn!(account.id = id, error.message = %with_causes(&error),
                    "DescribeAccount was denied; alerts show account ids instead of names until the function restarts");
                cache.is_denied = true;
                return Ok(None);
            }
            Err(error) => {
                tracing::warn!(account.id = id, error.message = %with_causes(&error),
                    "could not look up the account's name; the alert shows its id, and the next case tries again");
                return Err(());
            }
        };
        cache.names.insert(id.to_owned(), name.clone());
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
    async fn a_name_is_requested_once() {
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
    async fn after_a_denied_call_no_further_call_is_made_and_an_unknown_account_has_no_name() {
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
    async fn an_unresponsive_service_is_called_once_for_each_case() {
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
