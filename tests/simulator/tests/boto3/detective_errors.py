"""Errors: each constraint of each operation broken, each error of each operation brought about by a fault."""

from botocore.exceptions import ConnectionClosedError, HTTPClientError, ReadTimeoutError, ResponseStreamingError

from invalid_values import send_body
from checking import expect, refused
from control import Refused
from steps import ADMINISTRATOR, MEMBER, NO_INVESTIGATION, ROLE, STRANGER, USER, graph_of, start
from sweeps import break_every_constraint, bring_about_every_error, throttle_fail_and_deny

# No operation of its own: the other sections call them all.
OPERATIONS = set()


def values_by_shape(bench):
    """Values for the shapes that have a pattern."""
    return {
        "GraphArn": graph_of(bench, ADMINISTRATOR),
        "AccountId": MEMBER,
        "EmailAddress": "owner@example.com",
        "EntityArn": ROLE,
        "InvestigationId": NO_INVESTIGATION,
        "TagKey": "team",
    }


def state(bench):
    """All that the simulator knows of Detective. An account's graph of the start is known from its first use."""
    graph_of(bench, ADMINISTRATOR)
    return bench.control.get("snapshot")["detective"]


def every_constraint_of_every_operation_holds(bench):
    client = bench.detective(ADMINISTRATOR)
    break_every_constraint(client, values_by_shape(bench), "ValidationException", lambda: state(bench))


