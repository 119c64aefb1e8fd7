"""Organizations: their administrator account, their graph, and accounts that become members without an invitation."""

from checking import expect, refused
from control import address_of
from steps import ADMINISTRATOR, MEMBER, OTHER, STRANGER, graph_of, join, member_of, status_and_reason, volume

OPERATIONS = {
    "CreateMembers",
    "DescribeOrganizationConfiguration",
    "DisableOrganizationAdminAccount",
    "EnableOrganizationAdminAccount",
    "ListOrganizationAdminAccounts",
    "UpdateOrganizationConfiguration",
}

MANAGEMENT = "555500005555"


def organize(bench):
    """An organization whose Detective administrator is ADMINISTRATOR; answers its graph."""
    bench.control.organization(MANAGEMENT, ADMINISTRATOR, MEMBER)
    bench.detective(MANAGEMENT).enable_organization_admin_account(AccountId=ADMINISTRATOR)
    return graph_of(bench, ADMINISTRATOR)


def grow(bench, *accounts):
    """The organization gets more accounts."""
    bench.control.organization(
        MANAGEMENT, ADMINISTRATOR, MEMBER, *accounts, detective_administrator=ADMINISTRATOR
    )


def members(bench):
    answer = bench.detective(ADMINISTRATOR).list_members(GraphArn=graph_of(bench, ADMINISTRATOR))
    return {member["AccountId"]: member for member in answer["MemberDetails"]}


def an_administrator_is_named_and_removed(bench):
    bench.control.graphs(exist=False)
    bench.control.organization(MANAGEMENT, ADMINISTRATOR, MEMBER)
    management = bench.detective(MANAGEMENT)
    expect(management.list_organization_admin_accounts()["Administrators"], [])
    before = bench.control.now().replace(microsecond=0)
    management.enable_organization_admin_account(AccountId=ADMINISTRATOR)
    # That account had no graph; it has one now.
    graph = graph_of(bench, ADMINISTRATOR)
    [administrator] = management.list_organization_admin_accounts()["Administrators"]
    expect((administrator["AccountId"], administrator["GraphArn"]), (ADMINISTRATOR, graph))
    assert before <= administrator["DelegationTime"] <= bench.control.now(), administrator
    expect(management.list_organization_admin_accounts(MaxResults=1)["Administrators"], [administrator])

    # Once more is no error; another account is one.
    management.enable_organization_admin_account(AccountId=ADMINISTRATOR)
    expect(management.list_organization_admin_accounts()["Administrators"], [administrator])
    with refused("ValidationException"):
        management.enable_organization_admin_account(AccountId=MEMBER)

    management.disable_organization_admin_account()
    expect(management.list_organization_admin_accounts()["Administrators"], [])
    expect(bench.detective(ADMINISTRATOR).list_graphs()["GraphList"], [])
    with refused("AccessDeniedException"):
        bench.detective(ADMINISTRATOR).describe_organization_configuration(GraphArn=graph)
    with refused("ValidationException"):
        management.disable_organization_admin_account()


def the_delegated_administrator_stays_so_in_organizations(bench):
    organize(bench)
    management = bench.detective(MANAGEMENT)
    management.disable_organization_admin_account()
    # Only it or the management account can follow.
    with refused("ValidationException"):
        management.enable_organization_admin_account(AccountId=MEMBER)
    management.enable_organization_admin_account(AccountId=MANAGEMENT)
    [administrator] = management.list_organization_admin_accounts()["Administrators"]
    expect(administrator["AccountId"], MANAGEMENT)
    management.disable_organization_admin_account()
    management.enable_organization_admin_account(AccountId=ADMINISTRATOR)


def regions_have_administrators_of_their_own(bench):
    organize(bench)
    elsewhere = bench.detective(MANAGEMENT, region="eu-west-1")
    expect(elsewhere.list_organization_admin_accounts()["Administrators"], [])
    elsewhere.enable_organization_admin_account(AccountId=MANAGEMENT)
    [administrator] = elsewhere.list_organization_admin_accounts()["Administrators"]
    expect(administrator["GraphArn"], graph_of(bench, MANAGEMENT, region="eu-west-1"))
    elsewhere.disable_organization_admin_account()
    expect(len(bench.detective(MANAGEMENT).list_organization_admin_accounts()["Administrators"]), 1)


