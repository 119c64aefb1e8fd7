"""Invitations: how an account becomes a member of a graph, and how it ceases to be one."""

from datetime import timedelta

from checking import expect, pages, refused
from control import address_of
from steps import ADMINISTRATOR, MEMBER, OTHER, STRANGER, graph_of, invite, join, member_of, status_and_reason

OPERATIONS = {
    "AcceptInvitation",
    "CreateMembers",
    "DeleteMembers",
    "DisassociateMembership",
    "GetMembers",
    "ListInvitations",
    "ListMembers",
    "RejectInvitation",
}


def an_account_is_invited_accepts_and_leaves(bench):
    graph = graph_of(bench, ADMINISTRATOR)
    before = bench.control.now().replace(microsecond=0)
    answer = invite(bench, ADMINISTRATOR, MEMBER, Message="Join us.", DisableEmailNotification=True)
    expect(answer["UnprocessedAccounts"], [])
    [invited] = answer["Members"]
    for name, value in (
        ("AccountId", MEMBER),
        ("EmailAddress", address_of(MEMBER)),
        ("GraphArn", graph),
        ("AdministratorId", ADMINISTRATOR),
        ("MasterId", ADMINISTRATOR),
        ("InvitationType", "INVITATION"),
    ):
        expect(invited[name], value, name)
    assert before <= invited["InvitedTime"] <= bench.control.now(), invited
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, MEMBER)), ("INVITED", None))

    member = bench.detective(MEMBER)
    [invitation] = member.list_invitations()["Invitations"]
    expect((invitation["GraphArn"], invitation["Status"]), (graph, "INVITED"))
    assert not invitation.get("DatasourcePackageIngestStates"), "it sends data before it accepted"

    member.accept_invitation(GraphArn=graph)
    enabled = member_of(bench, ADMINISTRATOR, MEMBER)
    expect(status_and_reason(enabled), ("ENABLED", None))
    expect(enabled["InvitedTime"], invited["InvitedTime"])
    assert enabled["UpdatedTime"] >= enabled["InvitedTime"], enabled
    expect(enabled["DatasourcePackageIngestStates"]["DETECTIVE_CORE"], "STARTED")
    expect(enabled["VolumeUsageInBytes"], 1_000_000_000)
    expect(enabled["VolumeUsageByDatasourcePackage"]["DETECTIVE_CORE"]["VolumeUsageInBytes"], 1_000_000_000)
    assert 0 < enabled["PercentOfGraphUtilization"] < 100, enabled
    expect(member.list_invitations()["Invitations"], [enabled])
    expect(bench.detective(ADMINISTRATOR).list_members(GraphArn=graph)["MemberDetails"], [enabled])

    member.disassociate_membership(GraphArn=graph)
    expect(member.list_invitations()["Invitations"], [])
    expect(bench.detective(ADMINISTRATOR).list_members(GraphArn=graph)["MemberDetails"], [])
    with refused("ResourceNotFoundException"):
        member.disassociate_membership(GraphArn=graph)


def an_account_that_left_rejected_or_was_removed_is_invited_again(bench):
    graph = graph_of(bench, ADMINISTRATOR)
    member = bench.detective(MEMBER)

    def invited_again():
        answer = invite(bench, ADMINISTRATOR, MEMBER)
        expect((len(answer["Members"]), answer["UnprocessedAccounts"]), (1, []))
        expect(status_and_reason(member_of(bench, ADMINISTRATOR, MEMBER)), ("INVITED", None))

    invited_again()
    member.reject_invitation(GraphArn=graph)
    expect(member.list_invitations()["Invitations"], [])
    for call in (member.accept_invitation, member.reject_invitation, member.disassociate_membership):
        with refused("ResourceNotFoundException"):
            call(GraphArn=graph)

    invited_again()
    member.accept_invitation(GraphArn=graph)
    member.disassociate_membership(GraphArn=graph)

    invited_again()
    member.accept_invitation(GraphArn=graph)
    answer = bench.detective(ADMINISTRATOR).delete_members(GraphArn=graph, AccountIds=[MEMBER])
    expect((answer["AccountIds"], answer["UnprocessedAccounts"]), ([MEMBER], []))
    expect(member.list_invitations()["Invitations"], [])
    with refused("ResourceNotFoundException"):
        member.disassociate_membership(GraphArn=graph)
    invited_again()


def answers_to_an_invitation_fit_its_status(bench):
    graph = graph_of(bench, ADMINISTRATOR)
    member = bench.detective(MEMBER)
    invite(bench, ADMINISTRATOR, MEMBER)
    with refused("ConflictException"):
        member.disassociate_membership(GraphArn=graph)
    member.accept_invitation(GraphArn=graph)
    with refused("ConflictException"):
        member.accept_invitation(GraphArn=graph)
    with refused("ConflictException"):
        member.reject_invitation(GraphArn=graph)
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, MEMBER)), ("ENABLED", None))


