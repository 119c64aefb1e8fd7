//! The texts that no log may contain: secrets, tokens, signatures, findings with the texts of attackers in them, and alerts.

use crate::runner::EXTERNAL_ID;
use crate::scene::BoxError;
use aho_corasick::AhoCorasick;
use local_cloud::{LocalCloud, RELAY_KEY, detail_of};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A marker that tests put into each text of a finding that an attacker may choose.
pub(crate) const CANARY: &str = "canary-in-a-finding";

/// The shortest text of a finding that is searched for. Shorter ones can be in logs by chance.
const MIN_TEXT_BYTES: usize = 12;

/// A text that no log may contain, with its description.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Forbidden {
    pub(crate) what: String,
    pub(crate) text: String,
}

fn forbidden(what: impl Into<String>, text: impl Into<String>) -> Forbidden {
    Forbidden { what: what.into(), text: text.into() }
}

/// The lines that contain a forbidden text, each cut and with the description of that text.
pub(crate) fn leaks<'a>(lines: impl Iterator<Item = &'a String>, all: &[Forbidden]) -> Vec<String> {
    let searcher = AhoCorasick::new(all.iter().map(|it| normalized(&it.text))).expect("the texts are few and short");
    let found = lines.filter_map(|line| {
        let it = &all[searcher.find(&normalized(line))?.pattern().as_usize()];
        Some(format!("{} in {}", it.what, line.chars().take(600).collect::<String>()))
    });
    found.collect()
}

/// A text in a form that is the same for every way to log it: nested JSON adds backslashes, and headers can have any case.
fn normalized(text: &str) -> String {
    text.chars().filter(|it| *it != '\\').collect::<String>().to_lowercase()
}

/// The texts that are forbidden in every run: signatures, and the member names and struct names that reveal a whole finding or alert,
/// in both spellings of GuardDuty and in Rust's debug output.
fn forbidden_in_every_run() -> Vec<Forbidden> {
    let mut all = vec![
        forbidden("a signature", "AWS4-HMAC-SHA256"),
        forbidden("a signature", "X-Amz-Signature"),
        forbidden("a session token", "X-Amz-Security-Token"),
        forbidden("an Authorization header", "authorization\":"),
        forbidden("an Authorization header", "authorization: "),
        forbidden("a signature of the webhook", "x-gumshoe-signature"),
        forbidden("credentials", "aws_secret_access_key"),
        forbidden("credentials", "secretaccesskey"),
        forbidden("a text of a finding", CANARY),
        forbidden("a finding", "Finding { "),
        forbidden("an alert", "Alert { "),
    ];
    let names = ["schemaVersion", "accessKeyDetails", "eventFirstSeen", "remoteIpDetails", "detail-type"];
    all.extend(names.map(|name| forbidden("a finding", format!("\"{name}\":"))));
    all
}

/// The texts that are forbidden in this run: those of every run, and this run's secrets, e-mails and findings.
pub(crate) async fn forbidden_in_this_run(cloud: &LocalCloud) -> Result<Vec<Forbidden>, BoxError> {
    let mut all = forbidden_in_every_run();
    for (function, _) in cloud.functions().await? {
        let session = cloud.session_of(&function).ok_or_else(|| format!("{function} has no session"))?;
        all.push(forbidden(format!("the secret key of {function}"), session.secret_access_key));
        all.push(forbidden(format!("the session token of {function}"), session.session_token));
    }
    let slack = cloud.receivers().slack_url();
    let (_, path) = slack.split_once("/services/").ok_or("Slack's URL has no secret path")?;
    all.push(forbidden("Slack's secret path", path));
    all.push(forbidden("PagerDuty's routing key, or the webhook's key", RELAY_KEY));
    all.push(forbidden("the external id", EXTERNAL_ID));
    let emails = cloud.inbox().received().into_iter().filter(|it| it.protocol == "email");
    let lines: BTreeSet<String> =
        emails.flat_map(|it| it.body.lines().map(str::trim).map(str::to_owned).collect::<Vec<_>>()).collect();
    let sentences = lines.into_iter().filter(|line| line.split(' ').count() > 6 && line.len() > 40);
    all.extend(sentences.map(|line| forbidden("a line of an e-mail", line)));
    for detail in fixtures(cloud)? {
        all.extend(attacker_texts(&detail).into_iter().map(|text| forbidden(format!("a finding's {text:?}"), text)));
    }
    Ok(all.into_iter().collect::<BTreeSet<_>>().into_iter().collect())
}

/// The findings of tests/fixtures.
pub(crate) fn fixtures(cloud: &LocalCloud) -> Result<Vec<Value>, BoxError> {
    let folder = std::fs::read_dir(cloud.tools().root().join("tests/fixtures/findings"))?;
    let mut all = Vec::new();
    for file in folder {
        let document: Value = serde_json::from_str(&std::fs::read_to_string(file?.path())?)?;
        all.push(detail_of(&document).clone());
    }
    Ok(all)
}

/// The members of findings, in lower case, whose texts attackers can choose or that are sentences for people.
const ATTACKER_MEMBERS: [&str; 18] = [
    "title",
    "description",
    "useragent",
    "principalid",
    "sessionname",
    "value",
    "key",
    "objectkey",
    "domain",
    "executablepath",
    "commandlineexample",
    "scriptpath",
    "requesturi",
    "image",
    "imageuri",
    "asnorg",
    "org",
    "isp",
];

/// The texts in such members of a finding, if they have at least [`MIN_TEXT_BYTES`].
fn attacker_texts(finding: &Value) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    collect(finding, false, &mut texts);
    texts
}

fn collect(value: &Value, is_attacker_member: bool, texts: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                collect(value, ATTACKER_MEMBERS.contains(&name.to_lowercase().as_str()), texts);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, is_attacker_member, texts)),
        // Account IDs are not secret.
        Value::String(text)
            if is_attacker_member && text.len() >= MIN_TEXT_BYTES && !text.bytes().all(|it| it.is_ascii_digit()) =>
        {
            texts.insert(text.clone());
        }
        _ => {}
    }
}

/// The finding with the canary in every text that an attacker may choose.
pub(crate) fn with_canaries(mut finding: Value) -> Value {
    finding["title"] = json!(format!("{CANARY} {CANARY}"));
    finding["description"] = json!(CANARY);
    let resource = &mut finding["resource"];
    resource["accessKeyDetails"]["principalId"] = json!(format!("AROAEXAMPLE000000001:{CANARY}"));
    resource["instanceDetails"] = json!({"tags": [{"key": CANARY, "value": CANARY}], "imageDescription": CANARY});
    resource["s3BucketDetails"] = json!([{"name": CANARY, "tags": [{"key": CANARY, "value": CANARY}],
        "s3ObjectDetails": [{"key": CANARY, "objectArn": format!("arn:aws:s3:::{CANARY}/{CANARY}")}]}]);
    let remote = json!({"ipAddressV4": "198.51.100.23", "organization": {"asnOrg": CANARY, "org": CANARY, "isp": CANARY},
        "city": {"cityName": CANARY}, "country": {"countryName": CANARY}});
    finding["service"]["userAgent"] = json!(CANARY);
    finding["service"]["additionalInfo"] = json!({"value": CANARY, "sample": false});
    finding["service"]["action"] = json!({"actionType": "AWS_API_CALL", "awsApiCallAction": {"api": CANARY,
        "serviceName": CANARY, "userAgent": CANARY, "errorCode": CANARY, "domainDetails": {"domain": CANARY},
        "remoteIpDetails": remote}});
    finding
}
