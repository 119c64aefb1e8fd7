//! Links to the AWS consoles. Their URLs are taken from AWS documentation and public code; they were not opened in a console.

use crate::message::Link;
use gumshoe_domain::assessment::ReportLocation;
use gumshoe_domain::case::CaseRecord;
use gumshoe_domain::coverage::graph_region;
use gumshoe_domain::finding::Finding;
use gumshoe_domain::principal::Principal;

/// Number of Regions with links in addition to the Region of the worst finding and of the last investigation. Slack's message fits one
/// more link to each console.
const OTHER_REGION_LINKS_MAX: usize = 1;

fn link(code: &str, label: &str, url: String) -> Link {
    Link { code: Some(code.to_owned()), label: label.to_owned(), url }
}

/// The links of an alert: to the report, to the principal and the investigations in Detective, and to the worst findings in GuardDuty.
pub(crate) fn links(case: &CaseRecord, findings: &[&Finding], report: Option<&ReportLocation>) -> Vec<Link> {
    let (principal, investigation) = (&case.principal, case.investigation.as_ref());
    let mut links = Vec::new();
    let Some(worst) = findings.first() else { return links };
    let console = console_host(worst.partition.as_deref(), &worst.region);
    if let Some(ReportLocation { bucket, key, region }) = report {
        links.push(link(
            "REPORT",
            "Report, with all indicators and the evidence",
            format!("https://{console}/s3/object/{bucket}?region={region}&prefix={key}"),
        ));
    }
    // Detective investigates in the Region of its graph: arn:aws:detective:REGION:ACCOUNT:graph:ID.
    let main_region = investigation.and_then(|it| graph_region(&it.graph_arn)).unwrap_or(&worst.region);
    let detective_url = |region: &str| format!("https://{console}/detective/home?region={region}");
    let detective = detective_url(main_region);
    if let (Some(investigation), Some(entity)) = (investigation, principal.entity()) {
        if let Some(unique_id) = &entity.unique_id {
            let kind = if matches!(principal, Principal::IamUser(_)) { "AwsUser" } else { "AwsRole" };
            let (start, end) = (investigation.scope.start.as_second(), investigation.scope.end.as_second());
            links.push(link(
                "PRINCIPAL_IN_DETECTIVE",
                "Principal in Detective",
                format!("{detective}#entities/{kind}/{unique_id}?scopeStart={start}&scopeEnd={end}"),
            ));
        }
        links.push(link(
            "INVESTIGATIONS_IN_DETECTIVE",
            "Investigations in Detective",
            format!("{detective}#investigations"),
        ));
        for region in case
            .other_region_investigations
            .iter()
            .filter_map(|it| graph_region(&it.graph_arn))
            .take(OTHER_REGION_LINKS_MAX)
        {
            let list = format!("{}#investigations", detective_url(region));
            links.push(link("INVESTIGATIONS_IN_DETECTIVE", &format!("Investigations in Detective, {region}"), list));
        }
    }
    let guardduty_url = |finding: &Finding| {
        format!("https://{console}/guardduty/home?region={}#/findings?search=id%3D{}", finding.region, finding.id)
    };
    links.push(link("FINDING_IN_GUARDDUTY", "Worst finding in GuardDuty", guardduty_url(worst)));
    // The findings are sorted, so the first of another Region is the worst there.
    for finding in findings.iter().filter(|finding| finding.region != worst.region).take(OTHER_REGION_LINKS_MAX) {
        links.push(link(
            "FINDING_IN_GUARDDUTY",
            &format!("Worst finding in {}", finding.region),
            guardduty_url(finding),
        ));
    }
    links
}

/// The console's host for a partition; if the finding does not state its partition, for the partition of the Region.
fn console_host(partition: Option<&str>, region: &str) -> &'static str {
    match partition {
        Some("aws-cn") => "console.amazonaws.cn",
        Some("aws-us-gov") => "console.amazonaws-us-gov.com",
        None if region.starts_with("cn-") => "console.amazonaws.cn",
        None if region.starts_with("us-gov-") => "console.amazonaws-us-gov.com",
        _ => "console.aws.amazon.com",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gumshoe_domain::case::CaseNumber;

    #[test]
    fn finding_without_a_partition_links_to_the_console_of_its_region() {
        for (partition, region, console) in [
            (None, "us-gov-west-1", "console.amazonaws-us-gov.com"),
            (None, "cn-north-1", "console.amazonaws.cn"),
            (None, "us-east-1", "console.aws.amazon.com"),
            (Some("aws-us-gov"), "us-gov-east-1", "console.amazonaws-us-gov.com"),
            (Some("aws-cn"), "cn-northwest-1", "console.amazonaws.cn"),
            (Some("aws"), "eu-west-1", "console.aws.amazon.com"),
        ] {
            assert_eq!(console_host(partition, region), console, "{partition:?} {region}");
        }
        let finding = Finding::from_json(&serde_json::json!({
            "id": "f", "accountId": "123456789012", "region": "us-gov-west-1", "type": "T", "severity": 5
        }))
        .unwrap();
        let number = CaseNumber { sequence: 1, opened_at: jiff::Timestamp::UNIX_EPOCH };
        let case = CaseRecord::opened("subject", finding.principal.clone(), number);
        let links = links(&case, &[&finding], None);
        assert!(links[0].url.starts_with("https://console.amazonaws-us-gov.com/guardduty/"), "{}", links[0].url);
    }
}
