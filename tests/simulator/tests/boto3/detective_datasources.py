"""Data source packages of graphs and of their members."""

from checking import expect, pages, refused
from steps import ADMINISTRATOR, MEMBER, NO_GRAPH, OTHER, STRANGER, graph_of, invite, join, member_of, volume

OPERATIONS = {
    "BatchGetGraphMemberDatasources",
    "BatchGetMembershipDatasources",
    "ListDatasourcePackages",
    "UpdateDatasourcePackages",
}

ALL = {"DETECTIVE_CORE", "EKS_AUDIT", "ASFF_SECURITYHUB_FINDING"}


def packages_of(bench, account=ADMINISTRATOR):
    """The packages of the account's graph, from a single page."""
    answer = bench.detective(account).list_datasource_packages(GraphArn=graph_of(bench, account))
    assert "NextToken" not in answer, answer
    return answer["DatasourcePackages"]


def states(packages):
    return {name: package["DatasourcePackageIngestState"] for name, package in packages.items()}


def history_of(bench, account):
    """When a member's packages entered their states, as reported to the graph's administrator."""
    answer = bench.detective(ADMINISTRATOR).batch_get_graph_member_datasources(
        GraphArn=graph_of(bench, ADMINISTRATOR), AccountIds=[account]
    )
    expect(answer["UnprocessedAccounts"], [])
    [member] = answer["MemberDatasources"]
    expect((member["AccountId"], member["GraphArn"]), (account, graph_of(bench, ADMINISTRATOR)))
    return plain(member["DatasourcePackageIngestHistory"])


def plain(history):
    """A history with a time where the API has a structure around it."""
    return {
        package: {state: change["Timestamp"] for state, change in changes.items()}
        for package, changes in history.items()
    }


def packages_are_started(bench):
    client = bench.detective(ADMINISTRATOR)
    graph = graph_of(bench, ADMINISTRATOR)
    bench.control.stop_clock()
    before = packages_of(bench)
    expect(before.keys(), ALL)
    expect(states(before)["DETECTIVE_CORE"], "STARTED")
    expect({states(before)[name] for name in ALL - {"DETECTIVE_CORE"}}, {"DISABLED"})

    started = bench.control.advance(60)
    client.update_datasource_packages(GraphArn=graph, DatasourcePackages=["EKS_AUDIT"])
    after = packages_of(bench)
    expect(states(after), states(before) | {"EKS_AUDIT": "STARTED"})
    changes = after["EKS_AUDIT"]["LastIngestStateChange"]
    expect(changes["STARTED"]["Timestamp"], started)
    expect(changes["DISABLED"], before["EKS_AUDIT"]["LastIngestStateChange"]["DISABLED"])
    expect(after["DETECTIVE_CORE"], before["DETECTIVE_CORE"])

    # Starting what is started changes nothing.
    bench.control.advance(60)
    client.update_datasource_packages(GraphArn=graph, DatasourcePackages=["EKS_AUDIT", "DETECTIVE_CORE"])
    expect(packages_of(bench), after)
    client.update_datasource_packages(GraphArn=graph, DatasourcePackages=sorted(ALL))
    expect(set(states(packages_of(bench)).values()), {"STARTED"})


def packages_are_stopped_by_control_and_started_again(bench):
    client = bench.detective(ADMINISTRATOR)
    graph = join(bench, ADMINISTRATOR, MEMBER)
    bench.control.stop_clock()
    stopped = bench.control.advance(60)
    bench.control.post("datasources", {"package": "DETECTIVE_CORE", "state": "STOPPED"}, account=ADMINISTRATOR)
    expect(states(packages_of(bench))["DETECTIVE_CORE"], "STOPPED")
    expect(history_of(bench, MEMBER)["DETECTIVE_CORE"]["STOPPED"], stopped)
    expect(states(packages_of(bench, OTHER))["DETECTIVE_CORE"], "STARTED", "another's graph")
    again = bench.control.advance(60)
    client.update_datasource_packages(GraphArn=graph, DatasourcePackages=["DETECTIVE_CORE"])
    changes = packages_of(bench)["DETECTIVE_CORE"]["LastIngestStateChange"]
    expect({state: change["Timestamp"] for state, change in changes.items()}, {"STOPPED": stopped, "STARTED": again})
    expect(history_of(bench, MEMBER)["DETECTIVE_CORE"], {"STOPPED": stopped, "STARTED": again})


def packages_are_listed_in_pages(bench):
    client = bench.detective(ADMINISTRATOR)
    graph = graph_of(bench, ADMINISTRATOR)
    whole = packages_of(bench)
    for size in (1, 2, 3):
        found = pages(client.list_datasource_packages, size, GraphArn=graph)
        expect([len(page["DatasourcePackages"]) for page in found], {1: [1, 1, 1], 2: [2, 1], 3: [3]}[size])
        together = {}
        for page in found:
            assert not together.keys() & page["DatasourcePackages"].keys(), "a package comes twice"
            together |= page["DatasourcePackages"]
        expect(together, whole)
    with refused("ValidationException"):
        client.list_datasource_packages(GraphArn=graph, MaxResults=201)


def a_member_sends_what_the_graph_takes_in(bench):
    bench.control.stop_clock()
    client = bench.detective(ADMINISTRATOR)
    graph = graph_of(bench, ADMINISTRATOR)
    client.update_datasource_packages(GraphArn=graph, DatasourcePackages=["EKS_AUDIT"])
    invite(bench, ADMINISTRATOR, MEMBER)
    expect(history_of(bench, MEMBER), {}, "it sends data before it accepted")

    accepted = bench.control.advance(60)
    bench.detective(MEMBER).accept_invitation(GraphArn=graph)
    expect(history_of(bench, MEMBER), {name: {"STARTED": accepted} for name in ("DETECTIVE_CORE", "EKS_AUDIT")})
    found = member_of(bench, ADMINISTRATOR, MEMBER)["DatasourcePackageIngestStates"]
    expect(found, {"DETECTIVE_CORE": "STARTED", "EKS_AUDIT": "STARTED"})

    later = bench.control.advance(60)
    client.update_datasource_packages(GraphArn=graph, DatasourcePackages=["ASFF_SECURITYHUB_FINDING"])
    expect(history_of(bench, MEMBER)["ASFF_SECURITYHUB_FINDING"], {"STARTED": later})


