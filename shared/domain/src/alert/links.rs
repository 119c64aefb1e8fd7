//! Links into the consoles. Where they lead was gathered from AWS documentation and public code, not tried.

use crate::case::{OpenInvestigation, ReportPlace};
use crate::finding::Finding;
use crate::principal::Principal;
use serde::{Deserialize, Serialize};

/// A link into a console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What is behind it.
    pub label: String,
    /// An https address, made of checked parts only.
    pub url: String,
}

impl Link {
    fn new(label: &str, url: String) -> Self {
        Self { label: label.to_owned(), url }
    }
}

pub(super) fn links(
    principal: &Principal,
    investigation: Option<&OpenInvestigation>,
    findings: &[&Finding],
    report: Option<&ReportPlace>,
) -> Vec<Link> {
    let mut links = Vec::new();
    let Some(worst) = findings.first() else { return links };
    let console = console_of(worst.partition.as_deref());
    if let Some(ReportPlace { bucket, key, region }) = report {
        links.push(Link::new(
            "Report, with all indicators and the evidence",
            format!("https://{console}/s3/object/{bucket}?region={region}&prefix={key}"),
        ));
    }
    // Detective is asked in the Region of its graph: arn:aws:detective:REGION:ACCOUNT:graph:ID.
    let graph_region = investigation.and_then(|it| it.graph_arn.split(':').nth(3)).unwrap_or(&worst.region);
    let detective = format!("https://{console}/detective/home?region={graph_region}");
    if let (Some(investigation), Some(entity)) = (investigation, principal.entity()) {
        if let Some(unique_id) = &entity.unique_id {
            let kind = if matches!(principal, Principal::IamUser(_)) { "AwsUser" } else { "AwsRole" };
            let (start, end) = (investigation.scope.start.as_second(), investigation.scope.end.as_second());
            links.push(Link::new(
                "Principal in Detective",
                format!("{detective}#entities/{kind}/{unique_id}?scopeStart={start}&scopeEnd={end}"),
            ));
        }
        links.push(Link::new("Investigations in Detective", format!("{detective}#investigations")));
    }
    let region = &worst.region;
    links.push(Link::new(
        "Worst finding in GuardDuty",
        format!("https://{console}/guardduty/home?region={region}#/findings?search=id%3D{}", worst.id),
    ));
    links
}

fn console_of(partition: Option<&str>) -> &'static str {
    match partition {
        Some("aws-cn") => "console.amazonaws.cn",
        Some("aws-us-gov") => "console.amazonaws-us-gov.com",
        _ => "console.aws.amazon.com",
    }
}
