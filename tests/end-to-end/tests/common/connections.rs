//! The functions, and all else that the tests start, reach loopback only. So that no attempt to reach more is missed, the
//! whole program runs in a network namespace of its own: see [`local_cloud::build_and_isolate`].

use libtest_mimic::{Arguments, Completion, Conclusion, Trial};
use local_cloud::{Isolation, Profile, UnroutedPackets};
use requirements::Outcome;

/// The test of this module, in the list of all.
const NAME: &str = "connections::no_process_reaches_another_machine";

/// Builds the functions and runs this program anew in a network namespace, if any of the tests of these names, or the one
/// here, is selected. Nothing when there is nothing to run: with a filter that fits nothing, or to list names.
pub(crate) fn prepare<'a>(arguments: &Arguments, names: impl IntoIterator<Item = &'a str>) -> Option<Isolation> {
    let mut names = names.into_iter().chain([NAME]);
    if arguments.list || arguments.ignored || !names.any(|name| selected(arguments, name)) {
        return None;
    }
    let isolation = Profile::of_environment().and_then(|profile| local_cloud::build_and_isolate(profile, &report));
    match isolation {
        Ok(isolation) => Some(isolation),
        Err(error) => {
            report(&format!("the local cloud cannot be started: {}", simulator::error_chain(&error)));
            std::process::exit(1)
        }
    }
}

/// Looks at what was counted, as a test of its own; after the others, whose attempts it has to see.
pub(crate) fn check(arguments: &Arguments, isolation: Option<Isolation>) -> Conclusion {
    let trial = Trial::ignorable_test(NAME, move || no_process_reaches_another_machine(isolation));
    libtest_mimic::run(arguments, vec![trial])
}

fn no_process_reaches_another_machine(isolation: Option<Isolation>) -> Outcome {
    match isolation {
        Some(Isolation::Isolated) => {
            let unrouted = UnroutedPackets::count()?;
            if unrouted.is_zero() {
                return Ok(Completion::Completed);
            }
            let message = format!(
                "{unrouted} had no route, and all that runs here may reach loopback only. To see what sends them, run this \
                 under `strace -f -e trace=connect,sendto,sendmsg,sendmmsg` and look for ENETUNREACH"
            );
            Err(message.into())
        }
        Some(Isolation::NotIsolated(reason)) => requirements::missing("namespace", &reason),
        None => Err("nothing was started".into()),
    }
}

/// The rule of libtest: a name is selected when it holds the filter, or is the filter where it has to be exact.
fn selected(arguments: &Arguments, name: &str) -> bool {
    let fits = |filter: &String| if arguments.exact { name == filter } else { name.contains(filter.as_str()) };
    arguments.filter.as_ref().is_none_or(fits) && !arguments.skip.iter().any(fits)
}

/// Past the test harness, which shows nothing of a test that passes.
#[expect(clippy::print_stderr, reason = "building and starting take long; they say what they do")]
pub(crate) fn report(line: &str) {
    eprintln!("{line}");
}
