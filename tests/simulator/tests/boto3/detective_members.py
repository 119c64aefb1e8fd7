"""Members: how much they send, how many there can be, and who sees them."""

from checking import expect, pages, refused
from control import Refused
from steps import ADMINISTRATOR, MEMBER, OTHER, STRANGER, graph_of, invite, join, member_of, status_and_reason, volume

OPERATIONS = {"CreateMembers", "DeleteMembers", "GetMembers", "ListMembers", "StartMonitoringMember"}

TERABYTE = 10**12


def a_member_of_unknown_volume_stays_disabled_until_it_is_known(bench):
    bench.control.scenario(volume(MEMBER, None))
    graph = join(bench, ADMINISTRATOR, MEMBER)
    client = bench.detective(ADMINISTRATOR)
    member = member_of(bench, ADMINISTRATOR, MEMBER)
    expect(status_and_reason(member), ("ACCEPTED_BUT_DISABLED", "VOLUME_UNKNOWN"))
    assert "VolumeUsageInBytes" not in member, member
    assert "STARTED" not in member["DatasourcePackageIngestStates"].values(), member

    # Trying again is no error and changes nothing while the volume is unknown.
    client.start_monitoring_member(GraphArn=graph, AccountId=MEMBER)
    expect(member_of(bench, ADMINISTRATOR, MEMBER), member)
    bench.control.scenario(volume(MEMBER, 5 * TERABYTE))
    client.start_monitoring_member(GraphArn=graph, AccountId=MEMBER)
    member = member_of(bench, ADMINISTRATOR, MEMBER)
    expect(status_and_reason(member), ("ENABLED", None))
    expect(member["PercentOfGraphUtilization"], 50.0)
    expect(member["DatasourcePackageIngestStates"]["DETECTIVE_CORE"], "STARTED")
    with refused("ConflictException"):
        client.start_monitoring_member(GraphArn=graph, AccountId=MEMBER)


def a_graph_takes_in_ten_terabytes_a_day_at_most(bench):
    bench.control.scenario(volume(MEMBER, 6 * TERABYTE), volume(OTHER, 4 * TERABYTE), volume(STRANGER, 1))
    graph = join(bench, ADMINISTRATOR, MEMBER, OTHER, STRANGER)
    client = bench.detective(ADMINISTRATOR)
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, MEMBER)), ("ENABLED", None))
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, OTHER)), ("ENABLED", None))
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, STRANGER)), ("ACCEPTED_BUT_DISABLED", "VOLUME_TOO_HIGH"))
    with refused("ConflictException"):
        bench.detective(STRANGER).disassociate_membership(GraphArn=graph)

    client.start_monitoring_member(GraphArn=graph, AccountId=STRANGER)
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, STRANGER)), ("ACCEPTED_BUT_DISABLED", "VOLUME_TOO_HIGH"))
    bench.detective(OTHER).disassociate_membership(GraphArn=graph)
    client.start_monitoring_member(GraphArn=graph, AccountId=STRANGER)
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, STRANGER)), ("ENABLED", None))


def a_graph_that_takes_in_too_much_takes_no_more(bench):
    bench.control.scenario(volume(MEMBER, 10 * TERABYTE + 1), volume(OTHER, None))
    graph = join(bench, ADMINISTRATOR, MEMBER, OTHER)
    client = bench.detective(ADMINISTRATOR)
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, MEMBER)), ("ACCEPTED_BUT_DISABLED", "VOLUME_TOO_HIGH"))
    # Detective would not enable it; a hand does.
    bench.control.post(f"members/{MEMBER}", {"status": "ENABLED"}, account=ADMINISTRATOR)
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, MEMBER)), ("ENABLED", None))
    for call in (
        lambda: invite(bench, ADMINISTRATOR, STRANGER),
        lambda: client.start_monitoring_member(GraphArn=graph, AccountId=OTHER),
        lambda: client.update_datasource_packages(GraphArn=graph, DatasourcePackages=["EKS_AUDIT"]),
    ):
        with refused("ServiceQuotaExceededException"):
            call()
    expect([member["AccountId"] for member in client.list_members(GraphArn=graph)["MemberDetails"]], [MEMBER, OTHER])
    client.delete_members(GraphArn=graph, AccountIds=[MEMBER])
    invite(bench, ADMINISTRATOR, STRANGER)


