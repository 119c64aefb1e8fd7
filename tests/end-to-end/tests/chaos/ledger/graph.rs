//! The graph: it is as the last document says, of each member that got worse people were notified once, and again only where
//! nobody could know that they were, and invitations were answered as the member stack is told to.

use super::{Balance, Books};
use crate::graph::{Document, GraphStep};
use crate::witness::Taken;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the graph and of the memberships after a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct GraphBooks {
    /// What the last document says.
    pub(crate) wanted: Document,
    /// The members' statuses.
    pub(crate) members: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    /// The packages that are started.
    pub(crate) packages: BTreeSet<String>,
    /// The members that got worse, with the status that they got into.
    pub(crate) worse: BTreeMap<String, String>,
    /// What a subscriber's queue received, in order.
    pub(crate) notices: Vec<GraphNotice>,
    pub(crate) steps: Vec<GraphStep>,
    /// The administrators whose invitations are to be accepted.
    pub(crate) listed: BTreeSet<String>,
    /// What became of every administrator's invitation: its status, or `none` where it is gone.
    pub(crate) invitations: BTreeMap<String, String>,
    /// How many messages are left in each queue.
    pub(crate) left: BTreeMap<String, u64>,
    /// How often a function was to be killed.
    pub(crate) armed: usize,
    /// How many processes were killed.
    pub(crate) killed: usize,
}

/// A notice of the graph's health.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GraphNotice {
    pub(crate) revision: u64,
    pub(crate) repeated: bool,
    /// What got worse of which account: the issue's code and the account's id.
    pub(crate) accounts: Vec<(String, String)>,
}

pub(super) fn check(books: &Books, balance: &mut Balance) {
    let books = &books.graph;
    let mut wrong = graph(books);
    wrong.extend(books.worse.iter().flat_map(|(id, status)| told(books, id, status)));
    wrong.extend(published(books));
    for (administrator, status) in &books.invitations {
        let expected = if books.listed.contains(administrator) { "ENABLED" } else { "none" };
        if status != expected {
            wrong.push(format!("the invitation of {administrator} is {status}, and should be {expected}"));
        }
    }
    let left = books.left.iter().filter(|(_, count)| **count > 0);
    wrong.extend(left.map(|(queue, count)| format!("{count} messages are left in {queue}")));
    if books.armed > 0 && books.killed == 0 {
        wrong.push(format!("a function was to be killed {} times, and none was", books.armed));
    }
    balance.wrong.extend(wrong);
}

/// What is not as the last document says.
fn graph(books: &GraphBooks) -> Vec<String> {
    let (wanted, mut wrong) = (&books.wanted, Vec::new());
    let members: BTreeSet<String> = books.members.keys().cloned().collect();
    if members != wanted.accounts {
        wrong.push(format!("the graph has the members {members:?}, and the document {:?}", wanted.accounts));
    }
    if books.tags != wanted.tags {
        wrong.push(format!("the graph has the tags {:?}, and the document {:?}", books.tags, wanted.tags));
    }
    if !books.packages.is_superset(&wanted.packages) {
        wrong.push(format!("of the packages {:?} only {:?} are started", wanted.packages, books.packages));
    }
    for (id, status) in &books.worse {
        if books.members.get(id) != Some(status) {
            wrong.push(format!("member {id} is {:?}, and was brought to {status}", books.members.get(id)));
        }
    }
    wrong
}

/// What is wrong with the notices of a member that got worse.
fn told(books: &GraphBooks, id: &str, status: &str) -> Vec<String> {
    let issue = if status == "VERIFICATION_FAILED" { "verification-failed" } else { "member-disabled" };
    let names = |notice: &&GraphNotice| notice.accounts.iter().any(|(what, of)| what == issue && of == id);
    let mut notices: Vec<&GraphNotice> = books.notices.iter().filter(names).collect();
    notices.sort_by_key(|notice| notice.revision);
    if notices.is_empty() {
        return vec![format!("LOST: nobody was notified that {id} is {status}")];
    }
    let mut wrong = Vec::new();
    for pair in notices.windows(2) {
        let (first, again) = (pair[0].revision, pair[1].revision);
        let name = format!("that {id} is {status} was in notice {first} and again in {again}");
        if !pair[1].repeated {
            wrong.push(format!("{name}, without a mark"));
        }
        if is_recorded(&books.steps, first, again) {
            wrong.push(format!("{name}, after it was recorded"));
        }
    }
    wrong
}

/// Whether the table had it that the notice is told, when the later one was published.
fn is_recorded(steps: &[GraphStep], first: u64, again: u64) -> bool {
    let before =
        steps.iter().take_while(|step| !matches!(step, GraphStep::Publish { revision, .. } if *revision == again));
    let record = |step: &GraphStep| matches!(step, GraphStep::Keep { revision, claimed: false, taken: Taken::Yes } if *revision == first);
    before.into_iter().any(record)
}

/// Each notice that SNS took was heard once, and no other.
fn published(books: &GraphBooks) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut heard: BTreeMap<u64, usize> = BTreeMap::new();
    for notice in &books.notices {
        *heard.entry(notice.revision).or_default() += 1;
    }
    let of = |revision: u64, fits: &dyn Fn(Taken) -> bool| {
        let fits = |step: &&GraphStep| matches!(step, GraphStep::Publish { revision: of, taken } if *of == revision && fits(*taken));
        books.steps.iter().filter(fits).count()
    };
    for (revision, count) in &heard {
        let taken = of(*revision, &|taken| taken != Taken::No);
        if *count > taken {
            wrong.push(format!("notice {revision} was heard {count} times, and published {taken} times"));
        }
        if *count > 1 {
            wrong.push(format!("two notices have the revision {revision}"));
        }
    }
    for step in &books.steps {
        if let GraphStep::Publish { revision, taken: Taken::Yes } = step
            && !heard.contains_key(revision)
        {
            wrong.push(format!("notice {revision} was published, and nobody heard it"));
        }
    }
    wrong
}

