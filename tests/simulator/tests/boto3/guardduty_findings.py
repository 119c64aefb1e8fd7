"""Findings: samples and given ones, marks on them, and who sees them."""

import json

from checking import expect, refused
from control import Refused, read_time
from steps import ADMINISTRATOR, FIXTURES, MEMBER, OTHER, STRANGER, detector_of

OPERATIONS = {
    "ArchiveFindings",
    "CreateSampleFindings",
    "GetFindings",
    "ListFindings",
    "UnarchiveFindings",
    "UpdateFindingsFeedback",
}

EVENT = json.loads((FIXTURES / "findings" / "role-credentials-from-listed-address.json").read_text(encoding="utf-8"))


def create(bench, *types, account=ADMINISTRATOR):
    """Makes samples of these types; of all when none is named."""
    more = {"FindingTypes": list(types)} if types else {}
    bench.guardduty(account).create_sample_findings(DetectorId=detector_of(bench, account), **more)


def ids_of(bench, account=ADMINISTRATOR, **arguments):
    """The ids of all findings that an account is listed."""
    listing = bench.guardduty(account).get_paginator("list_findings")
    pages = listing.paginate(DetectorId=detector_of(bench, account), **arguments)
    return [finding for page in pages for finding in page["FindingIds"]]


def findings_of(bench, account=ADMINISTRATOR, ids=None, **arguments):
    ids = ids_of(bench, account) if ids is None else ids
    client = bench.guardduty(account)
    found = []
    for first in range(0, len(ids), 50):
        chunk = ids[first : first + 50]
        answer = client.get_findings(DetectorId=detector_of(bench, account), FindingIds=chunk, **arguments)
        found += answer["Findings"]
    return found


def samples_of_all_types_are_made(bench):
    create(bench)
    found = findings_of(bench)
    types = [finding["Type"] for finding in found]
    assert len(types) >= 100 and len(types) == len(set(types)), types
    expect(sum(name.startswith("AttackSequence:") for name in types), 5)
    for finding in found:
        expect((finding["AccountId"], finding["Region"]), (ADMINISTRATOR, "us-east-1"))
        expect(finding["Service"]["DetectorId"], detector_of(bench, ADMINISTRATOR))
        expect(json.loads(finding["Service"]["AdditionalInfo"]["Value"]), {"sample": True}, finding["Type"])
        expect((finding["Service"]["Archived"], finding["Service"]["Count"]), (False, 1))
        assert 1 <= finding["Severity"] <= 10, finding
        assert read_time(finding["CreatedAt"]) == read_time(finding["UpdatedAt"]) <= bench.control.now(), finding
    kinds = {finding["Resource"]["ResourceType"] for finding in found}
    assert {"AccessKey", "S3Bucket", "Instance", "EKSCluster", "ECSCluster", "Lambda", "AttackSequence"} <= kinds, kinds
    # Made in the other partitions, they fit the model too.
    for region in ("us-gov-west-1", "cn-north-1"):
        client = bench.guardduty(ADMINISTRATOR, region=region)
        detector = detector_of(bench, ADMINISTRATOR, region=region)
        client.create_sample_findings(DetectorId=detector)
        ids = client.list_findings(DetectorId=detector)["FindingIds"]
        for finding in client.get_findings(DetectorId=detector, FindingIds=ids)["Findings"]:
            expect(finding["Arn"].split(":")[1], finding["Partition"])


def attack_sequences_hold_together(bench):
    create(bench)
    sequences = [one for one in findings_of(bench) if one["Resource"]["ResourceType"] == "AttackSequence"]
    for finding in sequences:
        sequence = finding["Service"]["Detection"]["Sequence"]
        actors = {actor["Id"] for actor in sequence["Actors"]}
        resources = {resource["Uid"] for resource in sequence["Resources"]}
        endpoints = {endpoint["Id"] for endpoint in sequence["Endpoints"]}
        for signal in sequence["Signals"]:
            assert set(signal["ActorIds"]) <= actors, finding["Type"]
            assert set(signal["ResourceUids"]) <= resources, finding["Type"]
            assert set(signal["EndpointIds"]) <= endpoints, finding["Type"]


