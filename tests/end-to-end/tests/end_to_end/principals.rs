//! Which principal a finding is resolved to: users, roles and instance profiles that exist, in the stack's account and in a member
//! account.

use crate::scene::{BoxError, Outcome, Scene, WAIT_TIMEOUT};
use gumshoe_alerts::text::principal::inference_reason;
use gumshoe_domain::principal::Inference;
use local_cloud::{ProxyFault, STACK_ACCOUNT};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A pattern of finding types that the stack under test ignores.
pub(crate) const EXCLUDED_TYPE: &str = "Policy:S3/*";

/// An account without the lookup role that the stack assumes.
const CLOSED_ACCOUNT: &str = "444455556666";

impl Scene<'_> {
    /// Creates a role under a path and returns its ARN.
    async fn create_role(&self, account: &str, name: &str) -> Result<String, local_cloud::CloudError> {
        self.cloud.create_role(account, "/service/web/", name).await?;
        Ok(format!("arn:aws:iam::{account}:role/service/web/{name}"))
    }

    /// Creates a role under a path, sends a finding about a session of it, and returns the e-mail's text.
    async fn alert_for_role_in(&self, account: &str) -> Result<String, BoxError> {
        let id = self.cloud.create_role(account, "/service/web/", &self.role()).await?;
        let mut finding = self.finding("a");
        finding["accountId"] = json!(account);
        finding["resource"]["accessKeyDetails"]["principalId"] = json!(format!("{id}:session"));
        self.alert_for(finding, &format!("arn:aws:iam::{account}:role/service/web/{}", self.role())).await
    }

    /// The ARNs that contain `part` and for which an investigation was started.
    fn investigated_arns(&self, part: &str) -> Vec<String> {
        let journal = self.cloud.simulator().journal().into_iter();
        let started = journal.filter(|it| it.operation == "StartInvestigation" && it.service == "detective");
        started.filter_map(|it| it.entity_arn).filter(|arn| arn.contains(part)).collect()
    }

    /// Sends a finding, checks that the principal with that ARN and no other was investigated and alerted, and returns the e-mail's
    /// text.
    async fn alert_for(&self, finding: Value, arn: &str) -> Result<String, BoxError> {
        let mut scenario = self.scenario("high");
        scenario.entity_arn = arn.to_owned();
        self.cloud.simulator().add_scenario(scenario);
        self.cloud.send(&[finding]).await?;
        let (case, execution) = self.wait_for_closed_case(&without_path(arn), 1).await?;
        assert_eq!(execution["status"], "SUCCEEDED");
        let alerts = self.wait_for_alerts(&case.case_id, 1).await?;
        assert_eq!(alerts.json[0].principal.entity_arn(), Some(arn));
        let name = arn.rsplit('/').next().unwrap();
        assert_eq!(self.investigated_arns(name), [arn], "only this ARN must be investigated under that name");
        assert!(alerts.texts[0].body.contains(arn), "{}", alerts.texts[0].body);
        Ok(alerts.texts[0].body.clone())
    }

    /// A finding about a resource of an account.
    fn finding_about(&self, account: &str, resource: Value) -> Value {
        let mut finding = self.finding("a");
        finding["accountId"] = json!(account);
        finding["type"] = json!("UnauthorizedAccess:EC2/MaliciousIPCaller.Custom");
        finding["resource"] = resource;
        finding
    }
}

/// The subject of a case: the ARN without the path.
fn without_path(arn: &str) -> String {
    let (head, name) = arn.rsplit_once('/').unwrap();
    format!("{}/{name}", head.split('/').next().unwrap())
}

fn assert_certain(text: &str) {
    assert!(!text.contains("Not confirmed"), "{text}");
}

fn assert_inferred(text: &str, why: Inference) {
    assert!(text.contains("Not confirmed") && text.contains(inference_reason(why)), "{text}");
}

pub(crate) async fn a_role_under_a_path_is_investigated_by_its_true_arn(scene: &Scene<'_>) -> Outcome {
    assert_certain(&scene.alert_for_role_in(findings::ACCOUNT).await?);
    Ok(())
}

pub(crate) async fn a_user_under_a_path_is_investigated_by_its_true_arn(scene: &Scene<'_>) -> Outcome {
    let name = format!("user-of-{}", scene.role());
    let form = [("Action", "CreateUser"), ("Path", "/automation/"), ("UserName", name.as_str())];
    let answer = scene.cloud.api().query_as(findings::ACCOUNT, "iam", &form).await?;
    let id = answer.split("<UserId>").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    let mut finding = scene.finding("a");
    finding["resource"]["accessKeyDetails"] =
        json!({"accessKeyId": "AKIAEXAMPLE000000001", "principalId": id, "userType": "IAMUser", "userName": name});
    let arn = format!("arn:aws:iam::{}:user/automation/{name}", findings::ACCOUNT);
    assert_certain(&scene.alert_for(finding, &arn).await?);
    Ok(())
}

