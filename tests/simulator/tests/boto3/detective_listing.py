"""ListInvestigations: filters, orders and pages."""

from datetime import timedelta
from itertools import product

from checking import expect, pages, refused
from steps import ADMINISTRATOR, graph_of, start

OPERATIONS = {"ListInvestigations"}

SEVERITIES = ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"]
STATUSES = ["RUNNING", "FAILED", "SUCCESSFUL"]


def prepare(bench):
    """Ten investigations, a minute apart; answers them as ListInvestigations does, oldest first."""
    bench.control.stop_clock()
    immediately = {"after_checks": 0}
    bench.control.scenario(
        *({"entity_arn": f"*/{word.lower()}", "ends": immediately, "severity": word} for word in SEVERITIES),
        {"entity_arn": "*/failed", "ends": immediately, "outcome": "FAILED"},
        {"entity_arn": "*/running", "ends": "never"},
    )
    client = bench.detective(ADMINISTRATOR)
    graph = graph_of(bench, ADMINISTRATOR)
    names = ["role/high", "user/low", "role/running", "role/critical", "user/failed", "role/high", "role/medium",
             "user/informational", "user/running", "role/low"]
    for at, name in enumerate(names):
        investigation = start(bench, f"arn:aws:iam::{ADMINISTRATOR}:{name}")
        if at % 3 == 0:
            client.update_investigation_state(GraphArn=graph, InvestigationId=investigation, State="ARCHIVED")
        bench.control.advance(60)
    found = sorted(
        listed(bench) + listed(bench, FilterCriteria={"State": {"Value": "ARCHIVED"}}),
        key=lambda one: one["CreatedTime"],
        reverse=True,
    )
    expect([one["EntityArn"].split(":")[-1] for one in reversed(found)], names, "newest first")
    return list(reversed(found))


def active(investigations):
    """Those that are listed where no filter names a state."""
    return [one for one in investigations if one["State"] == "ACTIVE"]


def listed(bench, **more):
    answer = bench.detective(ADMINISTRATOR).list_investigations(GraphArn=graph_of(bench, ADMINISTRATOR), **more)
    assert "NextToken" not in answer, answer
    return answer["InvestigationDetails"]


def a_detail_agrees_with_get_investigation(bench):
    client = bench.detective(ADMINISTRATOR)
    for one in prepare(bench):
        whole = client.get_investigation(
            GraphArn=graph_of(bench, ADMINISTRATOR), InvestigationId=one["InvestigationId"]
        )
        expect(one, {name: whole[name] for name in one})
        expect("Severity" in one, one["Status"] == "SUCCESSFUL")


def investigations_are_filtered(bench):
    everything = prepare(bench)

    def holds(criteria, one):
        return all(one.get(name) == value for name, value in criteria.items())

    entity = f"arn:aws:iam::{ADMINISTRATOR}:role/high"
    for severity, status, state, arn in product(
        [None, *SEVERITIES], [None, *STATUSES], [None, "ACTIVE", "ARCHIVED"], [None, entity, entity + "er"]
    ):
        wanted = {"Severity": severity, "Status": status, "State": state, "EntityArn": arn}
        criteria = {name: value for name, value in wanted.items() if value}
        expected = [one for one in reversed(everything) if holds({"State": "ACTIVE", **criteria}, one)]
        found = listed(bench, FilterCriteria={name: {"Value": value} for name, value in criteria.items()})
        expect(found, expected, str(criteria))
    expect(listed(bench, FilterCriteria={"Severity": {"Value": "x" * 500}}), [])
    with refused("ValidationException"):
        listed(bench, FilterCriteria={"Severity": {"Value": "x" * 501}})


def investigations_are_filtered_by_time(bench):
    everything = prepare(bench)
    times = [one["CreatedTime"] for one in everything]

    def between(first, last, **more):
        return listed(bench, FilterCriteria={"CreatedTime": {"StartInclusive": first, "EndInclusive": last}, **more})

    # Both ends are inclusive, to the millisecond of the API.
    expect(between(times[2], times[5]), list(reversed(active(everything[2:6]))))
    tick = timedelta(milliseconds=1)
    expect(between(times[2] + tick, times[5] - tick), list(reversed(active(everything[3:5]))))
    expect(between(times[4], times[4]), [everything[4]])
    expect(between(times[0] - timedelta(days=9), times[0] - tick), [])
    archived = between(times[0], times[9], State={"Value": "ARCHIVED"})
    expect(archived, [everything[at] for at in (9, 6, 3, 0)])
    with refused("ValidationException"):
        between(times[5], times[2])