def only_the_invited_can_answer_an_invitation(bench):
    graph = graph_of(bench, ADMINISTRATOR)
    invite(bench, ADMINISTRATOR, MEMBER)
    for account in (STRANGER, ADMINISTRATOR):
        client = bench.detective(account)
        for call in (client.accept_invitation, client.reject_invitation, client.disassociate_membership):
            with refused("ResourceNotFoundException"):
                call(GraphArn=graph)
    # An invitation is of one Region.
    elsewhere = bench.detective(MEMBER, region="eu-west-1")
    expect(elsewhere.list_invitations()["Invitations"], [])
    with refused("ResourceNotFoundException"):
        elsewhere.accept_invitation(GraphArn=graph)


def a_verification_takes_so_many_checks(bench):
    bench.control.scenario({"account_id": MEMBER, "ends": {"after_checks": 2}})
    graph = graph_of(bench, ADMINISTRATOR)
    answer = invite(bench, ADMINISTRATOR, MEMBER, OTHER)
    found = {member["AccountId"]: member["Status"] for member in answer["Members"]}
    expect(found[MEMBER], "VERIFICATION_IN_PROGRESS")
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, OTHER)), ("INVITED", None))

    # Until then there is nothing to see or to accept.
    expect(bench.detective(MEMBER).list_invitations()["Invitations"], [])
    with refused("ResourceNotFoundException"):
        bench.detective(MEMBER).accept_invitation(GraphArn=graph)
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, MEMBER)), ("VERIFICATION_IN_PROGRESS", None))
    listed = bench.detective(ADMINISTRATOR).list_members(GraphArn=graph)["MemberDetails"]
    expect([member["Status"] for member in listed], ["VERIFICATION_IN_PROGRESS", "INVITED"])
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, MEMBER)), ("INVITED", None))
    expect(len(bench.detective(MEMBER).list_invitations()["Invitations"]), 1)


def a_status_has_one_time_of_its_last_change(bench):
    bench.control.stop_clock()
    bench.control.scenario({"account_id": MEMBER, "ends": {"after_checks": 1}})
    invite(bench, ADMINISTRATOR, MEMBER)
    member_of(bench, ADMINISTRATOR, MEMBER)
    invited = member_of(bench, ADMINISTRATOR, MEMBER)
    expect(status_and_reason(invited), ("INVITED", None))
    bench.control.advance(3600)
    expect(member_of(bench, ADMINISTRATOR, MEMBER)["UpdatedTime"], invited["UpdatedTime"], "nothing changed since")


def a_verification_takes_so_much_time(bench):
    bench.control.scenario({"account_id": "4444*", "ends": {"after_seconds": 60}})
    bench.control.stop_clock()
    [invited] = invite(bench, ADMINISTRATOR, MEMBER)["Members"]
    expect(status_and_reason(invited), ("VERIFICATION_IN_PROGRESS", None))
    bench.control.advance(59)
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, MEMBER)), ("VERIFICATION_IN_PROGRESS", None))
    bench.control.advance(3600)
    later = member_of(bench, ADMINISTRATOR, MEMBER)
    expect(status_and_reason(later), ("INVITED", None))
    expect(later["UpdatedTime"], invited["InvitedTime"] + timedelta(seconds=60))


def a_verification_fails(bench):
    bench.control.scenario({"account_id": MEMBER, "outcome": "VERIFICATION_FAILED"})
    graph = graph_of(bench, ADMINISTRATOR)
    invite(bench, ADMINISTRATOR, MEMBER)
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, MEMBER)), ("VERIFICATION_FAILED", None))
    member = bench.detective(MEMBER)
    expect(member.list_invitations()["Invitations"], [])
    for call in (member.accept_invitation, member.reject_invitation):
        with refused("ResourceNotFoundException"):
            call(GraphArn=graph)

    # Invited once more under the right address, it is verified.
    bench.control.scenario({"account_id": MEMBER})
    [again] = bench.detective(ADMINISTRATOR).create_members(
        GraphArn=graph, Accounts=[{"AccountId": MEMBER, "EmailAddress": "right@example.com"}]
    )["Members"]
    expect(again["EmailAddress"], "right@example.com")
    member.accept_invitation(GraphArn=graph)
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, MEMBER)), ("ENABLED", None))


def a_verification_is_ended_by_control(bench):
    bench.control.scenario({"account_id": "*", "ends": "by_hand"})
    invite(bench, ADMINISTRATOR, MEMBER, OTHER)
    bench.control.advance(30 * 24 * 3600)
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, MEMBER)), ("VERIFICATION_IN_PROGRESS", None))
    bench.control.post(f"members/{MEMBER}", {"status": "INVITED"}, account=ADMINISTRATOR)
    bench.control.post(f"members/{OTHER}", {"status": "VERIFICATION_FAILED"}, account=ADMINISTRATOR)
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, MEMBER)), ("INVITED", None))
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, OTHER)), ("VERIFICATION_FAILED", None))
    bench.detective(MEMBER).accept_invitation(GraphArn=graph_of(bench, ADMINISTRATOR))