def a_disabled_member_sends_nothing(bench):
    bench.control.stop_clock()
    bench.control.scenario(volume(MEMBER, None))
    graph = join(bench, ADMINISTRATOR, MEMBER)
    expect(history_of(bench, MEMBER), {})
    bench.control.scenario(volume(MEMBER, 1))
    started = bench.control.advance(60)
    bench.detective(ADMINISTRATOR).start_monitoring_member(GraphArn=graph, AccountId=MEMBER)
    expect(history_of(bench, MEMBER), {"DETECTIVE_CORE": {"STARTED": started}})
    stopped = bench.control.advance(60)
    bench.control.post(f"members/{MEMBER}", {"status": "ACCEPTED_BUT_DISABLED", "reason": "VOLUME_TOO_HIGH"})
    expect(history_of(bench, MEMBER), {"DETECTIVE_CORE": {"STARTED": started, "STOPPED": stopped}})
    # What the graph starts from now on is none of its business.
    bench.detective(ADMINISTRATOR).update_datasource_packages(GraphArn=graph, DatasourcePackages=["EKS_AUDIT"])
    expect(history_of(bench, MEMBER).keys(), {"DETECTIVE_CORE"})


def a_member_sees_what_it_sends_into_each_graph(bench):
    mine = join(bench, ADMINISTRATOR, MEMBER)
    bench.detective(OTHER).update_datasource_packages(GraphArn=graph_of(bench, OTHER), DatasourcePackages=["EKS_AUDIT"])
    others = join(bench, OTHER, MEMBER)
    strangers = graph_of(bench, STRANGER)
    answer = bench.detective(MEMBER).batch_get_membership_datasources(GraphArns=[strangers, mine, others, NO_GRAPH])
    found = {one["GraphArn"]: one for one in answer["MembershipDatasources"]}
    expect(found.keys(), {mine, others})
    expect({one["AccountId"] for one in found.values()}, {MEMBER})
    expect(found[mine]["DatasourcePackageIngestHistory"].keys(), {"DETECTIVE_CORE"})
    expect(found[others]["DatasourcePackageIngestHistory"].keys(), {"DETECTIVE_CORE", "EKS_AUDIT"})
    expect(plain(found[mine]["DatasourcePackageIngestHistory"]), history_of(bench, MEMBER))
    expect(sorted(one["GraphArn"] for one in answer["UnprocessedGraphs"]), sorted([strangers, NO_GRAPH]))
    assert all(one["Reason"] for one in answer["UnprocessedGraphs"]), answer

    answer = bench.detective(STRANGER).batch_get_membership_datasources(GraphArns=[mine])
    expect((answer["MembershipDatasources"], len(answer["UnprocessedGraphs"])), ([], 1))


def accounts_that_are_not_members_are_reported_as_unprocessed(bench):
    client = bench.detective(ADMINISTRATOR)
    graph = join(bench, ADMINISTRATOR, MEMBER)
    answer = client.batch_get_graph_member_datasources(GraphArn=graph, AccountIds=[STRANGER, MEMBER])
    expect([one["AccountId"] for one in answer["MemberDatasources"]], [MEMBER])
    expect([one["AccountId"] for one in answer["UnprocessedAccounts"]], [STRANGER])
    many = [f"{number:012}" for number in range(200)]
    answer = client.batch_get_graph_member_datasources(GraphArn=graph, AccountIds=many)
    expect(len(answer["UnprocessedAccounts"]), 200)
    with refused("ValidationException"):
        client.batch_get_graph_member_datasources(GraphArn=graph, AccountIds=[*many, MEMBER])
    with refused("ValidationException"):
        client.batch_get_membership_datasources(GraphArns=[NO_GRAPH] * 51)
    with refused("ValidationException"):
        client.update_datasource_packages(GraphArn=graph, DatasourcePackages=["VPC_FLOW"])
    with refused("ValidationException"):
        client.update_datasource_packages(GraphArn=graph, DatasourcePackages=["EKS_AUDIT"] * 26)
    expect(states(packages_of(bench))["EKS_AUDIT"], "DISABLED")


def packages_are_for_the_administrator_only(bench):
    graph = join(bench, ADMINISTRATOR, MEMBER)
    for account, code in ((MEMBER, "AccessDeniedException"), (STRANGER, "ResourceNotFoundException")):
        client = bench.detective(account)
        for call in (
            lambda: client.list_datasource_packages(GraphArn=graph),
            lambda: client.update_datasource_packages(GraphArn=graph, DatasourcePackages=["EKS_AUDIT"]),
            lambda: client.batch_get_graph_member_datasources(GraphArn=graph, AccountIds=[MEMBER]),
        ):
            with refused(code):
                call()
    expect(states(packages_of(bench))["EKS_AUDIT"], "DISABLED")


FLOWS = [
    packages_are_started,
    packages_are_stopped_by_control_and_started_again,
    packages_are_listed_in_pages,
    a_member_sends_what_the_graph_takes_in,
    a_disabled_member_sends_nothing,
    a_member_sees_what_it_sends_into_each_graph,
    accounts_that_are_not_members_are_reported_as_unprocessed,
    packages_are_for_the_administrator_only,
]
