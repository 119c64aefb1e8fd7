//! What the demo leaves behind to look at, in `target/demo`.

use crate::cases::CaseItem;
use crate::demo::PATIENCE;
use crate::error::CloudError;
use crate::stack::LocalCloud;
use receivers::Channel;
use serde_json::Value;
use std::path::PathBuf;

/// The files, with what each of them is.
#[derive(Default)]
pub(crate) struct Papers {
    folder: PathBuf,
    files: Vec<(&'static str, PathBuf)>,
}

impl Papers {
    /// The case's report and results.
    pub(crate) async fn of(cloud: &LocalCloud, case: &CaseItem) -> Result<Self, CloudError> {
        let mut papers = Self { folder: cloud.tools().root().join("target/demo"), files: Vec::new() };
        let Some(report) = case.assessment["report"]["key"].as_str() else { return Ok(papers) };
        let results = report.replace("/report-", "/results-").replace(".html", ".json");
        for (what, key, name) in [("Report", report, "report.html"), ("Evidence", results.as_str(), "results.json")] {
            if let Some(text) = cloud.evidence(key).await? {
                papers.keep(what, name, &text)?;
            }
        }
        Ok(papers)
    }

    /// With what Slack was sent.
    pub(crate) async fn with_slack(mut self, cloud: &LocalCloud, case_id: &str) -> Result<Self, CloudError> {
        let sent = cloud
            .eventually("the message to Slack", PATIENCE, async || {
                let mut accepted = cloud.receivers().accepted(Channel::Slack).into_iter();
                Ok(accepted.find(|message| message.body.contains(case_id)))
            })
            .await?;
        let message: Value =
            serde_json::from_str(&sent.body).map_err(|error| crate::api::call_failed("the message to Slack", error))?;
        self.keep("Slack", "slack.json", &format!("{message:#}\n"))?;
        Ok(self)
    }

    pub(crate) fn say(&self, say: &(dyn Fn(&str) + Sync)) {
        say("");
        for (what, path) in &self.files {
            say(&format!("{what:<9} {}", path.display()));
        }
    }

    fn keep(&mut self, what: &'static str, name: &str, text: &str) -> Result<(), CloudError> {
        let unwritable = |path: &PathBuf| CloudError::io(format!("{} cannot be written", path.display()));
        std::fs::create_dir_all(&self.folder).map_err(unwritable(&self.folder))?;
        let path = self.folder.join(name);
        std::fs::write(&path, text).map_err(unwritable(&path))?;
        self.files.push((what, path));
        Ok(())
    }
}