def a_sample_made_again_counts_one_more(bench):
    bench.control.stop_clock()
    create(bench, "Recon:EC2/Portscan", "Policy:IAMUser/RootCredentialUsage")
    expect(len(ids_of(bench)), 2)
    moved = bench.control.advance(60)
    create(bench, "Recon:EC2/Portscan")
    found = {finding["Type"]: finding for finding in findings_of(bench)}
    expect(len(found), 2)
    again, once = found["Recon:EC2/Portscan"], found["Policy:IAMUser/RootCredentialUsage"]
    expect((again["Service"]["Count"], read_time(again["UpdatedAt"])), (2, moved))
    assert read_time(again["CreatedAt"]) < moved, again
    expect(once["Service"]["Count"], 1)
    with refused("BadRequestException"):
        create(bench, "Recon:EC2/Portscan", "No:Such/Type")
    expect({finding["Service"]["Count"] for finding in findings_of(bench)}, {1, 2}, "nothing was made then")
    with refused("BadRequestException"):
        create(bench, *["Recon:EC2/Portscan"] * 51)


def findings_are_archived_and_unarchived(bench):
    create(bench, "Recon:EC2/Portscan", "Policy:IAMUser/RootCredentialUsage")
    client, detector = bench.guardduty(ADMINISTRATOR), detector_of(bench, ADMINISTRATOR)
    one, other = ids_of(bench)

    def archived():
        return {finding["Id"]: finding["Service"]["Archived"] for finding in findings_of(bench)}

    for _ in range(2):
        client.archive_findings(DetectorId=detector, FindingIds=[one])
        expect(archived(), {one: True, other: False})
    for word, expected in (("true", [one]), ("false", [other])):
        criteria = {"Criterion": {"service.archived": {"Eq": [word]}}}
        expect(ids_of(bench, FindingCriteria=criteria), expected)
    # An id that does not exist makes the whole call fail.
    with refused("BadRequestException"):
        client.archive_findings(DetectorId=detector, FindingIds=[other, "0" * 32])
    expect(archived(), {one: True, other: False})
    client.unarchive_findings(DetectorId=detector, FindingIds=[one, other])
    expect(archived(), {one: False, other: False})
    client.archive_findings(DetectorId=detector, FindingIds=[])
    for call in (client.archive_findings, client.unarchive_findings):
        with refused("BadRequestException"):
            call(DetectorId=detector, FindingIds=[one] * 51)


def findings_get_feedback(bench):
    create(bench, "Recon:EC2/Portscan")
    client, detector = bench.guardduty(ADMINISTRATOR), detector_of(bench, ADMINISTRATOR)
    for feedback in ("USEFUL", "NOT_USEFUL"):
        client.update_findings_feedback(
            DetectorId=detector, FindingIds=ids_of(bench), Feedback=feedback, Comments="ä" * 5000
        )
        [finding] = findings_of(bench)
        expect(finding["Service"]["UserFeedback"], feedback)
    with refused("BadRequestException"):
        client.update_findings_feedback(DetectorId=detector, FindingIds=ids_of(bench), Feedback="MAYBE")
    with refused("BadRequestException"):
        client.update_findings_feedback(DetectorId=detector, FindingIds=["0" * 32], Feedback="USEFUL")


def findings_are_got_by_their_ids(bench):
    create(bench)
    ids = ids_of(bench)
    wanted = [ids[7], "0" * 32, ids[3], ids[7], ids[5]]
    expect([finding["Id"] for finding in findings_of(bench, ids=wanted)], [ids[7], ids[3], ids[5]])
    for order, reverse in (("ASC", False), ("DESC", True)):
        found = findings_of(bench, ids=ids[:50], SortCriteria={"AttributeName": "severity", "OrderBy": order})
        severities = [finding["Severity"] for finding in found]
        expect(severities, sorted(severities, reverse=reverse))
    expect(findings_of(bench, ids=[]), [])
    client = bench.guardduty(ADMINISTRATOR)
    expect(client.get_findings(DetectorId=detector_of(bench, ADMINISTRATOR), FindingIds=[])["Findings"], [])
    with refused("BadRequestException"):
        client.get_findings(DetectorId=detector_of(bench, ADMINISTRATOR), FindingIds=ids[:51])


