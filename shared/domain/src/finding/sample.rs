//! Findings that CreateSampleFindings made.

use super::document::Node;
use crate::principal::names::is_placeholder;
use serde_json::Value;

/// Whether the finding says that it is a sample: by its flag, which in the API's shape hides in the JSON text
/// `Service.AdditionalInfo.Value`, or by the documented beginning of its title.
pub(super) fn is_sample(detail: Node<'_>) -> bool {
    let information = detail.at("service.additionalInfo");
    let hidden = || {
        let text = information.get("value").text().filter(|text| text.contains("ample"))?;
        let inner: Value = serde_json::from_str(text).ok()?;
        Node::new(&inner).get("sample").flag()
    };
    information.get("sample").flag() == Some(true)
        || hidden() == Some(true)
        || detail.get("title").text().is_some_and(|title| title.starts_with("[SAMPLE]"))
}

/// What names the actor and the resource of a finding. In samples, all that is there is made up.
const NAMES: [&str; 13] = [
    "accessKeyDetails.accessKeyId",
    "accessKeyDetails.principalId",
    "accessKeyDetails.userName",
    "instanceDetails.instanceId",
    "kubernetesDetails.kubernetesUserDetails.username",
    "eksClusterDetails.name",
    "ecsClusterDetails.name",
    "lambdaDetails.functionName",
    "lambdaDetails.role",
    "rdsDbInstanceDetails.dbInstanceIdentifier",
    "rdsLimitlessDbDetails.dbShardGroupIdentifier",
    "rdsLimitlessDbDetails.dbClusterIdentifier",
    "rdsDbUserDetails.user",
];

/// Whether all names of the actor and the resource are ones that CreateSampleFindings makes up: a sample that lost its
/// flag. One genuine name is enough to take the finding seriously: attackers can choose some names, such as a user's,
/// but no unique ids, access key ids and instance ids.
pub(super) fn is_made_of_placeholders(detail: Node<'_>) -> bool {
    let resource = detail.get("resource");
    let mut any = false;
    for path in NAMES {
        match resource.at(path).text() {
            // Whoever reaches a database chooses the name that is tried.
            Some(name) if is_placeholder(name) => any = any || path != "rdsDbUserDetails.user",
            // A name of Kubernetes' own, the same in samples.
            Some("system:anonymous") | None => {}
            Some(_) => return false,
        }
    }
    any
}
