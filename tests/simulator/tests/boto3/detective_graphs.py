"""Graphs and their tags."""

from datetime import datetime, timezone

from checking import expect, refused
from steps import ADMINISTRATOR, MEMBER, NO_GRAPH, ROLE, STRANGER, graph_of, join, scope, start

OPERATIONS = {
    "CreateGraph",
    "DeleteGraph",
    "ListGraphs",
    "ListTagsForResource",
    "TagResource",
    "UntagResource",
}


def every_account_has_a_graph_in_every_region(bench):
    client = bench.detective(ADMINISTRATOR)
    [graph] = client.list_graphs()["GraphList"]
    expect(graph["Arn"].rsplit(":", 1)[0], f"arn:aws:detective:us-east-1:{ADMINISTRATOR}:graph")
    # Creating it again is no error and makes no other.
    expect(client.create_graph()["GraphArn"], graph["Arn"])
    expect(client.create_graph(Tags={"late": "tag"})["GraphArn"], graph["Arn"])
    expect(client.list_graphs()["GraphList"], [graph])

    arns = {graph_of(bench, account, region=region) for account in (ADMINISTRATOR, MEMBER)
            for region in ("us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1")}
    expect(len(arns), 8)
    expect(sorted({arn.split(":")[1] for arn in arns}), ["aws", "aws-cn", "aws-us-gov"])


def a_graph_is_created_and_deleted(bench):
    bench.control.graphs(exist=False)
    client = bench.detective(ADMINISTRATOR)
    expect(client.list_graphs()["GraphList"], [])
    _create_and_delete(bench)
    # Those of other accounts are still away.
    expect(bench.detective(MEMBER).list_graphs()["GraphList"], [])


def a_graph_of_the_start_is_deleted_and_created_again(bench):
    before = graph_of(bench, ADMINISTRATOR)
    bench.detective(ADMINISTRATOR).delete_graph(GraphArn=before)
    expect(bench.detective(ADMINISTRATOR).list_graphs()["GraphList"], [])
    second = _create_and_delete(bench)
    assert before not in second, "an ARN was used again"
    assert graph_of(bench, MEMBER), "another account's graph is gone"


def _create_and_delete(bench):
    """Creates and deletes graphs of an account that has none; answers their ARNs."""
    client = bench.detective(ADMINISTRATOR)
    earliest = bench.control.now().replace(microsecond=0)
    first = client.create_graph(Tags={"team": "blue", "empty": ""})["GraphArn"]
    [graph] = client.list_graphs()["GraphList"]
    expect(graph["Arn"], first)
    assert earliest <= graph["CreatedTime"] <= bench.control.now(), graph
    expect(client.list_tags_for_resource(ResourceArn=first)["Tags"], {"team": "blue", "empty": ""})
    expect(client.create_graph()["GraphArn"], first)
    investigation = start(bench)

    expect(_body(client.delete_graph(GraphArn=first)), {})
    expect(client.list_graphs()["GraphList"], [])
    for call in (
        lambda: client.delete_graph(GraphArn=first),
        lambda: client.list_tags_for_resource(ResourceArn=first),
        lambda: client.list_members(GraphArn=first),
        lambda: client.start_investigation(GraphArn=first, EntityArn=ROLE, **scope()),
        lambda: client.get_investigation(GraphArn=first, InvestigationId=investigation),
    ):
        with refused("ResourceNotFoundException"):
            call()

    second = client.create_graph(Tags={"team": "green"})["GraphArn"]
    assert second != first, "the ARN of a deleted graph came again"
    expect(client.list_tags_for_resource(ResourceArn=second)["Tags"], {"team": "green"})
    expect(client.list_investigations(GraphArn=second)["InvestigationDetails"], [])
    with refused("ResourceNotFoundException"):
        client.get_investigation(GraphArn=second, InvestigationId=investigation)
    client.delete_graph(GraphArn=second)
    return {first, second}


def a_graph_that_is_taken_away_comes_back_as_it_was(bench):
    client = bench.detective(ADMINISTRATOR)
    graph = join(bench, ADMINISTRATOR, MEMBER)
    client.tag_resource(ResourceArn=graph, Tags={"team": "blue"})
    investigation = start(bench)
    bench.control.graphs(exist=False, account=ADMINISTRATOR, region="us-east-1")
    expect(client.list_graphs()["GraphList"], [])
    expect(bench.detective(MEMBER).list_invitations()["Invitations"], [])
    bench.control.graphs(exist=True, account=ADMINISTRATOR)
    expect(graph_of(bench, ADMINISTRATOR), graph)
    expect(client.list_tags_for_resource(ResourceArn=graph)["Tags"], {"team": "blue"})
    found = client.get_investigation(GraphArn=graph, InvestigationId=investigation)
    expect(found["EntityArn"], ROLE)
    expect(len(bench.detective(MEMBER).list_invitations()["Invitations"]), 1)


def deleting_a_graph_takes_it_from_its_members(bench):
    graph = join(bench, ADMINISTRATOR, MEMBER)
    expect(len(bench.detective(MEMBER).list_invitations()["Invitations"]), 1)
    bench.detective(ADMINISTRATOR).delete_graph(GraphArn=graph)
    expect(bench.detective(MEMBER).list_invitations()["Invitations"], [])
    with refused("ResourceNotFoundException"):
        bench.detective(MEMBER).disassociate_membership(GraphArn=graph)


