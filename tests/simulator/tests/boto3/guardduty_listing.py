"""ListFindings: criteria, orders and pages."""

from datetime import datetime, timedelta, timezone

from checking import expect, refused
from control import read_time
from guardduty_findings import EVENT, findings_of, ids_of
from steps import ADMINISTRATOR, detector_of

OPERATIONS = {"ListFindings"}

FIRST = datetime(2026, 11, 1, tzinfo=timezone.utc)

TYPES = ["Recon:EC2/Portscan", "Policy:IAMUser/RootCredentialUsage", "Trojan:EC2/DropPoint"]


def prepare(bench, count=24):
    """Findings an hour apart, of three types and eight severities, every fourth archived; answers them oldest first."""
    given = []
    for number in range(count):
        time = (FIRST + timedelta(hours=number)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        given.append(
            EVENT["detail"]
            | {
                "id": f"{number:032x}",
                "type": TYPES[number % 3],
                "severity": 1 + number % 8 + 0.5 * (number % 2),
                "createdAt": time,
                "updatedAt": time,
                "service": EVENT["detail"]["service"] | {"archived": number % 4 == 0, "count": number},
            }
        )
    bench.control.post("findings", given)
    return given


def listed(bench, criterion, **more):
    return set(ids_of(bench, FindingCriteria={"Criterion": criterion}, **more))


def milliseconds(time):
    return round(read_time(time).timestamp() * 1000)


def findings_are_filtered_by_words(bench):
    given = prepare(bench)

    def of(fits):
        return {finding["id"] for finding in given if fits(finding)}

    one, *others = TYPES
    for equal, unequal in (("Eq", "Neq"), ("Equals", "NotEquals")):
        expect(listed(bench, {"type": {equal: [one]}}), of(lambda finding: finding["type"] == one))
        expect(listed(bench, {"type": {equal: others}}), of(lambda finding: finding["type"] in others))
        expect(listed(bench, {"type": {unequal: [one]}}), of(lambda finding: finding["type"] != one))
        expect(listed(bench, {"type": {equal: TYPES, unequal: others}}), of(lambda finding: finding["type"] == one))
        expect(listed(bench, {"id": {equal: [given[5]["id"]]}}), {given[5]["id"]})
        expect(listed(bench, {"type": {equal: ["Recon"]}}), set())
    archived = of(lambda finding: finding["service"]["archived"])
    expect(listed(bench, {"service.archived": {"Eq": ["true"]}}), archived)
    expect(listed(bench, {"service.archived": {"Eq": ["false"]}}), of(lambda finding: True) - archived)
    # Not asked for, archived and others are listed alike.
    expect(set(ids_of(bench)), of(lambda finding: True))
    expect(listed(bench, {}), of(lambda finding: True))
    expect(listed(bench, {"resource.accessKeyDetails.userName": {"Eq": ["report-exporter"]}}), of(lambda finding: True))
    expect(listed(bench, {"resource.accessKeyDetails.userName": {"Neq": ["report-exporter"]}}), set())
    both = {"type": {"Eq": [one]}, "service.archived": {"Eq": ["true"]}}
    expect(listed(bench, both), of(lambda finding: finding["type"] == one) & archived)


def findings_are_filtered_by_numbers_and_times(bench):
    given = prepare(bench)

    def of(fits):
        return {finding["id"] for finding in given if fits(finding)}

    for old, new, holds in (
        ("Gt", "GreaterThan", lambda value, bound: value > bound),
        ("Gte", "GreaterThanOrEqual", lambda value, bound: value >= bound),
        ("Lt", "LessThan", lambda value, bound: value < bound),
        ("Lte", "LessThanOrEqual", lambda value, bound: value <= bound),
    ):
        for bound in (0, 3, 8):
            expected = of(lambda finding: holds(finding["severity"], bound))
            expect(listed(bench, {"severity": {old: bound}}), expected, f"{old} {bound}")
            expect(listed(bench, {"severity": {new: bound}}), expected, f"{new} {bound}")
        # Times are given in milliseconds, which only the newer names have room for.
        bound = milliseconds(given[7]["updatedAt"])
        expected = of(lambda finding: holds(milliseconds(finding["updatedAt"]), bound))
        expect(listed(bench, {"updatedAt": {new: bound}}), expected, f"updatedAt {new}")
    expect(listed(bench, {"severity": {"Gte": 4, "Lt": 7}}), of(lambda finding: 4 <= finding["severity"] < 7))
    expect(listed(bench, {"severity": {"Eq": ["8.5"]}}), of(lambda finding: finding["severity"] == 8.5))


def findings_are_sorted(bench):
    given = prepare(bench)
    by_id = {finding["id"]: finding for finding in given}
    for attribute, key in (
        ("updatedAt", lambda finding: finding["updatedAt"]),
        ("severity", lambda finding: finding["severity"]),
        ("type", lambda finding: finding["type"]),
        ("service.count", lambda finding: finding["service"]["count"]),
    ):
        for order, reverse in (("ASC", False), ("DESC", True)):
            criteria = {"AttributeName": attribute, "OrderBy": order}
            found = ids_of(bench, SortCriteria=criteria)
            expect(sorted(found), sorted(by_id))
            keys = [key(by_id[one]) for one in found]
            expect(keys, sorted(keys, reverse=reverse), f"{attribute} {order}")
            got = findings_of(bench, ids=found, SortCriteria=criteria)
            expect([finding["Id"] for finding in got], found, "GetFindings sorts alike")
    with refused("BadRequestException"):
        ids_of(bench, SortCriteria={"AttributeName": "severity", "OrderBy": "UP"})


def findings_are_listed_in_pages(bench):
    prepare(bench, count=107)
    client, detector = bench.guardduty(ADMINISTRATOR), detector_of(bench, ADMINISTRATOR)
    listing = client.get_paginator("list_findings")
    for more in (
        {},
        {"SortCriteria": {"AttributeName": "type", "OrderBy": "ASC"}},
        {"SortCriteria": {"AttributeName": "severity", "OrderBy": "DESC"}},
        {"FindingCriteria": {"Criterion": {"service.archived": {"Eq": ["false"]}}}},
    ):
        whole = ids_of(bench, **more)
        for size in (1, 7, 50):
            pages = list(listing.paginate(DetectorId=detector, PaginationConfig={"PageSize": size}, **more))
            expect([len(page["FindingIds"]) for page in pages[:-1]], [size] * (len(pages) - 1))
            expect([one for page in pages for one in page["FindingIds"]], whole, f"pages of {size}: {more}")
    first = client.list_findings(DetectorId=detector)
    expect(len(first["FindingIds"]), 50)
    # boto3 can also continue from its own token.
    part = listing.paginate(DetectorId=detector, PaginationConfig={"MaxItems": 60}).build_full_result()
    rest = listing.paginate(DetectorId=detector, PaginationConfig={"StartingToken": part["NextToken"]})
    found = part["FindingIds"] + rest.build_full_result()["FindingIds"]
    expect(found, ids_of(bench))
    with refused("BadRequestException"):
        client.list_findings(DetectorId=detector, MaxResults=51)


def page_tokens_last_24_hours_and_are_good_for_one_listing(bench):
    prepare(bench)
    bench.control.stop_clock()
    client, detector = bench.guardduty(ADMINISTRATOR), detector_of(bench, ADMINISTRATOR)
    token = client.list_findings(DetectorId=detector, MaxResults=5)["NextToken"]
    bench.control.advance(24 * 3600)
    rest = client.list_findings(DetectorId=detector, NextToken=token)["FindingIds"]
    expect(rest, ids_of(bench)[5:])
    other = {"SortCriteria": {"AttributeName": "severity", "OrderBy": "ASC"}}
    with refused("BadRequestException"):
        client.list_findings(DetectorId=detector, NextToken=token, **other)
    for wrong in (token[:-1], token + "00", "x"):
        with refused("BadRequestException"):
            client.list_findings(DetectorId=detector, NextToken=wrong)
    bench.control.advance(1)
    with refused("BadRequestException", "expired"):
        client.list_findings(DetectorId=detector, NextToken=token)


FLOWS = [
    findings_are_filtered_by_words,
    findings_are_filtered_by_numbers_and_times,
    findings_are_sorted,
    findings_are_listed_in_pages,
    page_tokens_last_24_hours_and_are_good_for_one_listing,
]