#[cfg(test)]
#[allow(unused_imports, dead_code, reason = "they are tests of `chaos_parts` alone")]
mod tests {
    use super::*;

    const DISABLED: &str = "660000000001";
    const LISTED: &str = "222233334444";
    const OTHER: &str = "333344445555";

    fn notice(revision: u64, repeated: bool) -> GraphNotice {
        let accounts = vec![("member-disabled".to_owned(), DISABLED.to_owned())];
        GraphNotice { revision, repeated, accounts }
    }

    fn publish(revision: u64, taken: Taken) -> GraphStep {
        GraphStep::Publish { revision, taken }
    }

    fn keep(revision: u64, claimed: bool, taken: Taken) -> GraphStep {
        GraphStep::Keep { revision, claimed, taken }
    }

    fn books() -> GraphBooks {
        let wanted = Document {
            accounts: [DISABLED.to_owned(), "650000000001".to_owned()].into(),
            tags: [("a".to_owned(), "b".to_owned())].into(),
            packages: ["DETECTIVE_CORE".to_owned()].into(),
        };
        let disabled = "ACCEPTED_BUT_DISABLED".to_owned();
        GraphBooks {
            members: [(DISABLED.to_owned(), disabled.clone()), ("650000000001".to_owned(), "INVITED".to_owned())]
                .into(),
            tags: wanted.tags.clone(),
            packages: ["DETECTIVE_CORE".to_owned(), "EKS_AUDIT".to_owned()].into(),
            wanted,
            worse: [(DISABLED.to_owned(), disabled)].into(),
            notices: vec![notice(1, false)],
            steps: vec![keep(1, true, Taken::Yes), publish(1, Taken::Yes), keep(1, false, Taken::Yes)],
            listed: [LISTED.to_owned()].into(),
            invitations: [(LISTED.to_owned(), "ENABLED".to_owned()), (OTHER.to_owned(), "none".to_owned())].into(),
            left: [("queue".to_owned(), 0)].into(),
            armed: 3,
            killed: 2,
        }
    }

    /// What is wrong with the books after a change.
    fn wrong(change: impl FnOnce(&mut GraphBooks)) -> String {
        let mut graph = books();
        change(&mut graph);
        let mut balance = Balance::default();
        check(&Books { graph, ..Books::default() }, &mut balance);
        balance.wrong.join("\n")
    }

    #[test]
    fn a_graph_that_is_not_as_the_document_says_is_caught() {
        assert_eq!(wrong(|_| ()), "");
        assert!(wrong(|it| drop(it.members.remove("650000000001"))).contains("the graph has the members"));
        let one_more = |it: &mut GraphBooks| drop(it.members.insert("1".to_owned(), "INVITED".to_owned()));
        assert!(wrong(one_more).contains("the graph has the members"));
        assert!(wrong(|it| it.tags.clear()).contains("the graph has the tags"));
        assert!(wrong(|it| it.packages.clear()).contains("only {} are started"));
        let enabled = |it: &mut GraphBooks| drop(it.members.insert(DISABLED.to_owned(), "ENABLED".to_owned()));
        assert!(wrong(enabled).contains("was brought to"));
    }

    #[test]
    fn a_member_of_which_nobody_heard_or_too_often_is_caught() {
        assert!(wrong(|it| it.notices.clear()).contains("LOST: nobody was notified that 660000000001"));
        let again = |repeated: bool, record: Taken| {
            wrong(|it| {
                it.notices.push(notice(2, repeated));
                it.steps[2] = keep(1, false, record);
                it.steps.extend([keep(2, true, Taken::Yes), publish(2, Taken::Yes), keep(2, false, Taken::Yes)]);
            })
        };
        assert!(again(false, Taken::No).contains("without a mark"));
        assert!(again(true, Taken::Yes).contains("after it was recorded"));
        assert_eq!(again(true, Taken::No), "", "nobody could know that it was told");
        // What is recorded later excuses nothing and accuses nobody.
        let late = wrong(|it| {
            it.notices.push(notice(2, true));
            it.steps.insert(2, publish(2, Taken::Yes));
        });
        assert_eq!(late, "");
    }

    #[test]
    fn a_notice_that_was_not_heard_or_heard_twice_is_caught() {
        assert!(wrong(|it| it.steps.push(publish(2, Taken::Yes))).contains("notice 2 was published"));
        assert!(wrong(|it| it.notices.push(notice(1, true))).contains("two notices have the revision 1"));
        assert!(
            wrong(|it| it.steps.retain(|step| !matches!(step, GraphStep::Publish { .. })))
                .contains("heard 1 times, and published 0 times")
        );
        assert_eq!(wrong(|it| it.steps.push(publish(2, Taken::No))), "");
    }

    #[test]
    fn an_invitation_that_was_answered_otherwise_and_a_message_that_is_left_are_caught() {
        let status = |id: &str, status: &str| wrong(|it| drop(it.invitations.insert(id.to_owned(), status.to_owned())));
        assert!(status(LISTED, "INVITED").contains("should be ENABLED"));
        assert!(status(OTHER, "ENABLED").contains("should be none"));
        assert!(wrong(|it| it.left.values_mut().for_each(|count| *count = 1)).contains("1 messages are left in queue"));
    }

    #[test]
    fn a_campaign_that_kills_no_function_is_caught() {
        assert!(wrong(|it| it.killed = 0).contains("to be killed 3 times, and none was"));
    }
}