def constraints_of_paths_and_queries_hold(bench):
    client = bench.detective(ADMINISTRATOR, unchecked=True)
    graph = graph_of(bench, ADMINISTRATOR)
    for arn in (graph[:-1], f"{graph}0", "x", f"{graph} ", f"{graph}\n", f"{graph}/more", "ü"):
        for refusing in (
            lambda: client.list_tags_for_resource(ResourceArn=arn),
            lambda: client.tag_resource(ResourceArn=arn, Tags={"a": "b"}),
            lambda: client.untag_resource(ResourceArn=arn, TagKeys=["a"]),
        ):
            with refused("ValidationException", "ResourceArn") as refusal:
                refusing()
            expect(refusal.response["ErrorCode"], "INVALID_GRAPH_ARN")
    letters = [chr(97 + number // 26) + chr(97 + number % 26) for number in range(51)]
    for keys in ([], [""], ["a" * 129], ["aws:a"], ["a b"], ["ok", "ä"], letters):
        with refused("ValidationException", "tagKeys"):
            client.untag_resource(ResourceArn=graph, TagKeys=keys)
    client.untag_resource(ResourceArn=graph, TagKeys=letters[:50])


def bodies_that_are_no_objects_are_refused(bench):
    client = bench.detective(ADMINISTRATOR, unchecked=True)
    for body in ([], "x", 1, None, True):
        with refused("ValidationException"):
            send_body(client, "ListGraphs", {}, body)
    with refused("ValidationException") as refusal:
        client.list_graphs(MaxResults=0)
    expect(refusal.response["ErrorCode"], "INVALID_REQUEST_BODY")
    assert refusal.response["ErrorCodeReason"], refusal.response
    # Unknown members and null are accepted.
    expect(len(send_body(client, "ListGraphs", {}, {"Unknown": 1, "MaxResults": None})["GraphList"]), 1)


def every_error_of_every_operation_is_brought_about(bench):
    bring_about_every_error(bench, bench.detective(ADMINISTRATOR), values_by_shape(bench), lambda: state(bench))


def every_operation_is_throttled_fails_and_is_denied(bench):
    throttle_fail_and_deny(bench, bench.detective(ADMINISTRATOR), values_by_shape(bench), lambda: state(bench))


def an_error_that_the_operation_does_not_have_is_no_fault(bench):
    for operation, error in (("GetInvestigation", "ConflictException"), ("ListGraphs", "ResourceNotFoundException")):
        try:
            bench.control.fault(operation, "error", error=error)
        except Refused as refusal:
            expect(refusal.status, 400)
        else:
            raise AssertionError(f"control took {error} for {operation}")


def faults_apply_to_their_account_only(bench):
    graph = graph_of(bench, ADMINISTRATOR)
    role, user = start(bench, ROLE), start(bench, USER)
    client = bench.detective(ADMINISTRATOR)

    def get(investigation):
        return client.get_investigation(GraphArn=graph, InvestigationId=investigation)

    # By the entity, found through the investigation's id; as often as they say; in the order in which they came.
    bench.control.fault("GetInvestigation", "throttle", times=2, entity_arn="*:user/*")
    bench.control.fault("GetInvestigation", "internal", entity_arn="*:user/*")
    get(role)
    for code in ("TooManyRequestsException", "TooManyRequestsException", "InternalServerException"):
        with refused(code):
            get(user)
    get(user)
    # By account and Region.
    bench.control.post("faults", {"operation": "ListGraphs", "kind": "internal"}, account=STRANGER, region="eu-west-1")
    bench.detective(STRANGER).list_graphs()
    bench.detective(ADMINISTRATOR, region="eu-west-1").list_graphs()
    with refused("InternalServerException"):
        bench.detective(STRANGER, region="eu-west-1").list_graphs()
    bench.detective(STRANGER, region="eu-west-1").list_graphs()


def answers_are_lost_on_the_way(bench):
    bench.control.graphs(exist=False)
    client = bench.detective(ADMINISTRATOR)

    def created():
        return len(client.list_graphs()["GraphList"]) == 1

    bench.control.fault("CreateGraph", "drop")
    try:
        client.create_graph()
    except ConnectionClosedError:
        expect(created(), False, "it was dropped before it was carried out")
    else:
        raise AssertionError("the answer was not dropped")

    for fault in ({"kind": "drop", "after_work": True}, {"kind": "truncate"}):
        bench.control.fault("CreateGraph", **fault)
        try:
            client.create_graph()
        except (HTTPClientError, ResponseStreamingError):
            expect(created(), True, "it was carried out before the answer was lost")
        else:
            raise AssertionError(f"the answer came whole in spite of {fault}")
        client.delete_graph(GraphArn=graph_of(bench, ADMINISTRATOR))

    bench.control.fault("CreateGraph", "latency", milliseconds=30)
    client.create_graph()
    expect(created(), True)


def an_answer_that_is_late_is_not_waited_for(bench):
    bench.control.fault("ListGraphs", "latency", milliseconds=60_000)
    impatient = bench.detective(ADMINISTRATOR, read_timeout=0.2)
    try:
        impatient.list_graphs()
    except ReadTimeoutError:
        pass
    else:
        raise AssertionError("the answer was not late")
    impatient.list_graphs()


def standard_retries_get_through_throttling(bench):
    bench.control.fault("ListGraphs", "throttle")
    bench.control.fault("GetInvestigation", "throttle")
    bench.control.fault("GetInvestigation", "internal")
    client = bench.detective(ADMINISTRATOR, attempts=3)
    answer = client.list_graphs()
    expect(answer["ResponseMetadata"]["RetryAttempts"], 1)
    with refused("ResourceNotFoundException") as refusal:
        client.get_investigation(GraphArn=graph_of(bench, ADMINISTRATOR), InvestigationId=NO_INVESTIGATION)
    expect(refusal.response["ResponseMetadata"]["RetryAttempts"], 2)


FLOWS = [
    every_constraint_of_every_operation_holds,
    constraints_of_paths_and_queries_hold,
    bodies_that_are_no_objects_are_refused,
    every_error_of_every_operation_is_brought_about,
    every_operation_is_throttled_fails_and_is_denied,
    an_error_that_the_operation_does_not_have_is_no_fault,
    faults_apply_to_their_account_only,
    answers_are_lost_on_the_way,
    an_answer_that_is_late_is_not_waited_for,
    standard_retries_get_through_throttling,
]
