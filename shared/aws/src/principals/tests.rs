//! Requests, results and caching of principal lookups.

use super::{MemberRole, Principals, ResolvedPrincipal};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_iam::config::retry::RetryConfig;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use gumshoe_domain::finding::ParsedFinding;
use gumshoe_domain::principal::{
    Certainty, Inference, LookupError, NotInvestigableReason, Principal, PrincipalCandidate, Uncertainty,
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const OWN_ACCOUNT: &str = "123456789012";
const MEMBER: &str = "210987654321";

/// A service that answers each request by a function of its host, path and body, and records the requests.
struct Service {
    configuration: SdkConfig,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Service {
    fn new(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let client = infallible_client_fn(move |request: http::Request<SdkBody>| {
            let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
            let asked = format!("{} {body}", request.uri());
            let (status, answer) = answer(&asked);
            seen.lock().unwrap().push(asked);
            http::Response::builder().status(status).body(SdkBody::from(answer)).unwrap()
        });
        let configuration = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("a", "b", None, None, "test")))
            .retry_config(RetryConfig::disabled())
            .http_client(client)
            .time_source(SystemTimeSource::new())
            .build();
        Self { configuration, requests }
    }

    /// A service with one pod identity association.
    fn with_association(association: Value) -> Self {
        Self::new(move |asked| {
            let answer = if asked.contains("/pod-identity-associations/a-1") {
                json!({ "association": association })
            } else {
                json!({ "associations": [{"associationId": "a-1"}] })
            };
            (200, answer.to_string())
        })
    }

    fn principals(&self) -> Principals {
        let role = MemberRole { name: "gumshoe-principals".into(), external_id: "x-1".into() };
        Principals::new(&self.configuration, OWN_ACCOUNT.into(), Some(role))
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn candidate(account: &str, resource: Value) -> PrincipalCandidate {
    let finding = json!({"id": "f", "accountId": account, "region": "eu-west-1", "partition": "aws", "type": "T",
        "severity": 8, "resource": resource});
    let mut parsed = ParsedFinding::from_json(&finding).unwrap();
    parsed.take_candidates().remove(0)
}

fn key(account: &str, user_type: &str, name: &str) -> PrincipalCandidate {
    candidate(
        account,
        json!({"resourceType": "AccessKey", "accessKeyDetails": {"userType": user_type, "userName": name}}),
    )
}

fn pod() -> PrincipalCandidate {
    let user = json!({"username": "system:serviceaccount:payments:checkout"});
    let cluster = json!({"name": "c", "arn": "arn:aws:eks:eu-west-1:123456789012:cluster/c"});
    let resource = json!({"resourceType": "EKSCluster", "eksClusterDetails": cluster,
        "kubernetesDetails": {"kubernetesUserDetails": user}});
    candidate(OWN_ACCOUNT, resource)
}

async fn one(principals: &Principals, candidate: PrincipalCandidate) -> ResolvedPrincipal {
    principals.resolve_all(vec![candidate]).await.remove(0)
}

fn role_response(arn: &str) -> String {
    let name = arn.rsplit('/').next().unwrap();
    format!(
        "<GetRoleResponse><GetRoleResult><Role><Path>/p/</Path><RoleName>{name}</RoleName><RoleId>AROAEXAMPLE0001</RoleId>\
         <Arn>{arn}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role></GetRoleResult></GetRoleResponse>"
    )
}

fn error_response(code: &str) -> String {
    format!("<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>")
}

fn entity(principal: &Principal) -> (&str, bool) {
    let entity = principal.entity().unwrap();
    (&entity.arn, entity.is_arn_certain)
}

/// The operation of the failed lookup, and the error.
fn failed_lookup(principal: &Principal) -> Option<(&str, LookupError)> {
    match principal.entity()?.uncertainties.first()? {
        Uncertainty::LookupFailed { lookup, why } => Some((lookup.split(' ').next()?, *why)),
        _ => None,
    }
}

#[tokio::test]
async fn a_role_lookup_is_cached() {
    let arn = "arn:aws:iam::123456789012:role/service-role/web";
    let service = Service::new(move |_| (200, role_response(arn)));
    let principals = service.principals();
    for _ in 0..3 {
        let found = one(&principals, key(OWN_ACCOUNT, "AssumedRole", "web")).await.principal;
        assert_eq!(entity(&found), (arn, true));
    }
    assert_eq!(service.requests().len(), 1);
    assert!(service.requests()[0].contains("Action=GetRole") && service.requests()[0].contains("RoleName=web"));
}

#[tokio::test]
async fn denied_and_missing_principals_are_uncertain_and_cached() {
    for (status, code, expected) in
        [(404, "NoSuchEntity", LookupError::NotFound), (403, "AccessDenied", LookupError::Denied)]
    {
        let service = Service::new(move |_| (status, error_response(code)));
        let principals = service.principals();
        for _ in 0..2 {
            let found = one(&principals, key(OWN_ACCOUNT, "IAMUser", "alice")).await.principal;
            assert_eq!(entity(&found), ("arn:aws:iam::123456789012:user/alice", false));
            assert_eq!(failed_lookup(&found), Some(("iam:GetUser", expected)));
        }
        assert_eq!(service.requests().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn transient_failures_are_uncertain_and_not_cached() {
    let service = Service::new(|_| (400, error_response("Throttling")));
    let principals = service.principals();
    for _ in 0..2 {
        let resolved = one(&principals, key(OWN_ACCOUNT, "AssumedRole", "web")).await;
        assert!(resolved.is_provisional);
        assert_eq!(entity(&resolved.principal), ("arn:aws:iam::123456789012:role/web", false));
        assert_eq!(failed_lookup(&resolved.principal), Some(("iam:GetRole", LookupError::Unavailable)));
    }
    assert_eq!(service.requests().len(), 2, "it is not cached");
}

#[tokio::test]
async fn an_instance_profile_resolves_to_its_role() {
    let profile = |roles: &str| {
        format!(
            "<GetInstanceProfileResponse><GetInstanceProfileResult><InstanceProfile><Path>/</Path>\
             <InstanceProfileName>p</InstanceProfileName><InstanceProfileId>AIPAEXAMPLE0001</InstanceProfileId>\
             <Arn>arn:aws:iam::123456789012:instance-profile/p</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>\
             <Roles>{roles}</Roles></InstanceProfile></GetInstanceProfileResult></GetInstanceProfileResponse>"
        )
    };
    let member = "<member><Path>/a/</Path><RoleName>other</RoleName><RoleId>AROAEXAMPLE0001</RoleId>\
         <Arn>arn:aws:iam::123456789012:role/a/other</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></member>";
    let instance = || {
        let profile = json!({"arn": "arn:aws:iam::123456789012:instance-profile/p"});
        candidate(OWN_ACCOUNT, json!({"resourceType": "Instance", "instanceDetails": {"iamInstanceProfile": profile}}))
    };
    let answer = profile(member);
    let service = Service::new(move |_| (200, answer.clone()));
    let found = one(&service.principals(), instance()).await.principal;
    assert_eq!(entity(&found), ("arn:aws:iam::123456789012:role/a/other", true));
    assert_eq!(found.entity().unwrap().unique_id.as_deref(), Some("AROAEXAMPLE0001"));

    let empty = profile("");
    let service = Service::new(move |_| (200, empty.clone()));
    let found = one(&service.principals(), instance()).await.principal;
    assert!(matches!(found.reason(), Some(NotInvestigableReason::NoRole { .. })), "{found:?}");
}

#[tokio::test]
async fn a_task_definition_resolves_to_its_role_in_its_region() {
    let service = Service::new(|_| {
        (200, json!({"taskDefinition": {"taskRoleArn": "arn:aws:iam::123456789012:role/t/worker"}}).to_string())
    });
    let definition = "arn:aws:ecs:eu-west-1:123456789012:task-definition/worker:7";
    let task = candidate(
        OWN_ACCOUNT,
        json!({"resourceType": "ECSCluster",
        "ecsClusterDetails": {"taskDetails": {"definitionArn": definition}}}),
    );
    let found = one(&service.principals(), task).await.principal;
    assert_eq!(entity(&found), ("arn:aws:iam::123456789012:role/t/worker", true));
    let request = service.requests().remove(0);
    assert!(request.starts_with("https://ecs.eu-west-1.") && request.contains(definition), "{request}");
}

const DEFINITION: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/worker:7";
const TASK: &str = "arn:aws:ecs:eu-west-1:123456789012:task/prod/0123456789abcdef0123456789abcdef";

/// Resolves a task whose definition has the role `worker`, with that response of DescribeTasks.
async fn resolve_task(status: u16, tasks: Value) -> (Principal, Vec<String>) {
    let service = Service::new(move |asked| {
        // The operation is in a header that is not recorded; the bodies differ.
        if asked.contains("\"tasks\"") {
            (status, tasks.to_string())
        } else {
            (200, json!({"taskDefinition": {"taskRoleArn": "arn:aws:iam::123456789012:role/t/worker"}}).to_string())
        }
    });
    let details = json!({"name": "prod", "taskDetails": {"arn": TASK, "definitionArn": DEFINITION}});
    let task = candidate(OWN_ACCOUNT, json!({"resourceType": "ECSCluster", "ecsClusterDetails": details}));
    (one(&service.principals(), task).await.principal, service.requests())
}

#[tokio::test]
async fn a_tasks_own_role_is_preferred_to_that_of_its_definition() {
    let given = json!({"taskArn": TASK, "taskDefinitionArn": DEFINITION,
        "overrides": {"taskRoleArn": "arn:aws:iam::123456789012:role/given"}});
    let (found, requests) = resolve_task(200, json!({ "tasks": [given] })).await;
    assert_eq!(entity(&found), ("arn:aws:iam::123456789012:role/given", true));
    assert_eq!(found.entity().unwrap().certainty, Certainty::Confirmed);
    assert!(requests.len() == 1 && requests[0].contains("\"cluster\":\"prod\""), "{requests:?}");

    let plain = json!({"taskArn": TASK, "taskDefinitionArn": DEFINITION, "overrides": {}});
    let (found, _) = resolve_task(200, json!({ "tasks": [plain] })).await;
    assert_eq!(entity(&found), ("arn:aws:iam::123456789012:role/t/worker", true));
    assert_eq!(found.entity().unwrap().certainty, Certainty::Confirmed);
}

#[tokio::test]
async fn without_the_task_the_role_of_its_definition_is_inferred() {
    let gone = json!({"tasks": [], "failures": [{"arn": TASK, "reason": "MISSING"}]});
    let denied = json!({"__type": "AccessDeniedException", "message": "no"});
    for (status, answer) in [(200, gone), (400, denied)] {
        let (found, _) = resolve_task(status, answer).await;
        assert_eq!(entity(&found), ("arn:aws:iam::123456789012:role/t/worker", true));
        assert_eq!(found.entity().unwrap().certainty, Certainty::Inferred(Inference::TaskDefinition));
    }
}

#[tokio::test]
async fn a_service_account_resolves_to_its_role() {
    let service = Service::with_association(json!({"roleArn": "arn:aws:iam::123456789012:role/pods"}));
    let found = one(&service.principals(), pod()).await.principal;
    assert_eq!(entity(&found), ("arn:aws:iam::123456789012:role/pods", true));
    let first = &service.requests()[0];
    assert!(first.starts_with("https://eks.eu-west-1.") && first.contains("/clusters/c/"), "{first}");
    assert!(first.contains("namespace=payments") && first.contains("serviceAccount=checkout"), "{first}");
}

#[tokio::test]
async fn lookups_in_other_accounts_assume_the_member_role() {
    let arn = "arn:aws:iam::210987654321:role/p/web";
    let service = Service::new(move |asked| {
        let session = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId>\
             <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>\
             </Credentials></AssumeRoleResult></AssumeRoleResponse>";
        let answer = if asked.contains("Action=AssumeRole") { session.to_owned() } else { role_response(arn) };
        (200, answer)
    });
    let found = one(&service.principals(), key(MEMBER, "AssumedRole", "web")).await.principal;
    assert_eq!(entity(&found), (arn, true));
    let assume = service.requests().remove(0);
    assert!(assume.contains("210987654321%3Arole%2Fgumshoe-principals"), "{assume}");
    assert!(assume.contains("ExternalId=x-1"), "{assume}");
}

#[tokio::test]
async fn a_member_role_that_cannot_be_assumed_is_an_uncertainty() {
    let service = Service::new(|_| (403, error_response("AccessDenied")));
    let found = one(&service.principals(), key(MEMBER, "AssumedRole", "web")).await.principal;
    assert_eq!(entity(&found), ("arn:aws:iam::210987654321:role/web", false));
    assert_eq!(failed_lookup(&found), Some(("iam:GetRole", LookupError::Denied)));
}

#[tokio::test]
async fn without_a_member_role_other_accounts_are_not_called() {
    let service = Service::new(|_| (500, String::new()));
    let principals = Principals::new(&service.configuration, OWN_ACCOUNT.into(), None);
    let found = one(&principals, key(MEMBER, "AssumedRole", "web")).await.principal;
    assert_eq!(failed_lookup(&found), Some(("iam:GetRole", LookupError::NoRoleInAccount)));
    assert!(service.requests().is_empty());
}

#[tokio::test]
async fn in_an_unresponsive_account_only_one_lookup_is_tried() {
    let service = Service::new(|_| (503, error_response("ServiceFailure")));
    let candidates = (0..400).map(|number| key(OWN_ACCOUNT, "AssumedRole", &format!("role-{number}"))).collect();
    let resolved = service.principals().resolve_all(candidates).await;
    assert!(resolved.iter().all(|it| it.is_provisional));
    assert_eq!(resolved[399].principal.name(), Some("role-399"), "in the order of the candidates");
    assert!(service.requests().len() <= 16, "{} calls", service.requests().len());
}

#[tokio::test]
async fn a_pod_with_a_target_role_resolves_to_it() {
    let service = Service::with_association(json!({"roleArn": "arn:aws:iam::123456789012:role/first",
        "targetRoleArn": "arn:aws:iam::123456789012:role/target"}));
    let found = one(&service.principals(), pod()).await.principal;
    assert_eq!(entity(&found), ("arn:aws:iam::123456789012:role/target", true));
}
