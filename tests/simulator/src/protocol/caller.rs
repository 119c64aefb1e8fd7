//! The caller's account and Region, from the credential scope of a request's signature (AWS Signature Version 4).

use crate::account_region::{is_account, is_region};
use axum::http::{HeaderMap, header};

use crate::world::AccountRegion;

/// The account of a caller whose access key id is not an account's id.
pub(crate) const DEFAULT_ACCOUNT: &str = "000000000000";

/// The Region of a request that is not signed.
pub(crate) const DEFAULT_REGION: &str = "us-east-1";

/// The account and Region of a request.
///
/// The account is the access key id when that has 12 digits. Signatures are not checked, and a request without one is
/// let in, so that curl can be used; AWS would refuse both.
pub(crate) fn place(headers: &HeaderMap) -> AccountRegion {
    let scope = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(scope);
    let (account, region) = scope.unwrap_or((DEFAULT_ACCOUNT, DEFAULT_REGION));
    AccountRegion {
        account: if is_account(account) { account } else { DEFAULT_ACCOUNT }.into(),
        region: if is_region(region) { region } else { DEFAULT_REGION }.into(),
    }
}

/// Access key id and Region of `AWS4-HMAC-SHA256 Credential=ID/DATE/REGION/SERVICE/aws4_request, …`.
fn scope(authorization: &str) -> Option<(&str, &str)> {
    let (_, credential) = authorization.split_once("Credential=")?;
    let credential = credential.split([',', ' ']).next()?;
    let mut parts = credential.split('/');
    let key = parts.next()?;
    let _date = parts.next()?;
    Some((key, parts.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(authorization: &str) -> (String, String) {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
        let place = place(&headers);
        (place.account, place.region)
    }

    fn pair(account: &str, region: &str) -> (String, String) {
        (account.into(), region.into())
    }

    #[test]
    fn the_scope_names_account_and_region() {
        let scope = "Credential=111122223333/20261120/eu-west-1/detective/aws4_request";
        assert_eq!(
            of(&format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=00")),
            pair("111122223333", "eu-west-1")
        );
        assert_eq!(of(&scope.replace("111122223333", "AKIAEXAMPLE")), pair(DEFAULT_ACCOUNT, "eu-west-1"));
    }

    #[test]
    fn other_authorization_is_the_default() {
        for authorization in ["", "Bearer x", "Credential=", "Credential=1/2", "Credential=a/b/c\td/e"] {
            assert_eq!(of(authorization), pair(DEFAULT_ACCOUNT, DEFAULT_REGION), "{authorization}");
        }
        assert_eq!(place(&HeaderMap::new()).account, DEFAULT_ACCOUNT);
    }
}