def investigations_are_sorted(bench):
    everything = active(prepare(bench))
    ranks = {
        "SEVERITY": lambda one: SEVERITIES.index(one["Severity"]) if "Severity" in one else -1,
        "STATUS": lambda one: STATUSES.index(one["Status"]),
        "CREATED_TIME": lambda one: one["CreatedTime"],
    }
    for field, rank in ranks.items():
        for order in ("ASC", "DESC"):
            found = listed(bench, SortCriteria={"Field": field, "SortOrder": order})
            expect({one["InvestigationId"] for one in found}, {one["InvestigationId"] for one in everything})
            keys = [rank(one) for one in found]
            expect(keys, sorted(keys, reverse=order == "DESC"), f"{field} {order}")
        backwards = listed(bench, SortCriteria={"Field": field, "SortOrder": "DESC"})
        expect(listed(bench, SortCriteria={"Field": field, "SortOrder": "ASC"}), list(reversed(backwards)))
    expect(listed(bench, SortCriteria={"SortOrder": "ASC"}), everything)
    expect(listed(bench, SortCriteria={}), list(reversed(everything)))
    for wrong in ({"Field": "ENTITY_ARN"}, {"SortOrder": "asc"}):
        with refused("ValidationException"):
            listed(bench, SortCriteria=wrong)


def investigations_are_listed_in_pages(bench):
    prepare(bench)
    client = bench.detective(ADMINISTRATOR)
    for more in (
        {},
        {"SortCriteria": {"Field": "SEVERITY", "SortOrder": "ASC"}},
        {"SortCriteria": {"Field": "STATUS", "SortOrder": "DESC"}},
        {"FilterCriteria": {"State": {"Value": "ACTIVE"}}, "SortCriteria": {"SortOrder": "ASC"}},
    ):
        whole = listed(bench, **more)
        for size in (1, 3, 100):
            found = pages(client.list_investigations, size, GraphArn=graph_of(bench, ADMINISTRATOR), **more)
            expect([len(page["InvestigationDetails"]) for page in found[:-1]], [size] * (len(found) - 1))
            expect([one for page in found for one in page["InvestigationDetails"]], whole, f"pages of {size}: {more}")
    with refused("ValidationException"):
        listed(bench, MaxResults=101)


def a_page_size_that_is_left_out_is_a_hundred_at_most(bench):
    bench.control.scenario({"entity_arn": "*"})
    ids = [start(bench) for _ in range(101)]
    client = bench.detective(ADMINISTRATOR)
    graph = graph_of(bench, ADMINISTRATOR)
    first = client.list_investigations(GraphArn=graph)
    expect(len(first["InvestigationDetails"]), 100)
    rest = client.list_investigations(GraphArn=graph, NextToken=first["NextToken"])["InvestigationDetails"]
    found = [one["InvestigationId"] for one in [*first["InvestigationDetails"], *rest]]
    expect(found, list(reversed(ids)))


def page_tokens_last_24_hours_and_are_good_for_one_listing(bench):
    everything = active(prepare(bench))
    client = bench.detective(ADMINISTRATOR)
    graph = graph_of(bench, ADMINISTRATOR)
    token = client.list_investigations(GraphArn=graph, MaxResults=4)["NextToken"]
    # A new one is on the first page, which was already returned; the other pages do not change.
    start(bench)
    rest = listed(bench, NextToken=token)
    expect(rest, list(reversed(everything[:2])))
    for more in ({"SortCriteria": {"SortOrder": "ASC"}}, {"FilterCriteria": {"State": {"Value": "ACTIVE"}}}):
        with refused("ValidationException"):
            listed(bench, NextToken=token, **more)
    for wrong in (token[:-1] + ("0" if token[-1] != "0" else "1"), "x", "x" * 2048, "x" * 2049):
        with refused("ValidationException"):
            listed(bench, NextToken=wrong)
    bench.control.advance(24 * 3600)
    expect(listed(bench, NextToken=token), rest)
    bench.control.advance(1)
    with refused("ValidationException", "expired"):
        listed(bench, NextToken=token)


FLOWS = [
    a_detail_agrees_with_get_investigation,
    investigations_are_filtered,
    investigations_are_filtered_by_time,
    investigations_are_sorted,
    investigations_are_listed_in_pages,
    a_page_size_that_is_left_out_is_a_hundred_at_most,
    page_tokens_last_24_hours_and_are_good_for_one_listing,
]