def only_the_management_account_names_an_administrator(bench):
    # Without an organization no account manages one.
    for account in (MANAGEMENT, ADMINISTRATOR):
        with refused("AccessDeniedException"):
            bench.detective(account).list_organization_admin_accounts()
    graph = organize(bench)
    for account in (ADMINISTRATOR, MEMBER, STRANGER):
        client = bench.detective(account)
        for call in (
            lambda: client.list_organization_admin_accounts(),
            lambda: client.enable_organization_admin_account(AccountId=account),
            lambda: client.disable_organization_admin_account(),
        ):
            with refused("AccessDeniedException"):
                call()
    expect(graph_of(bench, ADMINISTRATOR), graph)
    bench.detective(MANAGEMENT).disable_organization_admin_account()
    with refused("ValidationException"):
        bench.detective(MANAGEMENT).enable_organization_admin_account(AccountId=STRANGER)


def only_the_administrator_configures(bench):
    graph = organize(bench)
    for account in (MANAGEMENT, MEMBER, STRANGER):
        client = bench.detective(account)
        with refused("AccessDeniedException"):
            client.describe_organization_configuration(GraphArn=graph)
        with refused("AccessDeniedException"):
            client.update_organization_configuration(GraphArn=graph, AutoEnable=True)
    client = bench.detective(ADMINISTRATOR)
    expect(client.describe_organization_configuration(GraphArn=graph)["AutoEnable"], False)
    client.update_organization_configuration(GraphArn=graph, AutoEnable=True)
    expect(client.describe_organization_configuration(GraphArn=graph)["AutoEnable"], True)
    client.update_organization_configuration(GraphArn=graph)
    expect(client.describe_organization_configuration(GraphArn=graph)["AutoEnable"], True)
    client.update_organization_configuration(GraphArn=graph, AutoEnable=False)
    expect(client.describe_organization_configuration(GraphArn=graph)["AutoEnable"], False)
    with refused("ValidationException"):
        client.describe_organization_configuration(GraphArn=graph_of(bench, MEMBER))


def accounts_that_join_become_members_where_that_is_on(bench):
    graph = organize(bench)
    grow(bench, OTHER)
    expect(members(bench), {}, "that was off")
    bench.detective(ADMINISTRATOR).update_organization_configuration(GraphArn=graph, AutoEnable=True)
    expect(members(bench), {}, "those that are there stay as they are")
    grow(bench, OTHER, STRANGER)
    expect(members(bench).keys(), {STRANGER})
    joined = members(bench)[STRANGER]
    expect(status_and_reason(joined), ("ENABLED", None))
    expect((joined["InvitationType"], joined["EmailAddress"]), ("ORGANIZATION", address_of(STRANGER)))
    expect(joined["DatasourcePackageIngestStates"]["DETECTIVE_CORE"], "STARTED")
    # The same definition again changes nothing; an account that leaves is removed from the members.
    grow(bench, OTHER, STRANGER)
    expect(members(bench), {STRANGER: joined})
    grow(bench, OTHER)
    expect(members(bench), {})


def the_administrator_enables_accounts_without_an_invitation(bench):
    bench.control.scenario(volume(OTHER, None))
    graph = organize(bench)
    grow(bench, OTHER)
    client = bench.detective(ADMINISTRATOR)
    accounts = [{"AccountId": account, "EmailAddress": address_of(account)} for account in (MEMBER, OTHER, STRANGER)]
    answer = client.create_members(GraphArn=graph, Accounts=accounts)
    expect(answer["UnprocessedAccounts"], [])
    found = {member["AccountId"]: member for member in answer["Members"]}
    expect(status_and_reason(found[MEMBER]), ("ENABLED", None))
    expect(found[MEMBER]["InvitationType"], "ORGANIZATION")
    expect(status_and_reason(found[OTHER]), ("ACCEPTED_BUT_DISABLED", "VOLUME_UNKNOWN"))
    # One from outside the organization is invited as ever.
    expect(found[STRANGER]["InvitationType"], "INVITATION")
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, STRANGER)), ("INVITED", None))

    bench.control.scenario(volume(OTHER, 1))
    client.start_monitoring_member(GraphArn=graph, AccountId=OTHER)
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, OTHER)), ("ENABLED", None))


