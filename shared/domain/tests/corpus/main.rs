//! Decisions for published findings that are not part of this project: `FINDINGS_CORPUS=folder cargo test … --test corpus`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

#[allow(dead_code, unused_imports, reason = "the tests of `findings` use all of it")]
#[path = "../findings/attacker_text.rs"]
mod attacker_text;
#[allow(dead_code, reason = "the tests of `findings` use all of it")]
#[path = "../findings/fixtures.rs"]
mod fixtures;

mod inputs;

use fixtures::{Expected, check, corpus_folder};
use gumshoe_domain::explanation::Decision::{AlertOnly, Ignore, Investigate};
use libtest_mimic::{Arguments, Completion, Trial};
use requirements::Outcome;

#[rustfmt::skip] // a table
const EXPECTED: &[Expected<'_>] = &[
    ("AI_cost_harvesting", Investigate, &["~arn:aws:iam::123456789012:user/bedrock-app < iam:GetUser bedrock-app in account 123456789012"]),
    ("AWSAccount_cross_account", AlertOnly, &["aws-account"]),
    ("AWSService", AlertOnly, &["aws-service"]),
    ("Archived", Ignore, &["~arn:aws:iam::123456789012:user/alice"]),
    ("AttackSequence_EC2_group", Investigate, &["instance < iam:GetInstanceProfile web-profile in account 123456789012"]),
    ("AttackSequence_EKS_process_only", AlertOnly, &["none"]),
    ("AttackSequence_IAM_CompromisedCredentials__1", AlertOnly, &["none"]),
    ("AttackSequence_IAM_two_actors", Investigate, &["~arn:aws:iam::123456789012:user/alice < iam:GetUser alice in account 123456789012", "arn:aws:iam::123456789012:role/dev-role < iam:GetRole dev-role in account 123456789012"]),
    ("AttackSequence_S3_CompromisedData__1", Ignore, &["none"]),
    ("Backdoor_EC2_C_CActivity.B_DNS__2", Ignore, &["instance"]),
    ("Backdoor_EC2_DenialOfService.Tcp__1", Ignore, &["instance"]),
    ("Canary_EC2_Stateless.IntegTest__1", AlertOnly, &["instance"]),
    ("China", Investigate, &["~arn:aws-cn:iam::123456789012:user/li < iam:GetUser li in account 123456789012"]),
    ("CredentialAccess_IAMUser_AnomalousBehavior__2", AlertOnly, &["unknown"]),
    ("CredentialAccess_IAMUser_AnomalousBehavior__4", Investigate, &["~arn:aws:iam::123456789123:user/alice < iam:GetUser alice in account 123456789123"]),
    ("CredentialAccess_RDS_AnomalousBehavior.SuccessfulLogin__2", Ignore, &["database-user"]),
    ("CryptoCurrency_EC2_BitcoinTool.B_DNS__1", Ignore, &["instance"]),
    ("Discovery_Kubernetes_TorIPCaller__1", Ignore, &["unknown", "kubernetes-user"]),
    ("Discovery_S3_AnomalousBehavior__1", Investigate, &["~arn:aws:iam::123456789123:user/alice < iam:GetUser alice in account 123456789123"]),
    ("Discovery_S3_MaliciousIPCaller.Custom__1", Ignore, &["unknown"]),
    ("EC2_no_profile", AlertOnly, &["instance"]),
    ("ECS_runtime", Investigate, &["task < ecs:DescribeTaskDefinition worker:7 in account 123456789012, us-east-1"]),
    ("EKS_assumed_role", Investigate, &["~arn:aws:iam::123456789012:role/EKSAdmin < iam:GetRole EKSAdmin in account 123456789012"]),
    ("EKS_serviceaccount", Investigate, &["kubernetes-service-account < eks:ListPodIdentityAssociations payments/checkout of cluster prod in account 123456789012, us-east-1"]),
    ("Execution_ECS_MaliciousFile__1", Ignore, &["task"]),
    ("Exfiltration_S3_AnomalousBehavior__1", Ignore, &["instance"]),
    ("FederatedUser", AlertOnly, &["federated-user"]),
    ("IAMUser_with_path", Investigate, &["~arn:aws:iam::123456789012:user/ci-deployer < iam:GetUser ci-deployer in account 123456789012"]),
    ("InstanceCredentialExfiltration.InsideAWS", Investigate, &["~arn:aws:iam::123456789012:role/web-role < iam:GetRole web-role in account 123456789012"]),
    ("InstanceCredentialExfiltration.OutsideAWS", Investigate, &["~arn:aws:iam::123456789012:role/web-role < iam:GetRole web-role in account 123456789012"]),
    ("Lambda", Investigate, &["arn:aws:iam::123456789012:role/service-role/orders-fn-role-a1b2c3"]),
    ("Member_in_admin", Investigate, &["~arn:aws:iam::210987654321:role/dev-role < iam:GetRole dev-role in account 210987654321"]),
    ("Persistence_Kubernetes_SuccessfulAnonymousAccess__1", Ignore, &["anonymous"]),
    ("Policy_IAMUser_RootCredentialUsage__2", AlertOnly, &["root"]),
    ("Policy_Kubernetes_AdminAccessToDefaultServiceAccount__2", Ignore, &["unknown"]),
    ("Policy_S3_BucketPublicAccessGranted__2", Investigate, &["~arn:aws:iam::123456789123:user/alice < iam:GetUser alice in account 123456789123"]),
    ("PrivilegeEscalation_IAMUser_AdministrativePermissions__2", Ignore, &["none"]),
    ("PrivilegeEscalation_IAMUser_AdministrativePermissions__4", Ignore, &["none"]),
    ("PrivilegeEscalation_IAMUser_AdministrativePermissions__6", Ignore, &["none"]),
    ("Recon_EC2_PortProbeEMRUnprotectedPort__1", Ignore, &["instance"]),
    ("Recon_EC2_PortProbeUnprotectedPort__2", AlertOnly, &["instance"]),
    ("Recon_EC2_PortProbeUnprotectedPort__4", Investigate, &["instance < iam:GetInstanceProfile ecsInstanceRole in account 444455556666"]),
    ("Recon_IAMUser_MaliciousIPCaller.Custom__1", Ignore, &["unknown"]),
    ("Republished_count17", Investigate, &["~arn:aws:iam::123456789012:user/alice < iam:GetUser alice in account 123456789012"]),
    ("S3Object_malware", AlertOnly, &["none"]),
    ("SSO_role", Investigate, &["~arn:aws:iam::123456789012:role/AWSReservedSSO_AdministratorAccess_abcdef0123456789 < iam:GetRole AWSReservedSSO_AdministratorAccess_abcdef0123456789 in account 123456789012"]),
    ("Service_linked_role", Ignore, &["~arn:aws:iam::123456789012:role/AWSServiceRoleForAutoScaling < iam:GetRole AWSServiceRoleForAutoScaling in account 123456789012"]),
    ("Trojan_EC2_BlackholeTraffic__1", Ignore, &["instance"]),
    ("Trojan_EC2_DGADomainRequest.B__1", Ignore, &["instance"]),
    ("Trojan_EC2_DNSDataExfiltration__1", Ignore, &["instance"]),
    ("UnauthorizedAccess_EC2_MaliciousIPCaller.Custom__1", Ignore, &["instance"]),
    ("UnauthorizedAccess_EC2_MetadataDNSRebind__2", AlertOnly, &["instance"]),
    ("UnauthorizedAccess_EC2_RDPBruteForce__2", AlertOnly, &["instance"]),
    ("UnauthorizedAccess_EC2_RDPBruteForce__4", AlertOnly, &["instance"]),
    ("UnauthorizedAccess_EC2_SSHBruteForce__2", Ignore, &["instance"]),
    ("UnauthorizedAccess_EC2_SSHBruteForce__4", AlertOnly, &["instance"]),
    ("UnauthorizedAccess_EC2_TorClient__2", Ignore, &["instance"]),
    ("UnauthorizedAccess_EC2_TorRelay__1", Ignore, &["instance"]),
    ("UnauthorizedAccess_EC2_TorRelay__3", AlertOnly, &["instance"]),
    ("UnauthorizedAccess_IAMUser_MaliciousIPCaller__1", Ignore, &["unknown"]),
    ("UnauthorizedAccess_IAMUser_TorIPCaller__2", Ignore, &["unknown"]),
    ("Unknown_future_type", AlertOnly, &["none"]),
];

fn main() {
    let trials = vec![
        Trial::ignorable_test(
            "every_finding_of_the_corpus_has_the_expected_decision",
            every_finding_of_the_corpus_has_the_expected_decision,
        ),
        Trial::ignorable_test(
            "formerly_misparsed_inputs_are_parsed_correctly",
            inputs::formerly_misparsed_inputs_are_parsed_correctly,
        ),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn every_finding_of_the_corpus_has_the_expected_decision() -> Outcome {
    let Some(folder) = corpus_folder() else {
        return requirements::missing("corpus", "set FINDINGS_CORPUS to a folder with the published findings");
    };
    check(&folder, EXPECTED);
    Ok(Completion::Completed)
}