def tags_are_added_changed_and_removed(bench):
    client = bench.detective(ADMINISTRATOR)
    graph = graph_of(bench, ADMINISTRATOR)

    def tags():
        return client.list_tags_for_resource(ResourceArn=graph).get("Tags", {})

    expect(tags(), {})
    expect(_body(client.tag_resource(ResourceArn=graph, Tags={"a": "1", "b:/._=+-c": "ä 2"})), {})
    expect(tags(), {"a": "1", "b:/._=+-c": "ä 2"})
    client.tag_resource(ResourceArn=graph, Tags={"a": "3", "d": ""})
    expect(tags(), {"a": "3", "b:/._=+-c": "ä 2", "d": ""})
    # Keys that are not there are no error.
    expect(_body(client.untag_resource(ResourceArn=graph, TagKeys=["a", "b:/._=+-c", "never"])), {})
    expect(tags(), {"d": ""})
    client.untag_resource(ResourceArn=graph, TagKeys=["d"])
    expect(tags(), {})


def graph_has_at_most_fifty_tags(bench):
    client = bench.detective(ADMINISTRATOR)
    graph = graph_of(bench, ADMINISTRATOR)
    fifty = {f"key-{chr(97 + number // 26)}{chr(97 + number % 26)}": "x" * 256 for number in range(50)}
    client.tag_resource(ResourceArn=graph, Tags=fifty)
    # The fifty-first is rejected, alone or with another one, and nothing is changed.
    for tags in ({"more": "1"}, {"key-aa": "changed", "more": "1"}):
        with refused("ValidationException"):
            client.tag_resource(ResourceArn=graph, Tags=tags)
    expect(client.list_tags_for_resource(ResourceArn=graph)["Tags"], fifty)
    client.tag_resource(ResourceArn=graph, Tags={"key-aa": "changed"})
    client.untag_resource(ResourceArn=graph, TagKeys=list(fifty))
    client.tag_resource(ResourceArn=graph, Tags={"more": "1"})
    expect(client.list_tags_for_resource(ResourceArn=graph)["Tags"], {"more": "1"})


def tags_that_aws_reserves_or_that_are_too_long_are_refused(bench):
    client = bench.detective(ADMINISTRATOR)
    graph = graph_of(bench, ADMINISTRATOR)
    for tags in ({"aws:mine": "x"}, {"a b": "x"}, {"a" * 129: "x"}, {"a": "x" * 257}):
        with refused("ValidationException"):
            client.tag_resource(ResourceArn=graph, Tags=tags)
        with refused("ValidationException"):
            client.create_graph(Tags=tags)
    with refused("ValidationException"):
        client.untag_resource(ResourceArn=graph, TagKeys=["aws:mine"])
    with refused("ValidationException"):
        client.untag_resource(ResourceArn=graph, TagKeys=[f"k{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(51)])


def graphs_are_their_administrators_own(bench):
    graph = join(bench, ADMINISTRATOR, MEMBER)
    for account, code in ((MEMBER, "AccessDeniedException"), (STRANGER, "ResourceNotFoundException")):
        client = bench.detective(account)
        for call in (
            lambda: client.delete_graph(GraphArn=graph),
            lambda: client.list_tags_for_resource(ResourceArn=graph),
            lambda: client.tag_resource(ResourceArn=graph, Tags={"a": "1"}),
            lambda: client.untag_resource(ResourceArn=graph, TagKeys=["a"]),
        ):
            with refused(code):
                call()
    # The graph's own administrator does not find it in another Region.
    with refused("ResourceNotFoundException"):
        bench.detective(ADMINISTRATOR, region="eu-west-1").list_tags_for_resource(ResourceArn=graph)


def an_invalid_arn_is_reported_as_invalid(bench):
    client = bench.detective(ADMINISTRATOR)
    for arn in (NO_GRAPH[:-1], NO_GRAPH.replace(":graph:", ":x:"), NO_GRAPH + "0", "x", NO_GRAPH.upper()):
        with refused("ValidationException") as refusal:
            client.delete_graph(GraphArn=arn)
        expect(refusal.response["ErrorCode"], "INVALID_GRAPH_ARN")
        assert refusal.response["ErrorCodeReason"]
        with refused("ValidationException") as refusal:
            client.list_tags_for_resource(ResourceArn=arn)
        expect(refusal.response["ErrorCode"], "INVALID_GRAPH_ARN")
    with refused("ValidationException") as refusal:
        client.list_graphs(MaxResults=201)
    expect(refusal.response["ErrorCode"], "INVALID_REQUEST_BODY")
    with refused("ResourceNotFoundException"):
        client.delete_graph(GraphArn=NO_GRAPH)


def graphs_are_listed_with_any_page_size(bench):
    client = bench.detective(ADMINISTRATOR)
    for size in (1, 200):
        page = client.list_graphs(MaxResults=size)
        expect(len(page["GraphList"]), 1)
        assert "NextToken" not in page, page
    with refused("ValidationException"):
        client.list_graphs(NextToken="sample")
    created = client.list_graphs()["GraphList"][0]["CreatedTime"]
    assert created < datetime.now(timezone.utc), created


def _body(answer):
    """An answer without what boto3 adds."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


FLOWS = [
    every_account_has_a_graph_in_every_region,
    a_graph_is_created_and_deleted,
    a_graph_of_the_start_is_deleted_and_created_again,
    a_graph_that_is_taken_away_comes_back_as_it_was,
    deleting_a_graph_takes_it_from_its_members,
    tags_are_added_changed_and_removed,
    graph_has_at_most_fifty_tags,
    tags_that_aws_reserves_or_that_are_too_long_are_refused,
    graphs_are_their_administrators_own,
    an_invalid_arn_is_reported_as_invalid,
    graphs_are_listed_with_any_page_size,
]
