//! Evasions with which attackers try to make an investigation find nothing: each is alerted nevertheless.
//!
//! The investigation of every principal is quiet in these tests. The unit tests of `tests/fixtures/evasion` cover more evasions.

use crate::scene::{BoxError, Outcome, Scene, WAIT_TIMEOUT};
use findings::ACCOUNT;
use gumshoe_alerts::message::{Alert, Certainty};
use gumshoe_domain::principal::Inference;
use gumshoe_domain::verdict::AlertCause;
use local_cloud::CloudError;
use serde_json::{Value, json};
use simulator::Scenario;

impl Scene<'_> {
    /// Sends a finding of severity High about a principal without indicators, and returns its alert.
    async fn alerted_although_quiet(&self, finding: Value, subject: &str) -> Result<Alert, BoxError> {
        self.cloud.simulator().add_scenario(Scenario { entity_arn: subject.to_owned(), ..no_indicators() });
        self.cloud.send(&[finding]).await?;
        let (case, execution) = self.wait_for_closed_case(subject, 1).await?;
        assert_eq!(execution["status"], "SUCCEEDED", "{execution}");
        let alert = self.wait_for_alerts(&case.case_id, 1).await?.json.remove(0);
        assert!(alert.not_investigated.is_none(), "the case was not investigated: {:?}", alert.not_investigated);
        Ok(alert)
    }

    /// A finding of severity High about activity of a workload, which is not API calls.
    fn workload_finding(&self, action: Value, resource: Value) -> Value {
        let mut finding = self.finding("a");
        finding["resource"] = resource;
        finding["service"]["action"] = action;
        finding
    }

    /// Starts a task with the role of its definition, or with `override_role`. Returns the task's ARN and its definition's.
    async fn start_task(&self, role: &str, override_role: Option<&str>) -> Result<(String, String), CloudError> {
        let family = format!("worker-{}", self.role());
        // The role's own policy names tasks, which the emulator does not support as a resource of this action.
        self.cloud.allow_on_all_resources(ACCOUNT, "gumshoe-principals", "ecs:DescribeTasks").await?;
        let call = |operation: &'static str, body: Value| async move {
            let target = format!("AmazonEC2ContainerServiceV20141113.{operation}");
            self.cloud.api().json_as(ACCOUNT, "ecs", &target, &body).await
        };
        call("CreateCluster", json!({ "clusterName": family })).await?;
        let definition = json!({"family": family, "taskRoleArn": role,
            "containerDefinitions": [{"name": "worker", "image": "worker"}]});
        call("RegisterTaskDefinition", definition).await?;
        let overrides = override_role.map_or_else(|| json!({}), |role| json!({ "taskRoleArn": role }));
        let run = json!({"cluster": family, "taskDefinition": family, "overrides": overrides});
        let answer = call("RunTask", run).await?;
        let text = |name: &str| answer["tasks"][0][name].as_str().unwrap_or_default().to_owned();
        Ok((text("taskArn"), text("taskDefinitionArn")))
    }
}

/// An investigation that succeeds with a low severity and without indicators.
fn no_indicators() -> Scenario {
    Scenario { indicators: Vec::new(), ..Scenario::named("quiet").unwrap() }
}

/// The action of a finding about a DNS request.
fn dns_action() -> Value {
    json!({"actionType": "DNS_REQUEST", "dnsRequestAction": {"domain": "pool.example", "protocol": "UDP"}})
}

fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

fn in_cluster(name: &str, task: &str, definition: &str) -> Value {
    json!({"resourceType": "ECSCluster", "ecsClusterDetails": {"name": name,
        "taskDetails": {"arn": task, "definitionArn": definition}}})
}

pub(crate) async fn a_task_with_an_overridden_role_resolves_to_that_role(scene: &Scene<'_>) -> Outcome {
    let (idle, given) = (format!("{}-idle", scene.role()), format!("{}-given", scene.role()));
    scene.cloud.create_role(ACCOUNT, "/", &idle).await?;
    scene.cloud.create_role(ACCOUNT, "/", &given).await?;
    let (task, definition) = scene.start_task(&role_arn(&idle), Some(&role_arn(&given))).await?;
    let finding = scene.workload_finding(dns_action(), in_cluster("prod", &task, &definition));
    let alert = scene.alerted_although_quiet(finding, &role_arn(&given)).await?;
    assert_eq!(alert.cause, AlertCause::WorkloadNotCleared);
    assert_eq!(alert.principal.entity().unwrap().certainty, Certainty::Confirmed);
    assert!(
        scene.cloud.cases(&role_arn(&idle)).await?.is_empty(),
        "a case was opened for the role of the definition, which was overridden"
    );
    Ok(())
}

pub(crate) async fn names_like_those_of_samples_have_no_effect(scene: &Scene<'_>) -> Outcome {
    let role = scene.role();
    scene.cloud.create_role(ACCOUNT, "/", &role).await?;
    let (task, definition) = scene.start_task(&role_arn(&role), None).await?;
    let mut finding =
        scene.workload_finding(dns_action(), in_cluster("GeneratedFindingECSClusterName", &task, &definition));
    finding["title"] = json!("[SAMPLE] A container queries a domain of a crypto miner.");
    finding["resource"]["ecsClusterDetails"]["tags"] = json!([{"key": "GeneratedFindingKey", "value": "sample"}]);
    let alert = scene.alerted_although_quiet(finding, &role_arn(&role)).await?;
    assert_eq!(alert.cause, AlertCause::WorkloadNotCleared);
    Ok(())
}