def a_finding_is_given_as_event_as_finding_and_in_a_list(bench):
    detail = EVENT["detail"]
    bench.control.post("findings", EVENT)
    expect(ids_of(bench), [detail["id"]])
    [finding] = findings_of(bench)
    for name in ("id", "arn", "type", "severity", "title", "accountId"):
        expect(finding[name[0].upper() + name[1:]], detail[name])
    # The same id once more replaces it; another place has its own.
    bench.control.post("findings", [detail | {"severity": 1.5}, detail | {"id": "1" * 32}])
    severities = {one["Id"]: one["Severity"] for one in findings_of(bench)}
    expect(severities, {detail["id"]: 1.5, "1" * 32: detail["severity"]})
    bench.control.post("findings", detail, account=STRANGER)
    expect(ids_of(bench, account=STRANGER), [detail["id"]])
    findings = bench.control.get("findings")
    expect(sorted(one["account"] for one in findings), sorted([ADMINISTRATOR, ADMINISTRATOR, STRANGER]))


def a_finding_without_what_every_finding_has_is_refused(bench):
    detail = EVENT["detail"]
    for wrong in (
        {name: value for name, value in detail.items() if name != "severity"},
        detail | {"severity": "8"},
        detail | {"accountId": "x"},
        detail | {"type": "x" * 101},
        EVENT | {"detail-type": "Scheduled Event"},
        [detail, {}],
        "x",
    ):
        try:
            bench.control.post("findings", wrong)
        except Refused as refusal:
            expect(refusal.status, 400)
        else:
            raise AssertionError(f"it was taken: {wrong}")
    expect(ids_of(bench), [])


def an_administrator_sees_and_archives_its_members_findings(bench):
    bench.control.organization(OTHER, ADMINISTRATOR, MEMBER, guardduty_administrator=ADMINISTRATOR)
    create(bench, "Recon:EC2/Portscan")
    create(bench, "Policy:IAMUser/RootCredentialUsage", account=MEMBER)
    create(bench, "Recon:EC2/Portscan", account=STRANGER)
    [of_member] = ids_of(bench, account=MEMBER)
    expect({finding["AccountId"] for finding in findings_of(bench)}, {ADMINISTRATOR, MEMBER})
    mine = {"Criterion": {"accountId": {"Eq": [ADMINISTRATOR]}}}
    expect(len(ids_of(bench, FindingCriteria=mine)), 1)
    # The member sees its own and cannot archive even that.
    expect([finding["AccountId"] for finding in findings_of(bench, account=MEMBER)], [MEMBER])
    own = bench.guardduty(MEMBER)
    for call in (own.archive_findings, own.unarchive_findings):
        with refused("BadRequestException"):
            call(DetectorId=detector_of(bench, MEMBER), FindingIds=[of_member])
    own.update_findings_feedback(DetectorId=detector_of(bench, MEMBER), FindingIds=[of_member], Feedback="USEFUL")
    client = bench.guardduty(ADMINISTRATOR)
    client.archive_findings(DetectorId=detector_of(bench, ADMINISTRATOR), FindingIds=[of_member])
    [finding] = findings_of(bench, account=MEMBER)
    expect((finding["Service"]["Archived"], finding["Service"]["UserFeedback"]), (True, "USEFUL"))
    expect(findings_of(bench, ids=ids_of(bench, account=STRANGER)), [])


FLOWS = [
    samples_of_all_types_are_made,
    attack_sequences_hold_together,
    a_sample_made_again_counts_one_more,
    findings_are_archived_and_unarchived,
    findings_get_feedback,
    findings_are_got_by_their_ids,
    a_finding_is_given_as_event_as_finding_and_in_a_list,
    a_finding_without_what_every_finding_has_is_refused,
    an_administrator_sees_and_archives_its_members_findings,
]
