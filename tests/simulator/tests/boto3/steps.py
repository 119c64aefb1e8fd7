"""Accounts, and steps that many flows take."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

from checking import expect
from control import address_of

ADMINISTRATOR = "111122223333"
MEMBER = "444455556666"
OTHER = "777788889999"
STRANGER = "999900001111"

ROLE = f"arn:aws:iam::{ADMINISTRATOR}:role/web-role"
USER = f"arn:aws:iam::{ADMINISTRATOR}:user/path/alice"

# Well formed, but they do not exist.
NO_GRAPH = f"arn:aws:detective:us-east-1:{ADMINISTRATOR}:graph:{'0' * 32}"
NO_INVESTIGATION = "9" * 21

FIXTURES = Path(__file__).parents[3] / "fixtures"


def graph_of(bench, account, **region):
    """The ARN of the graph that the account administers."""
    [graph] = bench.detective(account, **region).list_graphs()["GraphList"]
    return graph["Arn"]


def invite(bench, administrator, *accounts, **more):
    """Invites accounts under their true addresses; answers what CreateMembers does."""
    return bench.detective(administrator).create_members(
        GraphArn=graph_of(bench, administrator),
        Accounts=[{"AccountId": account, "EmailAddress": address_of(account)} for account in accounts],
        **more,
    )


def join(bench, administrator, *accounts):
    """Invites accounts and accepts for each."""
    invite(bench, administrator, *accounts)
    graph = graph_of(bench, administrator)
    for account in accounts:
        bench.detective(account).accept_invitation(GraphArn=graph)
    return graph


def member_of(bench, administrator, account):
    """What the administrator sees of one member."""
    answer = bench.detective(administrator).get_members(
        GraphArn=graph_of(bench, administrator), AccountIds=[account]
    )
    expect(answer["UnprocessedAccounts"], [])
    [member] = answer["MemberDetails"]
    expect(member["AccountId"], account)
    return member


def status_and_reason(member):
    """Status and reason of a member."""
    return member["Status"], member.get("DisabledReason")


def volume(account, volume_bytes, **more):
    """A scenario of how much data an account sends."""
    return {"account_id": account, "volume_bytes": volume_bytes, **more}


def scope(hours=24):
    """A scope of so many hours that ends in the past."""
    end = datetime(2026, 11, 20, tzinfo=timezone.utc)
    return {"ScopeStartTime": end - timedelta(hours=hours), "ScopeEndTime": end}


def start(bench, entity=ROLE, account=ADMINISTRATOR, hours=24):
    """Starts an investigation; answers its id."""
    answer = bench.detective(account).start_investigation(
        GraphArn=graph_of(bench, account), EntityArn=entity, **scope(hours)
    )
    return answer["InvestigationId"]


def fixture(name):
    """A scenario that comes with the simulator."""
    return json.loads((FIXTURES / "scenarios" / f"{name}.json").read_text(encoding="utf-8"))


def detector_of(bench, account, **region):
    """The id of the account's detector."""
    [detector] = bench.guardduty(account, **region).list_detectors()["DetectorIds"]
    return detector