def accounts_of_the_organization_cannot_leave(bench):
    graph = organize(bench)
    accounts = [{"AccountId": MEMBER, "EmailAddress": address_of(MEMBER)}]
    administrator = bench.detective(ADMINISTRATOR)
    administrator.create_members(GraphArn=graph, Accounts=accounts)
    member = bench.detective(MEMBER)
    for call in (member.disassociate_membership, member.reject_invitation, member.accept_invitation):
        with refused("ConflictException"):
            call(GraphArn=graph)
    expect(status_and_reason(member_of(bench, ADMINISTRATOR, MEMBER)), ("ENABLED", None))
    # The administrator decides, as often as it wants.
    expect(administrator.delete_members(GraphArn=graph, AccountIds=[MEMBER])["AccountIds"], [MEMBER])
    [again] = administrator.create_members(GraphArn=graph, Accounts=accounts)["Members"]
    expect(status_and_reason(again), ("ENABLED", None))


def members_by_invitation_stay_so_when_a_graph_becomes_the_organizations(bench):
    graph = join(bench, ADMINISTRATOR, MEMBER, STRANGER)
    expect(organize(bench), graph)
    expect({member["InvitationType"] for member in members(bench).values()}, {"INVITATION"})
    bench.detective(MEMBER).disassociate_membership(GraphArn=graph)
    expect(members(bench).keys(), {STRANGER})
    bench.detective(MANAGEMENT).disable_organization_admin_account()
    expect(bench.detective(STRANGER).list_invitations()["Invitations"], [])


def an_account_defined_as_delegated_administrator_is_one(bench):
    bench.control.organization(MANAGEMENT, ADMINISTRATOR, MEMBER, detective_administrator=ADMINISTRATOR)
    management = bench.detective(MANAGEMENT)
    expect(management.list_organization_admin_accounts()["Administrators"], [])
    with refused("ValidationException"):
        management.enable_organization_admin_account(AccountId=MEMBER)
    management.enable_organization_admin_account(AccountId=ADMINISTRATOR)


def removing_the_delegated_administrator_removes_detectives(bench):
    # Source: DisableOrganizationAdminAccount, "removing the delegated administrator account also removes the Detective
    # administrator account in all Regions, except for Regions where [it] is the organization management account".
    organize(bench)
    elsewhere = bench.detective(MANAGEMENT, region="eu-west-1")
    elsewhere.enable_organization_admin_account(AccountId=MANAGEMENT)
    # The account is not of the organization any more, and so is not its administrator.
    bench.control.organization(MANAGEMENT, MEMBER)
    management = bench.detective(MANAGEMENT)
    expect(management.list_organization_admin_accounts()["Administrators"], [])
    expect(len(elsewhere.list_organization_admin_accounts()["Administrators"]), 1)
    management.enable_organization_admin_account(AccountId=MEMBER)


def a_deleted_organization_graph_leaves_no_administrator(bench):
    graph = organize(bench)
    bench.detective(ADMINISTRATOR).delete_graph(GraphArn=graph)
    management = bench.detective(MANAGEMENT)
    expect(management.list_organization_admin_accounts()["Administrators"], [])
    management.enable_organization_admin_account(AccountId=ADMINISTRATOR)
    assert graph_of(bench, ADMINISTRATOR) != graph


FLOWS = [
    an_administrator_is_named_and_removed,
    the_delegated_administrator_stays_so_in_organizations,
    regions_have_administrators_of_their_own,
    only_the_management_account_names_an_administrator,
    only_the_administrator_configures,
    accounts_that_join_become_members_where_that_is_on,
    the_administrator_enables_accounts_without_an_invitation,
    accounts_of_the_organization_cannot_leave,
    members_by_invitation_stay_so_when_a_graph_becomes_the_organizations,
    an_account_defined_as_delegated_administrator_is_one,
    removing_the_delegated_administrator_removes_detectives,
    a_deleted_organization_graph_leaves_no_administrator,
]