pub(crate) async fn an_instance_profile_resolves_to_a_role_of_another_name(scene: &Scene<'_>) -> Outcome {
    let (role, profile) = (scene.role(), format!("profile-{}", scene.role()));
    let arn = scene.create_role(findings::ACCOUNT, &role).await?;
    let iam = |form: Vec<(&'static str, String)>| async move {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        scene.cloud.api().query_as(findings::ACCOUNT, "iam", &form).await
    };
    iam(vec![
        ("Action", "CreateInstanceProfile".into()),
        ("Path", "/app/".into()),
        ("InstanceProfileName", profile.clone()),
    ])
    .await?;
    iam(vec![
        ("Action", "AddRoleToInstanceProfile".into()),
        ("InstanceProfileName", profile.clone()),
        ("RoleName", role),
    ])
    .await?;
    // The role's own policy names instance profiles, which the emulator does not support as a resource of this action.
    scene.cloud.allow_on_all_resources(findings::ACCOUNT, "gumshoe-principals", "iam:GetInstanceProfile").await?;
    let profile = format!("arn:aws:iam::{}:instance-profile/app/{profile}", findings::ACCOUNT);
    let instance =
        json!({"instanceId": "i-0abc", "iamInstanceProfile": {"arn": profile, "id": "AIPAEXAMPLE000000001"}});
    let resource = json!({"resourceType": "Instance", "instanceDetails": instance});
    let text = scene.alert_for(scene.finding_about(findings::ACCOUNT, resource), &arn).await?;
    assert_inferred(&text, Inference::InstanceProfile);
    Ok(())
}

pub(crate) async fn a_task_definition_resolves_to_its_task_role(scene: &Scene<'_>) -> Outcome {
    let arn = scene.create_role(findings::ACCOUNT, &scene.role()).await?;
    let definition = json!({"family": format!("worker-{}", scene.role()), "taskRoleArn": arn,
        "containerDefinitions": [{"name": "worker", "image": "worker"}]});
    let target = "AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition";
    let answer = scene.cloud.api().json_as(findings::ACCOUNT, "ecs", target, &definition).await?;
    let resource = json!({"resourceType": "ECSCluster", "ecsClusterDetails": {
        "name": "workers", "taskDetails": {"definitionArn": answer["taskDefinition"]["taskDefinitionArn"]}}});
    let text = scene.alert_for(scene.finding_about(findings::ACCOUNT, resource), &arn).await?;
    assert_inferred(&text, Inference::TaskDefinition);
    Ok(())
}

pub(crate) async fn a_service_account_resolves_to_its_role(scene: &Scene<'_>) -> Outcome {
    let arn = scene.create_role(findings::ACCOUNT, &scene.role()).await?;
    let cluster = format!("cluster-{}", scene.role());
    let post = |path: String, body: Value| async move {
        scene.cloud.api().post_as(findings::ACCOUNT, "eks", &path, &body).await
    };
    post("/clusters".into(), json!({"name": cluster, "roleArn": arn, "resourcesVpcConfig": {}})).await?;
    let association = json!({"namespace": "payments", "serviceAccount": "checkout", "roleArn": arn});
    post(format!("/clusters/{cluster}/pod-identity-associations"), association).await?;
    let resource = json!({"resourceType": "EKSCluster",
        "eksClusterDetails": {"name": cluster, "arn": format!("arn:aws:eks:us-east-1:{}:cluster/{cluster}", findings::ACCOUNT)},
        "kubernetesDetails": {"kubernetesUserDetails": {"username": "system:serviceaccount:payments:checkout"}}});
    let text = scene.alert_for(scene.finding_about(findings::ACCOUNT, resource), &arn).await?;
    assert_inferred(&text, Inference::PodIdentity);
    Ok(())
}

pub(crate) async fn the_stacks_own_account_needs_no_role(scene: &Scene<'_>) -> Outcome {
    assert_certain(&scene.alert_for_role_in(STACK_ACCOUNT).await?);
    Ok(())
}

pub(crate) async fn a_principal_without_lookup_is_investigated_by_the_best_known_arn(scene: &Scene<'_>) -> Outcome {
    // The role does not exist, as if it was deleted after the activity.
    let text = scene.alert_for(scene.finding("a"), &scene.subject()).await?;
    assert!(text.contains("true ARN is longer"), "the alert says that the path is unknown:\n{text}");
    Ok(())
}