pub(crate) async fn a_recreated_role_does_not_close_a_case_quietly(scene: &Scene<'_>) -> Outcome {
    scene.cloud.create_role(ACCOUNT, "/", &scene.role()).await?;
    // The finding has the unique ID of an earlier role of that name, which was deleted.
    let alert = scene.alerted_although_quiet(scene.finding("a"), &scene.subject()).await?;
    assert_eq!((alert.cause, alert.uncertain), (AlertCause::PrincipalUncertain, Some(Inference::Recreated)));
    Ok(())
}

pub(crate) async fn an_unconfirmed_name_does_not_close_a_case_quietly(scene: &Scene<'_>) -> Outcome {
    let alert = scene.alerted_although_quiet(scene.finding("a"), &scene.subject()).await?;
    assert_eq!((alert.cause, alert.uncertain), (AlertCause::PrincipalUncertain, Some(Inference::NotLookedUp)));
    assert!(alert.next_steps.iter().any(|step| step.text.contains("member role")), "{:?}", alert.next_steps);
    Ok(())
}

pub(crate) async fn a_name_in_a_kubernetes_certificate_does_not_close_a_case_quietly(scene: &Scene<'_>) -> Outcome {
    scene.cloud.create_role(ACCOUNT, "/", &scene.role()).await?;
    let user = json!({"username": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{}/deploy", scene.role()), "uid": ""});
    let resource = json!({"resourceType": "EKSCluster", "kubernetesDetails": {"kubernetesUserDetails": user}});
    let action = json!({"actionType": "KUBERNETES_API_CALL", "kubernetesApiCallAction": {"verb": "list"}});
    let alert = scene.alerted_although_quiet(scene.workload_finding(action, resource), &scene.subject()).await?;
    assert_eq!((alert.cause, alert.uncertain), (AlertCause::WorkloadNotCleared, Some(Inference::KubernetesName)));
    Ok(())
}

pub(crate) async fn an_idle_role_does_not_close_a_case_of_its_instance_quietly(scene: &Scene<'_>) -> Outcome {
    let id = scene.cloud.create_role(ACCOUNT, "/", &scene.role()).await?;
    let mut finding = scene.finding("a");
    finding["resource"]["accessKeyDetails"]["principalId"] = json!(format!("{id}:i-0123456789abcdef0"));
    finding["service"]["runtimeDetails"] = json!({"process": {"name": "xmrig", "executablePath": "/tmp/.x/xmrig"}});
    let alert = scene.alerted_although_quiet(finding, &scene.subject()).await?;
    assert_eq!((alert.cause, alert.uncertain), (AlertCause::WorkloadNotCleared, None));
    Ok(())
}

pub(crate) async fn an_idle_role_does_not_close_a_case_of_its_pod_quietly(scene: &Scene<'_>) -> Outcome {
    let (role, cluster) = (role_arn(&scene.role()), format!("cluster-{}", scene.role()));
    scene.cloud.create_role(ACCOUNT, "/", &scene.role()).await?;
    let post = |path: String, body: Value| async move { scene.cloud.api().post_as(ACCOUNT, "eks", &path, &body).await };
    post("/clusters".into(), json!({"name": cluster, "roleArn": role, "resourcesVpcConfig": {}})).await?;
    let association = json!({"namespace": "team", "serviceAccount": "idle", "roleArn": role});
    post(format!("/clusters/{cluster}/pod-identity-associations"), association).await?;
    let workload = json!({"name": "debug", "type": "pods", "namespace": "team", "serviceAccountName": "idle",
        "hostNetwork": true});
    let resource = json!({"resourceType": "EKSCluster",
        "eksClusterDetails": {"name": cluster, "arn": format!("arn:aws:eks:us-east-1:{ACCOUNT}:cluster/{cluster}")},
        "kubernetesDetails": {"kubernetesWorkloadDetails": workload}});
    let alert = scene.alerted_although_quiet(scene.workload_finding(dns_action(), resource), &scene.subject()).await?;
    assert_eq!((alert.cause, alert.uncertain), (AlertCause::WorkloadNotCleared, Some(Inference::HostNetwork)));
    Ok(())
}

/// The counterpart: API calls, which the investigation could have seen, close quietly.
pub(crate) async fn api_calls_of_a_confirmed_role_close_quietly(scene: &Scene<'_>) -> Outcome {
    let id = scene.cloud.create_role(ACCOUNT, "/", &scene.role()).await?;
    scene.cloud.simulator().add_scenario(Scenario { entity_arn: scene.subject(), ..no_indicators() });
    let mut finding = scene.finding("a");
    finding["resource"]["accessKeyDetails"]["principalId"] = json!(format!("{id}:session"));
    scene.cloud.send(&[finding]).await?;
    let closed = async || {
        let cases = scene.cloud.cases(&scene.subject()).await?;
        Ok(cases.into_iter().find(|case| case.status == "CLOSED"))
    };
    let case = scene.cloud.poll_until("the quiet close", WAIT_TIMEOUT, closed).await?;
    assert_eq!(case.published_revision, 0, "{}", case.assessment);
    Ok(())
}
