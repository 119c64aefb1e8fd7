//! What no log may hold: secrets, tokens, signatures, findings and what attackers have written into them, alerts. The test
//! runs last, over all that all functions have logged.

use crate::scene::{Outcome, SOON, Scene};
use local_cloud::{LocalCloud, RELAY_KEY, detail_of};
use receivers::{Channel, Fault};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

type Anything = Box<dyn Error + Send + Sync>;

/// Stands in each text that an attacker may choose.
const CANARY: &str = "canary-in-a-finding";

/// The shortest text that is looked for: shorter ones are in logs by chance.
const SHORTEST: usize = 12;

/// Something that no log may hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Forbidden {
    what: String,
    text: String,
}

fn forbidden(what: impl Into<String>, text: impl Into<String>) -> Forbidden {
    Forbidden { what: what.into(), text: text.into() }
}

/// The lines that hold something forbidden, each with what that is.
fn leaks<'a>(lines: impl Iterator<Item = &'a String>, all: &[Forbidden]) -> Vec<String> {
    let lines = lines.map(|line| (line, plain(line)));
    let found = lines.filter_map(|(line, plain)| {
        let it = all.iter().find(|it| plain.contains(&self::plain(&it.text)))?;
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
fn of_this_run(cloud: &LocalCloud) -> Result<Vec<Forbidden>, Anything> {
    let mut all = of_every_run();
    for (function, _) in cloud.functions()? {
        let session = cloud.session_of(&function).ok_or_else(|| format!("{function} has no session"))?;
        all.push(forbidden(format!("the secret key of {function}"), session.secret_access_key));
        all.push(forbidden(format!("the session token of {function}"), session.session_token));
    }
    let slack = cloud.receivers().slack_url();
    let (_, path) = slack.split_once("/services/").ok_or("Slack's URL has no secret path")?;
    all.push(forbidden("Slack's secret path", path));
    all.push(forbidden("PagerDuty's routing key, or the webhook's key", RELAY_KEY));
    all.push(forbidden("the external id", crate::EXTERNAL_ID));
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
fn fixtures(cloud: &LocalCloud) -> Result<Vec<Value>, Anything> {
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
fn with_canaries(mut finding: Value) -> Value {
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

pub(crate) async fn nothing_secret_and_no_finding_is_in_any_log(scene: &Scene<'_>) -> Outcome {
    let cloud = scene.cloud;
    scene.will_find("high");
    // Errors tell most: a channel that cuts the connection, and one that answers with what it was sent.
    cloud.receivers().next(Channel::Slack, &scene.role(), Fault::CutOff);
    cloud.receivers().next(Channel::PagerDuty, &scene.role(), Fault::Status(500));
    let mut findings = fixtures(cloud)?;
    findings.push(with_canaries(scene.finding("a")));
    findings.push(json!({"id": CANARY, "accountId": CANARY, "title": CANARY, "severity": CANARY}));
    cloud.send(&findings).await?;
    cloud.enqueue(&format!("{{\"{CANARY}\": {CANARY}")).await?;
    let (case, _) = scene.closed(&scene.subject(), 1).await?;
    for channel in [Channel::Slack, Channel::PagerDuty, Channel::Webhook] {
        scene.relayed(channel, &case.case_id, 1).await?;
    }
    cloud.drained().await?;
    let quiet = async || Ok((cloud.running().await? == 0).then_some(()));
    cloud.eventually("the end of all executions", SOON, quiet).await?;

    // The log of a function is written when its invocation has ended.
    let ended = |logs: &BTreeMap<String, Vec<String>>| {
        let of = |words: &str| logs.values().flatten().any(|line| line.contains(&case.case_id) && line.contains(words));
        of("the alert was sent") && of("delivered")
    };
    let look = async || Ok(Some(cloud.logs_by_group().await?).filter(ended));
    let logs = cloud.eventually("the last lines of the case", SOON, look).await?;
    for (function, group) in cloud.functions()? {
        let lines = logs.get(&group).map(Vec::len).unwrap_or_default();
        assert!(lines > 0, "{function} has logged nothing");
        let of_the_case = logs[&group].iter().any(|line| line.contains(&case.case_id) || line.contains(&scene.role()));
        assert!(of_the_case, "{function} has logged nothing of the case");
    }
    let found = leaks(logs.values().flatten(), &of_this_run(cloud)?);
    assert!(found.is_empty(), "{} lines, such as {:#?}", found.len(), found.iter().take(10).collect::<Vec<_>>());
    Ok(())
}

/// Each of them is found in a line, however it was written.
pub(crate) async fn whatever_is_forbidden_is_found_in_a_line(scene: &Scene<'_>) -> Outcome {
    // Each function has a session once it has worked.
    scene.will_find("high");
    scene.cloud.send(&[with_canaries(scene.finding("a"))]).await?;
    let (case, _) = scene.closed(&scene.subject(), 1).await?;
    scene.alerts(&case.case_id, 1).await?;
    scene.relayed(Channel::Webhook, &case.case_id, 1).await?;
    let all = of_this_run(scene.cloud)?;
    let kinds: BTreeSet<&str> = all.iter().map(|it| it.what.as_str()).collect();
    assert!(kinds.len() > 20 && all.len() > 100, "{kinds:?}");
    for it in &all {
        let bare = format!("an error: {} and more", it.text);
        let in_json = json!({"level": "ERROR", "fields": {"message": bare}}).to_string();
        let twice = json!({"message": in_json}).to_string();
        let printed = format!("Some({:?})", it.text);
        for line in [bare, in_json, twice, printed] {
            assert_eq!(leaks([line.clone()].iter(), std::slice::from_ref(it)).len(), 1, "{} in {line}", it.what);
        }
    }
    // A finding, an alert and what is sent to a channel, as they are.
    let finding = with_canaries(scene.finding("a"));
    let alert = scene.alerts(&case.case_id, 1).await?;
    for (what, line) in [
        ("a finding", finding.to_string()),
        ("a finding in the API's spelling", crate::findings::in_the_apis_spelling(&finding).to_string()),
        ("a finding as Rust prints it", format!("{finding:?}")),
        ("an e-mail", alert.texts[0].body.clone()),
        ("an alert as Rust prints it", format!("{:?}", alert.json[0])),
        ("a URL in an error", format!("error sending request for url ({})", scene.cloud.receivers().slack_url())),
    ] {
        assert!(!leaks([line].iter(), &all).is_empty(), "{what}");
    }
    let harmless = json!({"level": "INFO", "fields": {"message": "the alert was sent", "case.id": case.case_id,
        "finding.id": finding["id"], "subject": scene.subject(), "revision": 1, "cause": "detail.resource.accessKeyDetails is \
        missing; not authorized to perform: sns:Publish"}});
    assert_eq!(leaks([harmless.to_string()].iter(), &all), Vec::<String>::new());
    Ok(())
}