def a_volume_that_no_answer_can_hold_is_refused(bench):
    # VolumeUsageInBytes is a long.
    bench.control.scenario(volume(MEMBER, 2**63 - 1))
    join(bench, ADMINISTRATOR, MEMBER)
    expect(member_of(bench, ADMINISTRATOR, MEMBER)["VolumeUsageInBytes"], 2**63 - 1)
    try:
        bench.control.scenario(volume(OTHER, 2**63))
    except Refused as refusal:
        expect(refusal.status, 400)
    else:
        join(bench, ADMINISTRATOR, OTHER)
        raise AssertionError(f"it was returned anyway: {member_of(bench, ADMINISTRATOR, OTHER)}")


def control_sets_the_status_of_members(bench):
    join(bench, ADMINISTRATOR, MEMBER)
    for reason in ("VOLUME_TOO_HIGH", "VOLUME_UNKNOWN"):
        bench.control.post(f"members/{MEMBER}", {"status": "ACCEPTED_BUT_DISABLED", "reason": reason})
        member = member_of(bench, ADMINISTRATOR, MEMBER)
        expect(status_and_reason(member), ("ACCEPTED_BUT_DISABLED", reason))
        expect(member["DatasourcePackageIngestStates"]["DETECTIVE_CORE"], "STOPPED")
    bench.control.post(f"members/{MEMBER}", {"status": "ENABLED"})
    member = member_of(bench, ADMINISTRATOR, MEMBER)
    expect(status_and_reason(member), ("ENABLED", None))
    expect(member["DatasourcePackageIngestStates"]["DETECTIVE_CORE"], "STARTED")


def only_a_disabled_member_can_be_tried_again(bench):
    client = bench.detective(ADMINISTRATOR)
    graph = graph_of(bench, ADMINISTRATOR)
    with refused("ResourceNotFoundException"):
        client.start_monitoring_member(GraphArn=graph, AccountId=MEMBER)
    invite(bench, ADMINISTRATOR, MEMBER)
    with refused("ConflictException"):
        client.start_monitoring_member(GraphArn=graph, AccountId=MEMBER)
    bench.control.scenario(volume(MEMBER, None))
    bench.detective(MEMBER).accept_invitation(GraphArn=graph)
    with refused("AccessDeniedException"):
        bench.detective(MEMBER).start_monitoring_member(GraphArn=graph, AccountId=MEMBER)
    with refused("ResourceNotFoundException"):
        bench.detective(STRANGER).start_monitoring_member(GraphArn=graph, AccountId=MEMBER)
    client.start_monitoring_member(GraphArn=graph, AccountId=MEMBER)


def members_are_for_the_administrator_only(bench):
    graph = join(bench, ADMINISTRATOR, MEMBER)
    accounts = [{"AccountId": OTHER, "EmailAddress": "a@example.com"}]
    for account, code in ((MEMBER, "AccessDeniedException"), (STRANGER, "ResourceNotFoundException")):
        client = bench.detective(account)
        for call in (
            lambda: client.create_members(GraphArn=graph, Accounts=accounts),
            lambda: client.get_members(GraphArn=graph, AccountIds=[MEMBER]),
            lambda: client.list_members(GraphArn=graph),
            lambda: client.delete_members(GraphArn=graph, AccountIds=[MEMBER]),
        ):
            with refused(code):
                call()
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, MEMBER)), ("ENABLED", None))