pub(crate) async fn an_account_that_denies_the_lookup_is_named_in_the_alert(scene: &Scene<'_>) -> Outcome {
    let mut finding = scene.finding("a");
    finding["accountId"] = json!(CLOSED_ACCOUNT);
    let arn = format!("arn:aws:iam::{CLOSED_ACCOUNT}:role/{}", scene.role());
    let text = scene.alert_for(finding, &arn).await?;
    assert!(text.contains("iam:GetRole") && text.contains("denied"), "{text}");
    Ok(())
}

pub(crate) async fn an_attack_sequence_opens_a_case_for_each_principal(scene: &Scene<'_>) -> Outcome {
    let (one, other) = (format!("{}-one", scene.role()), format!("{}-other", scene.role()));
    let one_arn = scene.create_role(findings::ACCOUNT, &one).await?;
    let other_arn = scene.create_role(findings::ACCOUNT, &other).await?;
    for arn in [&one_arn, &other_arn] {
        let mut scenario = scene.scenario("high");
        scenario.entity_arn.clone_from(arn);
        scene.cloud.simulator().add_scenario(scenario);
    }
    let actor = |name: &str| {
        json!({"id": name, "user": {"name": name, "uid": "AROAEXAMPLE000000001", "type": "AssumedRole",
            "account": {"uid": findings::ACCOUNT}}})
    };
    let mut finding = scene.finding("a");
    finding["type"] = json!("AttackSequence:IAM/CompromisedCredentials");
    finding["severity"] = json!(9.0);
    finding["resource"] = json!({"resourceType": "AttackSequence"});
    finding["service"]["detection"] = json!({"sequence": {"uid": "s", "description": "a sequence",
        "actors": [actor(&one), actor(&other)], "signals": []}});
    scene.cloud.send(&[finding]).await?;
    for (arn, named) in [(&one_arn, &other), (&other_arn, &one)] {
        let (case, _) = scene.wait_for_closed_case(&without_path(arn), 1).await?;
        let alerts = scene.wait_for_alerts(&case.case_id, 1).await?;
        assert!(alerts.texts[0].body.contains(named.as_str()), "{named} is not named:\n{}", alerts.texts[0].body);
    }
    assert_eq!(scene.investigated_arns(&scene.role()).len(), 2);
    Ok(())
}

pub(crate) async fn ignored_findings_are_counted_and_open_no_case(scene: &Scene<'_>) -> Outcome {
    let mut excluded = scene.finding("a");
    excluded["type"] = json!("Policy:S3/AccountBlockPublicAccessDisabled");
    let mut service_linked = scene.finding("b");
    let service_role = "AWSServiceRoleForAutoScaling";
    // Only the path and the unique ID identify a service-linked role. A role that merely has such a name is processed.
    let path = "/aws-service-role/autoscaling.amazonaws.com/";
    let unique_id = scene.cloud.create_role(findings::ACCOUNT, path, service_role).await?;
    service_linked["severity"] = json!(5);
    service_linked["resource"]["accessKeyDetails"]["userName"] = json!(service_role);
    service_linked["resource"]["accessKeyDetails"]["principalId"] = json!(format!("{unique_id}:session"));
    let ids = [excluded["id"].as_str().unwrap().to_owned(), service_linked["id"].as_str().unwrap().to_owned()];
    scene.cloud.send(&[excluded, service_linked]).await?;
    let logs = scene
        .cloud
        .poll_until("both findings to be ignored", WAIT_TIMEOUT, async || {
            let logs = scene.cloud.logs().await?;
            let is_ignored = |id: &String| {
                logs.iter().any(|line| line.contains(r#""outcome":"ignored""#) && line.contains(id.as_str()))
            };
            Ok(ids.iter().all(is_ignored).then_some(logs))
        })
        .await?;
    for reason in ["TypeLeftOut", "ServiceLinkedRole"] {
        let counted = |line: &&String| line.contains("FindingsIgnored") && line.contains(reason);
        assert!(logs.iter().any(|line| counted(&line)), "{reason} is not counted");
    }
    assert!(scene.cloud.cases(&scene.subject()).await?.is_empty());
    assert!(scene.investigated_arns(service_role).is_empty());
    Ok(())
}

/// How often the SDK sends a throttled call.
const SDK_ATTEMPTS: usize = 3;

/// The queue's visibility timeout is 12 minutes; a throttled lookup must not wait for it.
pub(crate) async fn a_throttled_lookup_delays_a_case_by_half_a_minute(scene: &Scene<'_>) -> Outcome {
    for _ in 0..SDK_ATTEMPTS {
        scene.cloud.proxy().fail_next_call("iam", &scene.role(), ProxyFault::Throttled);
    }
    let begun = Instant::now();
    assert_certain(&scene.alert_for_role_in(findings::ACCOUNT).await?);
    let took = begun.elapsed();
    assert!(took >= Duration::from_secs(25), "the lookup was not throttled: {took:?}");
    assert!(took < Duration::from_secs(100), "{took:?}");
    Ok(())
}
