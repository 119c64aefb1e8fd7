//! The case that an argument names.

use crate::context::Context;
use crate::error::CliError;
use aws_sdk_dynamodb::Client;
use gumshoe_aws::case_table::CaseTable;
use gumshoe_domain::CaseRecord;
use gumshoe_domain::text::one_line;

/// What the argument `CASE` names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum CaseArgument {
    /// The case with this id.
    Id(String),
    /// The latest case of this subject.
    LatestOf(String),
}

/// The table of the stack.
///
/// # Errors
///
/// As of [`Context::stack`].
pub(crate) async fn case_table(context: &Context) -> Result<CaseTable, CliError> {
    let name = context.stack().await?.output("CasesTableName")?;
    Ok(CaseTable::new(Client::new(context.config().await?), name.to_owned()))
}

/// The case that the argument `CASE` names.
///
/// # Errors
///
/// The text names no case, there is no such case, or a failed read.
pub(crate) async fn find(table: &CaseTable, text: &str) -> Result<CaseRecord, CliError> {
    let found = match parse(text)? {
        CaseArgument::Id(id) => match table.find_case(&id).await? {
            Some(key) => Some(table.case(&key).await?),
            None => None,
        },
        CaseArgument::LatestOf(subject) => table.latest_case(&subject).await?,
    };
    found.ok_or_else(|| {
        let named = one_line(text, 200);
        CliError::Failed(format!(
            "there is no case {named} in this stack; it may have expired, or belong to another stack (--stack, --region). \
             `gumshoe cases` lists the cases"
        ))
    })
}

fn parse(text: &str) -> Result<CaseArgument, CliError> {
    let text = text.trim();
    if is_case_id(text) {
        return Ok(CaseArgument::Id(text.to_owned()));
    }
    if let Some(subject) = subject_of_arn(text) {
        return Ok(CaseArgument::LatestOf(subject));
    }
    if text.starts_with("finding/") && text.split('/').count() == 4 {
        return Ok(CaseArgument::LatestOf(text.to_owned()));
    }
    Err(CliError::Usage(format!(
        "{} is no case: name the id of a case, such as 389aacdc853a-20260115T124100000Z-1, or the ARN of an IAM user or \
         role. `gumshoe cases` lists the ids",
        one_line(text, 200)
    )))
}

/// The form of [`gumshoe_domain::CaseKey::new`]: 12 hexadecimal digits, the time, and the number of the case.
fn is_case_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [digest, time, sequence] = parts.as_slice() else { return false };
    let is_number = !sequence.is_empty() && sequence.bytes().all(|byte| byte.is_ascii_digit());
    digest.len() == 12
        && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
        && time.len() == 19
        && time.ends_with('Z')
        && time.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && is_number
}

/// The subject of a user or role: its ARN without the path. The ARN of a session names its role.
fn subject_of_arn(arn: &str) -> Option<String> {
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", partition, service, "", account_id, resource] = parts.as_slice() else { return None };
    let (kind, rest) = resource.split_once('/')?;
    let (kind, name) = match (*service, kind) {
        ("iam", "user" | "role") => (kind, rest.rsplit('/').next()?),
        ("sts", "assumed-role") => ("role", rest.split('/').next()?),
        _ => return None,
    };
    (!name.is_empty()).then(|| format!("arn:{partition}:iam::{account_id}:{kind}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gumshoe_domain::CaseKey;
    use gumshoe_domain::case::CaseNumber;

    #[test]
    fn ids_of_cases_are_recognized() {
        let opened_at = "2026-01-15T12:41:00.123Z".parse().unwrap();
        for sequence in [1, u32::MAX] {
            let id = CaseKey::new("subject", CaseNumber { sequence, opened_at }).case_id;
            assert_eq!(parse(&format!(" {id}\n")).unwrap(), CaseArgument::Id(id));
        }
    }

    #[test]
    fn arns_name_the_subject_without_path_and_session() {
        for (arn, subject) in [
            ("arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:user/alice"),
            ("arn:aws:iam::111122223333:role/service/web", "arn:aws:iam::111122223333:role/web"),
            ("arn:aws-cn:sts::111122223333:assumed-role/web/i-0123", "arn:aws-cn:iam::111122223333:role/web"),
            ("finding/111122223333/eu-west-1/f-1", "finding/111122223333/eu-west-1/f-1"),
        ] {
            assert_eq!(parse(arn).unwrap(), CaseArgument::LatestOf(subject.to_owned()), "{arn}");
        }
    }

    #[test]
    fn other_text_is_an_error_that_names_the_forms() {
        for text in [
            "",
            "alice",
            "389aacdc853a",
            "389aacdc853a-20260115T124100000Z",
            "389aacdc853a-20260115T124100000Z-",
            "389aacdc853a-20260115T124100000Z-1-2",
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:s3:::bucket/role/name",
        ] {
            let error = parse(text).unwrap_err();
            assert!(matches!(&error, CliError::Usage(it) if it.contains("`gumshoe cases`")), "{text}: {error}");
        }
    }
}