def a_graph_has_1200_members_at_most(bench):
    client = bench.detective(ADMINISTRATOR)
    graph = graph_of(bench, ADMINISTRATOR)
    accounts = [f"{200_000_000_000 + number}" for number in range(1200)]
    for first in range(0, 1200, 50):
        answer = invite(bench, ADMINISTRATOR, *accounts[first : first + 50])
        expect((len(answer["Members"]), answer["UnprocessedAccounts"]), (50, []))
    with refused("ServiceQuotaExceededException", "1200"):
        invite(bench, ADMINISTRATOR, STRANGER)
    # Those that are members already need no room.
    expect(len(invite(bench, ADMINISTRATOR, *accounts[:50])["UnprocessedAccounts"]), 50)

    found = pages(client.list_members, 200, GraphArn=graph)
    expect([len(page["MemberDetails"]) for page in found], [200] * 6)
    expect([member["AccountId"] for page in found for member in page["MemberDetails"]], accounts)
    expect(len(pages(client.list_members, 7, GraphArn=graph)), 172)

    expect(client.delete_members(GraphArn=graph, AccountIds=accounts[:1])["AccountIds"], accounts[:1])
    with refused("ServiceQuotaExceededException"):
        invite(bench, ADMINISTRATOR, STRANGER, OTHER)
    invite(bench, ADMINISTRATOR, STRANGER)
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, STRANGER)), ("INVITED", None))


def pages_of_members_hold_while_members_come_and_go(bench):
    client = bench.detective(ADMINISTRATOR)
    graph = graph_of(bench, ADMINISTRATOR)
    accounts = [f"{300_000_000_000 + number}" for number in range(0, 50, 5)]
    invite(bench, ADMINISTRATOR, *accounts)

    def page(**more):
        answer = client.list_members(GraphArn=graph, MaxResults=4, **more)
        return [member["AccountId"] for member in answer["MemberDetails"]], answer.get("NextToken")

    first, token = page()
    expect(first, accounts[:4])
    # The last returned one is removed, one before and one after it are added: the next page neither repeats nor omits any.
    client.delete_members(GraphArn=graph, AccountIds=[accounts[3]])
    invite(bench, ADMINISTRATOR, "300000000001", "300000000017")
    second, later = page(NextToken=token)
    expect(second, ["300000000017", *accounts[4:7]])
    expect(page(NextToken=token)[0], second, "the same token again")
    third, end = page(NextToken=later)
    expect((third, end), (accounts[7:], None))


def page_tokens_last_24_hours_and_are_good_for_one_listing(bench):
    client = bench.detective(ADMINISTRATOR)
    graph = join(bench, ADMINISTRATOR, MEMBER, OTHER)
    bench.control.stop_clock()
    token = client.list_members(GraphArn=graph, MaxResults=1)["NextToken"]
    bench.control.advance(24 * 3600)
    expect(len(client.list_members(GraphArn=graph, NextToken=token)["MemberDetails"]), 1)
    bench.control.advance(1)
    with refused("ValidationException", "expired"):
        client.list_members(GraphArn=graph, NextToken=token)

    token = client.list_members(GraphArn=graph, MaxResults=1)["NextToken"]
    for call in (
        lambda: client.list_datasource_packages(GraphArn=graph, NextToken=token),
        lambda: client.list_investigations(GraphArn=graph, NextToken=token),
        lambda: client.list_graphs(NextToken=token),
        lambda: client.list_members(GraphArn=graph, NextToken=token[:-1]),
        lambda: bench.detective(MEMBER).list_invitations(NextToken=token),
    ):
        with refused("ValidationException"):
            call()
    expect(len(client.list_members(GraphArn=graph, NextToken=token, MaxResults=200)["MemberDetails"]), 1)


FLOWS = [
    a_member_of_unknown_volume_stays_disabled_until_it_is_known,
    a_graph_takes_in_ten_terabytes_a_day_at_most,
    a_graph_that_takes_in_too_much_takes_no_more,
    a_volume_that_no_answer_can_hold_is_refused,
    control_sets_the_status_of_members,
    only_a_disabled_member_can_be_tried_again,
    members_are_for_the_administrator_only,
    a_graph_has_1200_members_at_most,
    pages_of_members_hold_while_members_come_and_go,
    page_tokens_last_24_hours_and_are_good_for_one_listing,
]
