//! Parsing and validation of ARNs. Text that does not match the documented form is rejected.

use super::names::is_iam_name;

/// An ARN of any service: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
///
/// Source: IAM User Guide, "Identify AWS resources with Amazon Resource Names (ARNs)".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    pub(crate) partition: &'a str,
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account_id: &'a str,
    pub(crate) resource: &'a str,
}

impl<'a> Arn<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let ("arn", partition, service) = (parts.next()?, parts.next()?, parts.next()?) else { return None };
        let (region, account_id, resource) = (parts.next()?, parts.next()?, parts.next()?);
        let is_valid = is_partition(partition)
            && (region.is_empty() || is_region(region))
            && is_account_id(account_id)
            && (1..=1024).contains(&resource.len())
            && resource.bytes().all(|byte| byte.is_ascii_graphic());
        is_valid.then_some(Self { partition, service, region, account_id, resource })
    }
}

/// The kind of IAM resource that an ARN names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IamKind {
    User,
    Role,
    InstanceProfile,
}

impl IamKind {
    fn max_name_chars(self) -> usize {
        match self {
            Self::User | Self::Role => 64,
            Self::InstanceProfile => 128,
        }
    }
}

/// The ARN of an IAM user, role or instance profile: `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`.
///
/// Source: IAM User Guide, "IAM identifiers".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IamArn<'a> {
    pub(crate) text: &'a str,
    pub(crate) partition: &'a str,
    pub(crate) account_id: &'a str,
    pub(crate) kind: IamKind,
    /// The text between the kind and the name, without the slashes around it; empty if there is no path.
    pub(crate) path: &'a str,
    pub(crate) name: &'a str,
}

impl<'a> IamArn<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let arn = Arn::parse(text).filter(|arn| arn.service == "iam" && arn.region.is_empty())?;
        let (kind, rest) = arn.resource.split_once('/')?;
        let kind = match kind {
            "user" => IamKind::User,
            "role" => IamKind::Role,
            "instance-profile" => IamKind::InstanceProfile,
            _ => return None,
        };
        let (path, name) = rest.rsplit_once('/').unwrap_or(("", rest));
        // A path can contain adjacent slashes (IAM API reference, CreateRole, Path).
        let is_valid_path = path.len() <= 510 && !rest.starts_with('/');
        let is_valid = is_valid_path && is_iam_name(name, kind.max_name_chars());
        is_valid.then_some(Self { text, partition: arn.partition, account_id: arn.account_id, kind, path, name })
    }
}

/// The ARN of an STS session: `arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION`. It does not contain the role's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StsArn<'a> {
    AssumedRole { partition: &'a str, account_id: &'a str, role: &'a str, session: &'a str },
    FederatedUser { account_id: &'a str, name: &'a str },
}

impl<'a> StsArn<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let Arn { partition, account_id, resource, .. } =
            Arn::parse(text).filter(|arn| arn.service == "sts" && arn.region.is_empty())?;
        let (kind, rest) = resource.split_once('/')?;
        match kind {
            "assumed-role" => {
                let (role, session) = rest.split_once('/').unwrap_or((rest, ""));
                Some(Self::AssumedRole { partition, account_id, role, session })
            }
            "federated-user" => Some(Self::FederatedUser { account_id, name: rest }),
            _ => None,
        }
    }
}

/// Whether the text is an account id: 12 digits.
#[must_use]
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the text has the form of a Region name, such as `us-east-1`. There is no list, because AWS adds Regions.
pub(crate) fn is_region(text: &str) -> bool {
    (5..=25).contains(&text.len())
        && text.contains('-')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Whether the text has the form of a partition name, such as `aws-cn`.
pub(crate) fn is_partition(text: &str) -> bool {
    text == "aws"
        || text.strip_prefix("aws-").is_some_and(|rest| {
            (1..=20).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_iam_arn_is_parsed() {
        let arn = IamArn::parse("arn:aws-cn:iam::123456789012:role/aws-service-role/x.amazonaws.com/Name").unwrap();
        assert_eq!((arn.partition, arn.account_id, arn.kind), ("aws-cn", "123456789012", IamKind::Role));
        assert_eq!((arn.path, arn.name), ("aws-service-role/x.amazonaws.com", "Name"));
        assert_eq!(IamArn::parse("arn:aws:iam::123456789012:user/alice").unwrap().path, "");
    }

    #[test]
    fn other_text_is_not_an_iam_arn() {
        for text in [
            "",
            "role/a",
            "arn:aws:iam::.../mock-profile",
            "arn:aws:iam::1234567890123:role/a",
            "arn:aws:iam::12345678901x:role/a",
            "arn:aws:iam:us-east-1:123456789012:role/a",
            "arn:azure:iam::123456789012:role/a",
            "arn:aws:sts::123456789012:assumed-role/a/b",
            "arn:aws:iam::123456789012:root",
            "arn:aws:iam::123456789012:group/a",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:role/a b",
            "arn:aws:iam::123456789012:role/p\u{202e}/a",
            "arn:aws:iam::123456789012:example/instance/profile",
        ] {
            assert_eq!(IamArn::parse(text), None, "{text}");
        }
        let name = "n".repeat(65);
        assert_eq!(IamArn::parse(&format!("arn:aws:iam::123456789012:role/{name}")), None);
        assert!(IamArn::parse(&format!("arn:aws:iam::123456789012:instance-profile/{name}")).is_some());
    }

    #[test]
    fn a_session_arn_contains_its_role() {
        let arn = StsArn::parse("arn:aws:sts::123456789012:assumed-role/EKSAdmin/alice@example.com");
        let Some(StsArn::AssumedRole { role, session, .. }) = arn else { panic!("{arn:?}") };
        assert_eq!((role, session), ("EKSAdmin", "alice@example.com"));
        assert_eq!(StsArn::parse("arn:aws:sts::123456789012:something/new"), None);
    }

    #[test]
    fn an_account_id_has_twelve_ascii_digits() {
        assert!(is_account_id("111122223333"));
        for wrong in ["", "11112222333", "1111222233334", "11112222333a", "١١١١٢٢٢٢٣٣٣٣"] {
            assert!(!is_account_id(wrong), "{wrong}");
        }
    }
}
