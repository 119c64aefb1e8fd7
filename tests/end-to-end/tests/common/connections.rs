//! The functions and all other processes of the tests must reach loopback only. To detect every other attempt, the whole program
//! runs in its own network namespace: see [`local_cloud::build_and_isolate`].

use libtest_mimic::{Arguments, Completion, Conclusion, Trial};
use local_cloud::{Isolation, Profile, UnroutedPackets};
use requirements::Outcome;

/// The name of this module's test in the list of all tests.
const NAME: &str = "connections::no_process_reaches_another_machine";

/// Builds the functions and runs this program again in a network namespace, if the arguments select any of these tests or the test
/// of this module. `None` if no test is to run: no name matches the filter, or the names are only listed.
pub(crate) fn prepare<'a>(arguments: &Arguments, names: impl IntoIterator<Item = &'a str>) -> Option<Isolation> {
    let mut names = names.into_iter().chain([NAME]);
    if arguments.list || arguments.ignored || !names.any(|name| selected(arguments, name)) {
        return None;
    }
    let isolation = Profile::of_environment().and_then(|profile| local_cloud::build_and_isolate(profile, &report));
    match isolation {
        Ok(isolation) => Some(isolation),
        Err(error) => {
            report(&format!("could not start the local cloud: {}", simulator::error_chain(&error)));
            std::process::exit(1)
        }
    }
}

/// Checks the count of unrouted packets, as a separate test. It runs after all others, because it has to count their packets.
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
                "a process tried to reach another machine: {unrouted} had no route. To find the process, run this program under \
                 `strace -f -e trace=connect,sendto,sendmsg,sendmmsg` and search the output for ENETUNREACH"
            );
            Err(message.into())
        }
        Some(Isolation::NotIsolated(reason)) => requirements::missing("namespace", &reason),
        None => Err("the local cloud was not started, so there is nothing to check".into()),
    }
}

/// Whether the arguments select a test, by libtest's rule: its name contains the filter or, with `--exact`, equals it.
fn selected(arguments: &Arguments, name: &str) -> bool {
    let matches = |filter: &String| if arguments.exact { name == filter } else { name.contains(filter.as_str()) };
    arguments.filter.as_ref().is_none_or(matches) && !arguments.skip.iter().any(matches)
}

/// Prints a line directly, because the test harness hides the output of tests that pass.
#[expect(clippy::print_stderr, reason = "building and starting take long, so they show their progress")]
pub(crate) fn report(line: &str) {
    eprintln!("{line}");
}
