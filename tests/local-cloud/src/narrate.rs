//! What an execution did, in words.

use serde_json::Value;

/// A line for an event of an execution's history, where it is worth one.
pub(crate) fn line(event: &Value) -> Option<String> {
    let entered = &event["stateEnteredEventDetails"]["name"];
    let exited = &event["stateExitedEventDetails"];
    if let Some(name) = entered.as_str() {
        let worth_a_line = !matches!(name, "Begin" | "Done") && !name.ends_with('?');
        return worth_a_line.then(|| format!("→ {name}"));
    }
    let output: Value = serde_json::from_str(exited["output"].as_str()?).ok()?;
    let said = &output["Payload"];
    let text = |name: &str| said[name].as_str().unwrap_or_default();
    let reason = || {
        let why = &said["not_investigated"];
        format!("{}: {}", why["error"].as_str().unwrap_or_default(), why["cause"].as_str().unwrap_or_default())
    };
    match exited["name"].as_str()? {
        "Start investigation" => {
            let id = |whose: &str, name: &str| said[name].as_str().map(|id| format!("  {whose} {id}"));
            let reused = if said["reused"] == true { " (reused)" } else { "" };
            let detective = id("investigation", "investigation_id").map(|line| line + reused);
            let guardduty = id("GuardDuty's investigation", "guardduty_investigation_id");
            Some(
                [detective.unwrap_or_else(|| format!("  {}", reason()))]
                    .into_iter()
                    .chain(guardduty)
                    .collect::<Vec<_>>()
                    .join("\n"),
            )
        }
        "Check investigation" => match text("status") {
            "RUNNING" => Some(format!("  RUNNING, look again in {} s", said["wait_seconds"])),
            "NO_RESULT" => Some(format!("  {}", reason())),
            status => Some(format!("  {status}")),
        },
        "Assess case" => Some(format!("  {}: verdict {}, {} of 100", text("outcome"), text("level"), said["score"])),
        "Send alert" => Some(format!("  revision {} published, case {}", said["revision"], text("outcome"))),
        _ => None,
    }
}
