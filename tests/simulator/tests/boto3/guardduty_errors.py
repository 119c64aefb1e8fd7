"""Errors of GuardDuty: each constraint broken, each error brought about by a fault."""

from invalid_values import send_body
from checking import expect, refused
from guardduty_investigations import FINDING, NO_INVESTIGATION, create, get, ready
from steps import ADMINISTRATOR, MEMBER, detector_of
from sweeps import break_every_constraint, bring_about_every_error, throttle_fail_and_deny

# No operation of its own: the other sections call them all.
OPERATIONS = set()


def values_by_shape(bench):
    """Values for the shapes that have a pattern, or that must be true."""
    return {
        "DetectorId": detector_of(bench, ADMINISTRATOR),
        "InvestigationId": NO_INVESTIGATION,
        # boto3 makes another one for each call if it is not given.
        "ClientToken": "token",
        "NextToken": "token",
        "String": "text",
    }


def state(bench):
    """All that the simulator knows of GuardDuty. A detector is known from its first use."""
    bench.guardduty(ADMINISTRATOR).get_detector(DetectorId=detector_of(bench, ADMINISTRATOR))
    return bench.control.get("snapshot")["guardduty"]


def every_constraint_of_every_operation_holds(bench):
    ready(bench)
    client = bench.guardduty(ADMINISTRATOR)
    break_every_constraint(client, values_by_shape(bench), "BadRequestException", lambda: state(bench))


def constraints_of_paths_and_queries_hold(bench):
    client = bench.guardduty(ADMINISTRATOR, unchecked=True)
    detector = detector_of(bench, ADMINISTRATOR)
    for size in (0, 51, -1, "x", 10**30):
        with refused("BadRequestException", "maxResults"):
            client.list_detectors(MaxResults=size)
    with refused("BadRequestException"):
        client.list_detectors(NextToken="token")
    for wrong in ("x" * 301, "\N{SNOWMAN}" * 301):
        with refused("BadRequestException", "DetectorId"):
            client.get_detector(DetectorId=wrong)
        with refused("BadRequestException", "DetectorId"):
            client.list_findings(DetectorId=wrong)
    for wrong in ("g", "a" * 65, f"{NO_INVESTIGATION}\n", "a b", "a/b", "\N{SNOWMAN}"):
        with refused("BadRequestException", "InvestigationId"):
            client.get_investigation(DetectorId=detector, InvestigationId=wrong)
    for wrong in ("x" * 300, "\N{SNOWMAN}" * 300, f"{detector} ", f"{detector}/x", "%41"):
        with refused("BadRequestException", "not owned"):
            client.get_detector(DetectorId=wrong)


def bodies_that_are_no_objects_are_refused(bench):
    client = bench.guardduty(ADMINISTRATOR)
    arguments = {"DetectorId": detector_of(bench, ADMINISTRATOR)}
    for body in ([], "x", 1, None, True):
        with refused("BadRequestException"):
            send_body(client, "ListFindings", arguments, body)
    found = send_body(client, "ListFindings", arguments, {"unknown": 1, "maxResults": None, "DetectorId": "other"})
    expect(found["FindingIds"], [])


def every_error_of_every_operation_is_brought_about(bench):
    bring_about_every_error(bench, bench.guardduty(ADMINISTRATOR), values_by_shape(bench), lambda: state(bench))


def every_operation_is_throttled_fails_and_is_denied(bench):
    throttle_fail_and_deny(bench, bench.guardduty(ADMINISTRATOR), values_by_shape(bench), lambda: state(bench))


def faults_apply_to_their_account_only(bench):
    ready(bench)
    one, other = create(bench), create(bench, f"Analyze findings in account {MEMBER}")
    # By the finding that the prompt names, found through the investigation's id too.
    bench.control.fault("guardduty:GetInvestigation", "internal", finding_id=f"{FINDING[:8]}*")
    bench.control.fault("CreateInvestigation", "internal", finding_id=FINDING)
    get(bench, other)
    with refused("InternalServerErrorException"):
        get(bench, one)
    get(bench, one)
    create(bench, "Analyze findings in my organization")
    with refused("InternalServerErrorException"):
        create(bench)
    create(bench)
    # Of a name that both services have, the bare one is Detective's.
    bench.control.fault("GetInvestigation", "internal")
    get(bench, one)


FLOWS = [
    every_constraint_of_every_operation_holds,
    constraints_of_paths_and_queries_hold,
    bodies_that_are_no_objects_are_refused,
    every_error_of_every_operation_is_brought_about,
    every_operation_is_throttled_fails_and_is_denied,
    faults_apply_to_their_account_only,
]
