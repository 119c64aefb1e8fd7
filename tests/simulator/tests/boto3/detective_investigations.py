"""Investigations: from their start to their indicators."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

from checking import expect, pages, refused
from control import Refused
from steps import (
    ADMINISTRATOR,
    MEMBER,
    NO_GRAPH,
    NO_INVESTIGATION,
    ROLE,
    STRANGER,
    USER,
    fixture,
    graph_of,
    join,
    scope,
    start,
)

OPERATIONS = {"GetInvestigation", "ListIndicators", "StartInvestigation", "UpdateInvestigationState"}

ALL_TYPES = {
    "TTP_OBSERVED",
    "IMPOSSIBLE_TRAVEL",
    "FLAGGED_IP_ADDRESS",
    "NEW_GEOLOCATION",
    "NEW_ASO",
    "NEW_USER_AGENT",
    "RELATED_FINDING",
    "RELATED_FINDING_GROUP",
}


def get(bench, investigation, account=ADMINISTRATOR):
    return bench.detective(account).get_investigation(
        GraphArn=graph_of(bench, account), InvestigationId=investigation
    )


def get_until_done(bench, investigation):
    """All answers up to the first that is not RUNNING."""
    answers = [get(bench, investigation)]
    while answers[-1]["Status"] == "RUNNING":
        assert "Severity" not in answers[-1], answers[-1]
        assert len(answers) < 100, "it does not end"
        answers.append(get(bench, investigation))
    return answers


def an_investigation_runs_and_ends(bench):
    graph = graph_of(bench, ADMINISTRATOR)
    before = bench.control.now()
    investigation = start(bench, USER)
    *running, done = get_until_done(bench, investigation)
    expect(len(running), 2)
    expect((done["Status"], done["Severity"], done["State"]), ("SUCCESSFUL", "INFORMATIONAL", "ACTIVE"))
    expect((done["GraphArn"], done["InvestigationId"]), (graph, investigation))
    expect((done["EntityArn"], done["EntityType"]), (USER, "IAM_USER"))
    expect({name: done[name] for name in scope()}, scope())
    assert before <= done["CreatedTime"] <= bench.control.now(), done
    expect(get(bench, investigation)["CreatedTime"], done["CreatedTime"])
    expect(indicators(bench, investigation), [])
    role = start(bench, ROLE)
    assert role != investigation, "the id came again"
    expect(get(bench, role)["EntityType"], "IAM_ROLE")


def indicators(bench, investigation, **more):
    answer = bench.detective(ADMINISTRATOR).list_indicators(
        GraphArn=graph_of(bench, ADMINISTRATOR), InvestigationId=investigation, **more
    )
    assert "NextToken" not in answer, answer
    return answer["Indicators"]


def indicators_of_all_eight_types_are_listed(bench):
    high = fixture("high")
    bench.control.scenario(high)
    client = bench.detective(ADMINISTRATOR)
    graph = graph_of(bench, ADMINISTRATOR)
    investigation = start(bench)
    expect(indicators(bench, investigation), [], "it still runs")
    *running, done = get_until_done(bench, investigation)
    expect((len(running), done["Status"], done["Severity"]), (3, "SUCCESSFUL", "CRITICAL"))

    whole = indicators(bench, investigation)
    expect(whole, high["indicators"])
    expect({indicator["IndicatorType"] for indicator in whole}, ALL_TYPES)
    for size in (1, 3, len(whole), 100):
        found = pages(client.list_indicators, size, GraphArn=graph, InvestigationId=investigation)
        expect([len(page["Indicators"]) for page in found[:-1]], [size] * (len(found) - 1))
        expect([one for page in found for one in page["Indicators"]], whole, f"pages of {size}")
        expect({(page["GraphArn"], page["InvestigationId"]) for page in found}, {(graph, investigation)})
    for kind in ALL_TYPES:
        of_kind = [indicator for indicator in whole if indicator["IndicatorType"] == kind]
        expect(indicators(bench, investigation, IndicatorType=kind), of_kind)
        found = pages(client.list_indicators, 1, GraphArn=graph, InvestigationId=investigation, IndicatorType=kind)
        expect([one for page in found for one in page["Indicators"]], of_kind)
    with refused("ValidationException"):
        indicators(bench, investigation, IndicatorType="NEW_PLANET")
    with refused("ValidationException"):
        indicators(bench, investigation, MaxResults=101)


def an_indicator_that_no_answer_can_hold_is_refused(bench):
    # HourlyTimeDelta is an integer of 32 bits.
    detail = {"ImpossibleTravelDetail": {"HourlyTimeDelta": 2**31}}
    try:
        bench.control.scenario(
            {
                "entity_arn": "*",
                "ends": {"after_checks": 0},
                "indicators": [{"IndicatorType": "IMPOSSIBLE_TRAVEL", "IndicatorDetail": detail}],
            }
        )
    except Refused as refusal:
        expect(refusal.status, 400)
    else:
        raise AssertionError(f"it was returned anyway: {indicators(bench, start(bench))}")


def investigations_end_as_the_scenarios_say(bench):
    bench.control.stop_clock()
    bench.control.scenario(
        {"entity_arn": "*/failed", "ends": {"after_checks": 0}, "outcome": "FAILED"},
        {"entity_arn": "*/later", "ends": {"after_seconds": 600}, "severity": "HIGH"},
        {"entity_arn": "*/by-hand", "ends": "by_hand", "severity": "LOW"},
        {"entity_arn": "*/never", "ends": "never"},
    )

    def of(name):
        return f"arn:aws:iam::{ADMINISTRATOR}:role/{name}"

    ids = {name: start(bench, of(name)) for name in ("failed", "later", "by-hand", "never")}
    failed = get(bench, ids["failed"])
    expect((failed["Status"], failed.get("Severity")), ("FAILED", None))
    expect(indicators(bench, ids["failed"]), [])

    bench.control.advance(599)
    expect(get(bench, ids["later"])["Status"], "RUNNING")
    bench.control.advance(1)
    later = get(bench, ids["later"])
    expect((later["Status"], later["Severity"]), ("SUCCESSFUL", "HIGH"))

    bench.control.advance(30 * 24 * 3600)
    for name, status in (("by-hand", "SUCCESSFUL"), ("never", "FAILED")):
        expect(get(bench, ids[name])["Status"], "RUNNING")
        bench.control.post(f"investigations/{ids[name]}/step", {"status": status})
        expect(get(bench, ids[name])["Status"], status)
    expect(get(bench, ids["by-hand"])["Severity"], "LOW")


def an_entity_that_the_graph_does_not_know_is_not_found(bench):
    bench.control.scenario({"entity_arn": USER, "known_to_graph": False})
    with refused("ResourceNotFoundException"):
        start(bench, USER)
    start(bench, ROLE)
    # That scenario is of one account only.
    bench.control.scenario({"entity_arn": "*", "known_to_graph": False}, account=STRANGER)
    with refused("ResourceNotFoundException"):
        start(bench, ROLE, account=STRANGER)
    start(bench, ROLE)


def only_users_and_roles_are_investigated(bench):
    for entity in (
        f"arn:aws:iam::{ADMINISTRATOR}:root",
        f"arn:aws:iam::{ADMINISTRATOR}:group/admins",
        f"arn:aws:iam::{ADMINISTRATOR}:instance-profile/web",
        f"arn:aws:sts::{ADMINISTRATOR}:assumed-role/web/session",
        f"arn:aws:iam::{ADMINISTRATOR}:role/",
        f"arn:aws:iam::{ADMINISTRATOR}:user/{'a' * 65}",
        "arn:aws:s3:::bucket",
        "web-role",
    ):
        with refused("ValidationException"):
            start(bench, entity)
    for entity in (
        f"arn:aws-us-gov:iam::{ADMINISTRATOR}:role/aws-service-role/x.amazonaws.com/Name_1",
        f"arn:aws:iam::{MEMBER}:user/a.b+c=d,e@f-g",
        f"arn:aws:iam::{ADMINISTRATOR}:user/{'a' * 64}",
    ):
        expect(get(bench, start(bench, entity))["EntityArn"], entity)


def a_scope_is_three_hours_to_thirty_days_long(bench):
    for hours in (3, 30 * 24):
        start(bench, hours=hours)
    for hours in (2.999, 0, -24, 30 * 24 + 0.001):
        with refused("ValidationException"):
            start(bench, hours=hours)
    # With an offset and to the microsecond: the same times are returned, to the millisecond that Detective returns.
    zone = timezone(timedelta(hours=5, minutes=30))
    earliest = datetime(2026, 11, 19, 1, 2, 3, 456_789, tzinfo=zone)
    investigation = bench.detective(ADMINISTRATOR).start_investigation(
        GraphArn=graph_of(bench, ADMINISTRATOR),
        EntityArn=ROLE,
        ScopeStartTime=earliest,
        ScopeEndTime=earliest + timedelta(hours=3),
    )["InvestigationId"]
    found = get(bench, investigation)
    expect(found["ScopeStartTime"], earliest.replace(microsecond=456_000))
    expect(found["ScopeEndTime"], earliest.replace(microsecond=456_000) + timedelta(hours=3))


def an_investigation_is_archived_and_taken_back(bench):
    client = bench.detective(ADMINISTRATOR)
    graph = graph_of(bench, ADMINISTRATOR)
    investigation = start(bench)
    for state in ("ARCHIVED", "ARCHIVED", "ACTIVE"):
        client.update_investigation_state(GraphArn=graph, InvestigationId=investigation, State=state)
        expect(get(bench, investigation)["State"], state)
    with refused("ValidationException"):
        client.update_investigation_state(GraphArn=graph, InvestigationId=investigation, State="RUNNING")


def an_investigation_is_found_in_its_own_graph_only(bench):
    graph = join(bench, ADMINISTRATOR, MEMBER)
    investigation = start(bench)
    others = start(bench, account=STRANGER)

    def calls(client, graph, investigation):
        return (
            lambda: client.get_investigation(GraphArn=graph, InvestigationId=investigation),
            lambda: client.list_indicators(GraphArn=graph, InvestigationId=investigation),
            lambda: client.update_investigation_state(GraphArn=graph, InvestigationId=investigation, State="ACTIVE"),
        )

    own = bench.detective(ADMINISTRATOR)
    for refusing in (
        *calls(own, graph, NO_INVESTIGATION),
        *calls(own, graph, others),
        *calls(own, NO_GRAPH, investigation),
        *calls(bench.detective(STRANGER), graph, investigation),
        *calls(bench.detective(STRANGER), graph_of(bench, STRANGER), investigation),
        *calls(bench.detective(ADMINISTRATOR, region="eu-west-1"), graph, investigation),
        lambda: bench.detective(STRANGER).start_investigation(GraphArn=graph, EntityArn=ROLE, **scope()),
        lambda: bench.detective(STRANGER).list_investigations(GraphArn=graph),
    ):
        with refused("ResourceNotFoundException"):
            refusing()
    member = bench.detective(MEMBER)
    for refusing in (
        *calls(member, graph, investigation),
        lambda: member.start_investigation(GraphArn=graph, EntityArn=ROLE, **scope()),
        lambda: member.list_investigations(GraphArn=graph),
    ):
        with refused("AccessDeniedException"):
            refusing()
    # None of these counted as a check.
    expect(len(get_until_done(bench, investigation)), 3)


def indicators_page_tokens_last_24_hours(bench):
    bench.control.scenario(fixture("high") | {"ends": {"after_checks": 0}})
    bench.control.stop_clock()
    client = bench.detective(ADMINISTRATOR)
    one, other = ({"GraphArn": graph_of(bench, ADMINISTRATOR), "InvestigationId": start(bench)} for _ in range(2))
    token = client.list_indicators(**one, MaxResults=3)["NextToken"]
    bench.control.advance(24 * 3600)
    rest = client.list_indicators(**one, NextToken=token)
    expect(len(rest["Indicators"]), len(fixture("high")["indicators"]) - 3)
    for wrong in (other, one | {"IndicatorType": "TTP_OBSERVED"}):
        with refused("ValidationException"):
            client.list_indicators(**wrong, NextToken=token)
    bench.control.advance(1)
    with refused("ValidationException", "expired"):
        client.list_indicators(**one, NextToken=token)


def concurrent_callers_get_their_own_investigations(bench):
    accounts = [ADMINISTRATOR, MEMBER, STRANGER]
    for account in accounts:
        # The clients are made before: making them is not for several threads.
        graph_of(bench, account)
    with ThreadPoolExecutor(8) as callers:
        ids = list(callers.map(lambda number: start(bench, account=accounts[number % 3]), range(150)))
    expect(len(set(ids)), 150)
    for at, account in enumerate(accounts):
        found = pages(bench.detective(account).list_investigations, 20, GraphArn=graph_of(bench, account))
        listed = [one["InvestigationId"] for page in found for one in page["InvestigationDetails"]]
        expect(sorted(listed), sorted(ids[at::3]))


def a_snapshot_brings_everything_back(bench):
    bench.control.stop_clock()
    bench.control.scenario(fixture("high"))
    graph = join(bench, ADMINISTRATOR, MEMBER)
    bench.detective(ADMINISTRATOR).tag_resource(ResourceArn=graph, Tags={"team": "blue"})
    investigation = start(bench)
    get(bench, investigation)
    snapshot = bench.control.get("snapshot")

    bench.control.reset()
    with refused("ResourceNotFoundException"):
        get(bench, investigation)
    bench.control.put("snapshot", snapshot)
    expect(bench.control.get("snapshot"), snapshot)
    tags = bench.detective(ADMINISTRATOR).list_tags_for_resource(ResourceArn=graph)["Tags"]
    expect(tags, {"team": "blue"})
    expect(len(bench.detective(MEMBER).list_invitations()["Invitations"]), 1)
    expect(len(get_until_done(bench, investigation)), 3)
    expect(indicators(bench, investigation), fixture("high")["indicators"])


FLOWS = [
    an_investigation_runs_and_ends,
    indicators_of_all_eight_types_are_listed,
    an_indicator_that_no_answer_can_hold_is_refused,
    investigations_end_as_the_scenarios_say,
    an_entity_that_the_graph_does_not_know_is_not_found,
    only_users_and_roles_are_investigated,
    a_scope_is_three_hours_to_thirty_days_long,
    an_investigation_is_archived_and_taken_back,
    an_investigation_is_found_in_its_own_graph_only,
    indicators_page_tokens_last_24_hours,
    concurrent_callers_get_their_own_investigations,
    a_snapshot_brings_everything_back,
]
