//! Runs the tests on a local cloud. The cloud is started once. When this process ends, for any reason, all processes that it started
//! end too.

use crate::connections::{self, report};
use crate::scene::{SharedCloud, TestFn};
use findings::ACCOUNT;
use libtest_mimic::{Arguments, Trial};
use local_cloud::{CloudError, GRAPH_STACK, LocalCloud, Options, Profile, REGIONS, STACK_ACCOUNT, keep_graph_role};
use std::sync::Arc;

/// The external ID that the member accounts' role requires.
pub(crate) const EXTERNAL_ID: &str = "rehearsal-7f3a";

/// The name of the operator's role.
pub(crate) const OPERATOR: &str = "operator";
/// The path of the operator's role. It is not `/`, so that the tests detect a comparison without the path.
pub(crate) const OPERATOR_PATH: &str = "/people/";

/// A test's name, whether it must run alone, and its function.
pub(crate) type Test = (&'static str, bool, TestFn);

/// Lists tests as `module::name`, followed by `alone` if no other test may run at the same time.
macro_rules! tests {
    ($($module:ident :: $name:ident $($alone:ident)?),* $(,)?) => {
        vec![$((
            concat!(stringify!($module), "::", stringify!($name)),
            [$(stringify!($alone) == "alone",)? false][0],
            (|scene| Box::pin($module::$name(scene))) as crate::scene::TestFn,
        )),*]
    };
}

pub(crate) use tests;

/// Real seconds per second of the state machine: the deadline of 20 minutes comes after 24 seconds.
pub(crate) const WAIT_SCALE: f64 = 0.02;

/// The parameters of the stacks, in addition to the usual ones.
#[derive(Default, Clone, Copy)]
pub(crate) struct Stacks<'a> {
    /// Parameters of the case stack.
    pub(crate) case: &'a [(&'a str, &'a str)],
    /// Parameters of the graph stack, which publishes to the case stack's topic. If there are none, it is not deployed.
    pub(crate) graph: &'a [(&'a str, &'a str)],
}

/// Runs the tests on a cloud with these stacks, at most `concurrency` at the same time. A second of the state machine takes
/// `wait_scale` real seconds.
pub(crate) fn run(tests: Vec<Test>, concurrency: usize, wait_scale: f64, stacks: Stacks<'_>) {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(concurrency);
    let isolation = connections::prepare(&arguments, tests.iter().map(|(name, ..)| *name));
    let runtime = Arc::new(tokio::runtime::Runtime::new().unwrap());
    let shared = Arc::new(SharedCloud::default());
    if isolation.is_some() {
        match runtime.block_on(start(wait_scale, stacks)) {
            Ok(cloud) => shared.put(cloud),
            Err(error) => {
                report(&format!("could not start the local cloud: {}", simulator::error_chain(&error)));
                std::process::exit(1);
            }
        }
    }
    let trials = tests.into_iter().map(|(name, alone, test)| {
        let (runtime, shared) = (Arc::clone(&runtime), Arc::clone(&shared));
        Trial::test(name, move || Ok(runtime.block_on(shared.run(alone, test))?))
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    let connections = connections::check(&arguments, isolation);
    let failed = conclusion.has_failed() || connections.has_failed();
    runtime.block_on(async {
        if let Some(cloud) = shared.take() {
            let tools = cloud.tools().clone();
            if failed && let Ok(file) = cloud.write_logs().await {
                report(&format!("the logs of the functions are in {}", file.display()));
            }
            drop(cloud);
            if !failed {
                tools.remove_scratch_folder(); // after a failure the logs in it are needed
            }
        }
    });
    conclusion.exit_if_failed();
    connections.exit();
}

async fn start(wait_scale: f64, stacks: Stacks<'_>) -> Result<LocalCloud, CloudError> {
    let publisher = keep_graph_role(GRAPH_STACK);
    let publishers = [("PublisherRoleArns", publisher.as_str())];
    let publishers = if stacks.graph.is_empty() { &[] } else { &publishers[..] };
    let cloud = LocalCloud::start_built(&options(wait_scale, &[stacks.case, publishers].concat())).await?;
    cloud.deploy_member_role(ACCOUNT, EXTERNAL_ID).await?;
    let describe_account = "organizations:DescribeAccount";
    cloud.allow_on_all_resources(STACK_ACCOUNT, "gumshoe-local-AssessCaseFunctionRole-", describe_account).await?;
    if !stacks.graph.is_empty() {
        let earlier = [("EarlierTable", cloud.outputs().get("CasesTableName"))];
        let parameters = [stacks.graph, &cloud.shared_topic_parameters(), &earlier].concat();
        cloud.deploy_graph_stack(GRAPH_STACK, &parameters, &report).await?;
    }
    Ok(cloud)
}

fn options(wait_scale: f64, more: &[(&str, &str)]) -> Options<'static> {
    let regions = REGIONS.join(",");
    let operator = format!("arn:aws:iam::{STACK_ACCOUNT}:role{OPERATOR_PATH}{OPERATOR}");
    let usual = [
        ("InvestigationRegions", regions.as_str()),
        ("MinimumSeverity", "1"),
        ("DeadlineMinutes", "20"),
        ("LogRetentionDays", "1"),
        ("MemberRoleName", "gumshoe-principals"),
        ("MemberRoleExternalId", EXTERNAL_ID),
        ("OperatorRoleArns", operator.as_str()),
    ];
    let parameters = usual.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Options {
        port: None,
        profile: Profile::of_environment().unwrap(),
        wait_scale,
        parameters: parameters.collect(),
        durable: false,
        progress: &report,
    }
}
