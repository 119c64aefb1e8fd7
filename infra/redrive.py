"""Redrives a stack's dead letters: SQS moves them back to their queue, and the tool prints how many.

    redrive.py --environment prod --queue findings|relay|graph|membership [--name NAME]

Called by `make redrive`. The stack is that of the environment and of the kind that has the queue, with the Region and profile of
samconfig.toml, if there are any. The move is StartMessageMoveTask, as in the console's "Start DLQ redrive". The destination queue is
given explicitly, because messages that open-case, EventBridge or SNS have sent to a dead-letter queue have no source queue.
"""

import argparse
import sys
import time
from typing import Any, NoReturn

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from deployed import ToolError, explain_error, stack_of

# The kind of stack, and the logical ids of the dead-letter queue and of the queue that its messages are moved to.
QUEUES = {
    "findings": ("case", "DeadLetterQueue", "FindingsQueue"),
    "relay": ("case", "RelayDeadLetterQueue", "RelayQueue"),
    "graph": ("graph", "DeadLetterQueue", "GraphQueue"),
    "membership": ("member", "DeadLetterQueue", "MembershipQueue"),
}

# How often the move task is polled, and after which time without progress the tool stops waiting.
POLL_INTERVAL_SECONDS = 0.5
STALL_TIMEOUT_SECONDS = 120.0


class Stack:
    """The deployed stack and its queues."""

    def __init__(self, name: str, session: boto3.Session) -> None:
        self.name = name
        settings = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=10, read_timeout=30)
        self.cloudformation = session.client("cloudformation", config=settings)
        self.sqs = session.client("sqs", config=settings)

    def queue_url(self, logical_id: str) -> str:
        try:
            found = self.cloudformation.describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        except ClientError as error:
            details = error.response["Error"]
            if details["Code"] == "ValidationError" and f"Resource {logical_id}" in details["Message"]:
                raise ToolError(f"the stack {self.name} has no {logical_id}: it was deployed without a relay, or is "
                              "another kind of stack") from error
            if details["Code"] == "ValidationError":
                region = self.cloudformation.meta.region_name
                raise ToolError(f"there is no stack {self.name} in {region} for these credentials; check the "
                              "account, the Region and the name (NAME=name)") from error
            raise
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def attributes(self, url: str) -> dict[str, str]:
        names = ["QueueArn", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        return self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]

    def latest_move(self, source: str) -> dict[str, Any]:
        moves = self.sqs.list_message_move_tasks(SourceArn=source, MaxResults=1).get("Results", [])
        return moves[0] if moves else {}


def redrive(stack: Stack, queue: str) -> str:
    """Moves the dead letters of the queue and returns a sentence with the result."""
    dead_letter_url, target_url = (stack.queue_url(logical_id) for logical_id in QUEUES[queue][1:])
    attributes = stack.attributes(dead_letter_url)
    source, target = attributes["QueueArn"], stack.attributes(target_url)["QueueArn"]
    before = stack.latest_move(source)
    if before.get("Status") in ("RUNNING", "CANCELLING"):
        raise ToolError(f"a move of {name_of(source)} is already in progress; wait until it has ended")
    waiting, in_flight = (int(attributes[f"ApproximateNumberOfMessages{which}"]) for which in ("", "NotVisible"))
    if waiting == 0 and in_flight == 0:
        return f"nothing to do: {name_of(source)} is empty"
    if waiting == 0:
        raise ToolError(f"{in_flight} message(s) in {name_of(source)} are in flight, such as in the console; try again when they "
                      "are visible, by default after 30 seconds")
    print(f"moving {waiting} message(s) from {name_of(source)} to {name_of(target)}", flush=True)
    try:
        stack.sqs.start_message_move_task(SourceArn=source, DestinationArn=target)
    except ClientError as error:
        if "active" in error.response["Error"]["Message"].lower():  # another caller has started one
            raise ToolError(f"a move of {name_of(source)} is already in progress; wait until it has ended") from error
        raise
    return wait_for_move(stack, source, before.get("StartedTimestamp"))


def wait_for_move(stack: Stack, source: str, before: int | None) -> str:
    """Polls the move task until it has ended. The previous task, started at `before`, may still be listed for a moment."""
    moved, changed = 0, time.monotonic()
    while True:
        task = stack.latest_move(source)
        task = task if task.get("StartedTimestamp") != before else {}
        now, total = int(task.get("ApproximateNumberOfMessagesMoved", 0)), task.get("ApproximateNumberOfMessagesToMove")
        status = task.get("Status")
        if status == "COMPLETED":
            return f"{now} message(s) moved; those that fail again return to {name_of(source)} with their cause"
        if status == "FAILED":
            why = task.get("FailureReason", "SQS returned no reason")
            raise ToolError(f"the move failed after {now} message(s): {why}. The others are still in {name_of(source)}")
        if status == "CANCELLED":
            raise ToolError(f"the move was cancelled after {now} message(s); the others are still in {name_of(source)}")
        if status == "RUNNING" and total is not None and now > 2 * int(total) + 10:
            stack.sqs.cancel_message_move_task(TaskHandle=task["TaskHandle"])
            raise ToolError(f"messages return to {name_of(source)} right after the move, so it was cancelled after "
                          f"{now}; read their attributes `error` and `cause` (docs/OPERATIONS.md)")
        if now != moved:
            moved, changed = now, time.monotonic()
            print(f"  {moved} moved", flush=True)
        if time.monotonic() - changed > STALL_TIMEOUT_SECONDS:
            raise ToolError(f"the move made no progress for {STALL_TIMEOUT_SECONDS:.0f} seconds, after {moved} message(s); it may "
                          "still be in progress: check the console, or run this again")
        time.sleep(POLL_INTERVAL_SECONDS)


def name_of(arn: str) -> str:
    return arn.rsplit(":", 1)[-1]


REQUIRED_PERMISSIONS = ("Only the roles in the stack's parameter OperatorRoleArns may move dead letters. "
         "A redrive needs cloudformation:DescribeStackResource; of the dead-letter queue sqs:StartMessageMoveTask, "
         "ListMessageMoveTasks, ReceiveMessage, DeleteMessage and GetQueueAttributes; and of the destination queue sqs:SendMessage and "
         "GetQueueAttributes")


def run(arguments: argparse.Namespace) -> str:
    name, session = stack_of(QUEUES[arguments.queue][0], arguments.environment, arguments.name)
    return redrive(Stack(name, session), arguments.queue)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--environment", default="prod", help="an environment of samconfig.toml: prod or dev")
    parser.add_argument("--queue", default="findings", choices=sorted(QUEUES), help="the queue that the dead letters belong to")
    parser.add_argument("--name", default="", help="the stack's name, if it is not that of the environment")
    try:
        print(run(parser.parse_args()))
    except KeyboardInterrupt:
        fail("stopped waiting; a move that was started continues, and the console can cancel it")
    except (ToolError, BotoCoreError, ClientError) as error:
        fail(explain_error(error, REQUIRED_PERMISSIONS))


def fail(why: str) -> NoReturn:
    print(f"redrive: {why}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
