//! What no log may hold: secrets, tokens, signatures, findings and what attackers have written into them, alerts.

use crate::runner::EXTERNAL_ID;
use aho_corasick::AhoCorasick;
use local_cloud::{LocalCloud, RELAY_KEY, detail_of};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::error::Error;

type BoxError = Box<dyn Error + Send + Sync>;

/// Stands in each text that an attacker may choose.
pub(crate) const CANARY: &str = "canary-in-a-finding";

/// The shortest text that is looked for: shorter ones are in logs by chance.
const SHORTEST: usize = 12;

/// Something that no log may hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Forbidden {
    pub(crate) what: String,
    pub(crate) text: String,
}

fn forbidden(what: impl Into<String>, text: impl Into<String>) -> Forbidden {
    Forbidden { what: what.into(), text: text.into() }
}

/// The lines that hold something forbidden, each with what that is.
pub(crate) fn leaks<'a>(lines: impl Iterator<Item = &'a String>, all: &[Forbidden]) -> Vec<String> {
    let searcher = AhoCorasick::new(all.iter().map(|it| plain(&it.text))).expect("the texts are few and short");
    let found = lines.filter_map(|line| {
        let it = &all[searcher.find(&plain(line))?.pattern().as_usize()];
        Some(format!("{} in {}", it.what, line.chars().take(600).collect::<String>()))
    });
    found.collect()
}

/// A text as it is found whatever way it was written: JSON within JSON has backslashes, and headers any case.
fn plain(text: &str) -> String {
    text.chars().filter(|it| *it != '\\').collect::<String>().to_lowercase()
}

/// What is forbidden in every run: signatures, and whole findings by the names that all of them have, in both spellings and
/// as Rust prints structs.
fn of_every_run() -> Vec<Forbidden> {
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

/// What is forbidden in this run.
pub(crate) async fn of_this_run(cloud: &LocalCloud) -> Result<Vec<Forbidden>, BoxError> {
    let mut all = of_every_run();
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
    let letters = cloud.inbox().received().into_iter().filter(|it| it.protocol == "email");
    let lines: BTreeSet<String> =
        letters.flat_map(|it| it.body.lines().map(str::trim).map(str::to_owned).collect::<Vec<_>>()).collect();
    let sentences = lines.into_iter().filter(|line| line.split(' ').count() > 6 && line.len() > 40);
    all.extend(sentences.map(|line| forbidden("a line of an e-mail", line)));
    for detail in fixtures(cloud)? {
        all.extend(attackers_texts(&detail).into_iter().map(|text| forbidden(format!("a finding's {text:?}"), text)));
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

/// The members of findings, in small letters, that hold what attackers have chosen, or sentences that are for readers.
const CHOSEN: [&str; 18] = [
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

/// The texts of a finding that stand in such members, and are long enough to be told from others.
fn attackers_texts(finding: &Value) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    collect(finding, false, &mut texts);
    texts
}

fn collect(value: &Value, chosen: bool, texts: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                collect(value, CHOSEN.contains(&name.to_lowercase().as_str()), texts);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, chosen, texts)),
        // The ids of accounts are no secret.
        Value::String(text) if chosen && text.len() >= SHORTEST && !text.bytes().all(|it| it.is_ascii_digit()) => {
            texts.insert(text.clone());
        }
        _ => {}
    }
}

/// A finding with the canary wherever an attacker may choose the text.
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