def an_account_is_in_the_graphs_of_several_administrators(bench):
    graphs = {account: join(bench, account, MEMBER) for account in (ADMINISTRATOR, OTHER)}
    # An administrator can be a member elsewhere, too.
    invite(bench, STRANGER, MEMBER, ADMINISTRATOR)
    client = bench.detective(MEMBER)
    all_there_are = client.list_invitations()["Invitations"]
    expect(sorted(one["Status"] for one in all_there_are), ["ENABLED", "ENABLED", "INVITED"])
    for size in (1, 2, 3, 200):
        found = pages(client.list_invitations, size)
        expect([len(page["Invitations"]) for page in found[:-1]], [size] * (len(found) - 1))
        expect([one for page in found for one in page["Invitations"]], all_there_are, f"pages of {size}")
    client.disassociate_membership(GraphArn=graphs[OTHER])
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, MEMBER)), ("ENABLED", None))
    expect(len(client.list_invitations()["Invitations"]), 2)
    expect(len(bench.detective(ADMINISTRATOR).list_invitations()["Invitations"]), 1)


def accounts_that_cannot_be_processed_are_reported_with_a_reason(bench):
    client = bench.detective(ADMINISTRATOR)
    graph = join(bench, ADMINISTRATOR, MEMBER)

    answer = invite(bench, ADMINISTRATOR, MEMBER, OTHER, ADMINISTRATOR, OTHER)
    expect([member["AccountId"] for member in answer["Members"]], [OTHER])
    expect(_unprocessed(answer), sorted([MEMBER, ADMINISTRATOR, OTHER]))
    # What was there already stays as it is.
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, MEMBER)), ("ENABLED", None))

    answer = client.get_members(GraphArn=graph, AccountIds=[STRANGER, OTHER, MEMBER])
    expect(sorted(member["AccountId"] for member in answer["MemberDetails"]), sorted([OTHER, MEMBER]))
    expect(_unprocessed(answer), [STRANGER])

    answer = client.delete_members(GraphArn=graph, AccountIds=[STRANGER, MEMBER, ADMINISTRATOR])
    expect(answer["AccountIds"], [MEMBER])
    expect(_unprocessed(answer), sorted([STRANGER, ADMINISTRATOR]))
    answer = client.delete_members(GraphArn=graph, AccountIds=[MEMBER])
    expect((answer.get("AccountIds", []), _unprocessed(answer)), ([], [MEMBER]))
    answer = client.get_members(GraphArn=graph, AccountIds=[MEMBER, OTHER])
    expect(_unprocessed(answer), [MEMBER])


def _unprocessed(answer):
    for account in answer["UnprocessedAccounts"]:
        assert account["Reason"], account
    return sorted(account["AccountId"] for account in answer["UnprocessedAccounts"])


def invalid_accounts_are_reported(bench):
    client = bench.detective(ADMINISTRATOR)
    graph = graph_of(bench, ADMINISTRATOR)

    def account(number):
        return {"AccountId": f"{number:012}", "EmailAddress": f"owner{number}@example.com"}

    # The one message that is known word by word.
    says = "CreateMembersRequest.Accounts must have length less than or equal to 50. Found 100."
    with refused("ValidationException", says) as refusal:
        client.create_members(GraphArn=graph, Accounts=[account(number) for number in range(100)])
    expect(refusal.response["ErrorCode"], "INVALID_REQUEST_BODY")
    for wrong in (
        {"AccountId": "44445555666x"},
        {"AccountId": "4" * 13},
        {"EmailAddress": "invalid"},
        {"EmailAddress": "a@-example.com"},
        {"EmailAddress": f"{'a' * 60}@example.com"},
    ):
        with refused("ValidationException"):
            client.create_members(GraphArn=graph, Accounts=[account(1), account(2) | wrong])
    with refused("ValidationException"):
        invite(bench, ADMINISTRATOR, MEMBER, Message="a" * 1001)
    with refused("ValidationException"):
        client.get_members(GraphArn=graph, AccountIds=[f"{number:012}" for number in range(51)])
    with refused("ValidationException"):
        client.delete_members(GraphArn=graph, AccountIds=[f"{number:012}" for number in range(51)])
    # None of them left anything behind.
    expect(client.list_members(GraphArn=graph)["MemberDetails"], [])
    invite(bench, ADMINISTRATOR, MEMBER, Message="ä" * 1000)


FLOWS = [
    an_account_is_invited_accepts_and_leaves,
    an_account_that_left_rejected_or_was_removed_is_invited_again,
    answers_to_an_invitation_fit_its_status,
    only_the_invited_can_answer_an_invitation,
    a_verification_takes_so_many_checks,
    a_status_has_one_time_of_its_last_change,
    a_verification_takes_so_much_time,
    a_verification_fails,
    a_verification_is_ended_by_control,
    an_account_is_in_the_graphs_of_several_administrators,
    accounts_that_cannot_be_processed_are_reported_with_a_reason,
    invalid_accounts_are_reported,
]
