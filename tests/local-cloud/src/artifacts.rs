//! The files that the demo writes to `target/demo`.

use crate::cases::CaseItem;
use crate::demo::TIMEOUT;
use crate::error::CloudError;
use crate::stack::LocalCloud;
use crate::tools::Tools;
use receivers::Channel;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The output folder, relative to the project's root.
const FOLDER: &str = "target/demo";

/// The files written so far.
pub(crate) struct Artifacts {
    root: PathBuf,
    /// Label and file name.
    files: Vec<(&'static str, &'static str)>,
}

impl Artifacts {
    pub(crate) fn new(tools: &Tools) -> Self {
        Self { root: tools.root().to_owned(), files: Vec::new() }
    }

    /// Writes the case's report and its investigation results, if the case has them.
    pub(crate) async fn write_evidence(&mut self, cloud: &LocalCloud, case: &CaseItem) -> Result<(), CloudError> {
        let Some(report) = case.assessment["report"]["key"].as_str() else { return Ok(()) };
        let results = report.replace("/report-", "/results-").replace(".html", ".json");
        for (what, key, name) in [("Report", report, "report.html"), ("Evidence", results.as_str(), "results.json")] {
            if let Some(text) = cloud.evidence(key).await? {
                self.write(what, name, &text)?;
            }
        }
        Ok(())
    }

    /// Writes the history of the case's execution.
    pub(crate) async fn write_history(&mut self, cloud: &LocalCloud, case_id: &str) -> Result<(), CloudError> {
        let history = Value::Array(cloud.history(case_id).await?);
        self.write("History", "history.json", &format!("{history:#}\n"))
    }

    /// Writes the message that Slack received about the case.
    pub(crate) async fn write_slack_message(&mut self, cloud: &LocalCloud, case_id: &str) -> Result<(), CloudError> {
        let sent = cloud
            .poll_until(&format!("the Slack message about case {case_id}"), TIMEOUT, async || {
                let mut accepted = cloud.receivers().accepted(Channel::Slack).into_iter();
                Ok(accepted.find(|message| message.body.contains(case_id)))
            })
            .await?;
        let message: Value = serde_json::from_str(&sent.body)
            .map_err(|error| crate::api::call_failed("parse the Slack message", error))?;
        self.write("Slack", "slack.json", &format!("{message:#}\n"))
    }

    /// Prints the label and the path of each file.
    pub(crate) fn list(&self, progress: &(dyn Fn(&str) + Sync)) {
        progress("");
        for (what, name) in &self.files {
            progress(&format!("{what:<9} {FOLDER}/{name}"));
        }
    }

    fn write(&mut self, what: &'static str, name: &'static str, text: &str) -> Result<(), CloudError> {
        let not_writable = |path: &Path| CloudError::io(format!("could not write {}", path.display()));
        let folder = self.root.join(FOLDER);
        std::fs::create_dir_all(&folder).map_err(not_writable(&folder))?;
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(not_writable(&path))?;
        self.files.push((what, name));
        Ok(())
    }
}
