"""Sends a stack's dead letters through again: has SQS move them to the queue that they belong to, and says how many.

    redrive.py --environment prod --queue findings|relay|graph|membership [--name NAME]

`make redrive` calls it. The stack is the environment's of the kind that has the queue, in the Region and with the profile that
samconfig.toml names, if any. The move is SQS's own (StartMessageMoveTask), as the console's "Start DLQ redrive" is; it is given
the queue to move to, for what open-case, EventBridge or SNS have put into a dead-letter queue has no source queue that SQS
would know.
"""

import argparse
import sys
import time
from typing import Any, NoReturn

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from deployed import Trouble, mend, stack_of

# The kind of stack that has them, and by the names of its template where dead letters lie and where they go.
QUEUES = {
    "findings": ("case", "DeadLetterQueue", "FindingsQueue"),
    "relay": ("case", "RelayDeadLetterQueue", "RelayQueue"),
    "graph": ("graph", "DeadLetterQueue", "GraphQueue"),
    "membership": ("member", "DeadLetterQueue", "MembershipQueue"),
}

# How often the task is looked at, and how long it may go without moving anything before this gives up watching.
PULSE_SECONDS = 0.5
PATIENCE_SECONDS = 120.0


class Stack:
    """The deployed stack, and its queues."""

    def __init__(self, name: str, session: boto3.Session) -> None:
        self.name = name
        settings = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=10, read_timeout=30)
        self.cloudformation = session.client("cloudformation", config=settings)
        self.sqs = session.client("sqs", config=settings)

    def queue_url(self, logical_id: str) -> str:
        try:
            found = self.cloudformation.describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        except ClientError as error:
            said = error.response["Error"]
            if said["Code"] == "ValidationError" and f"Resource {logical_id}" in said["Message"]:
                raise Trouble(f"the stack {self.name} has no {logical_id}: it is deployed without a relay, or is "
                              "another kind of stack") from error
            if said["Code"] == "ValidationError":
                region = self.cloudformation.meta.region_name
                raise Trouble(f"there is no stack {self.name} in {region} for these credentials; is it deployed, and is "
                              "this its account and Region? (NAME=name names another)") from error
            raise
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def attributes(self, url: str) -> dict[str, str]:
        names = ["QueueArn", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        return self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]

    def latest_move(self, source: str) -> dict[str, Any]:
        moves = self.sqs.list_message_move_tasks(SourceArn=source, MaxResults=1).get("Results", [])
        return moves[0] if moves else {}


def redrive(stack: Stack, queue: str) -> str:
    """Moves the queue's dead letters, and says what came of it."""
    dead, alive = (stack.queue_url(logical_id) for logical_id in QUEUES[queue][1:])
    letters = stack.attributes(dead)
    source, target = letters["QueueArn"], stack.attributes(alive)["QueueArn"]
    before = stack.latest_move(source)
    if before.get("Status") in ("RUNNING", "CANCELLING"):
        raise Trouble(f"a move of {name_of(source)} is under way already, begun here or in the console; wait until it "
                      "has ended")
    waiting, held = (int(letters[f"ApproximateNumberOfMessages{which}"]) for which in ("", "NotVisible"))
    if waiting == 0 and held == 0:
        return f"nothing to do: {name_of(source)} is empty"
    if waiting == 0:
        raise Trouble(f"somebody is looking at the {held} message(s) in {name_of(source)}; try again when they can be "
                      "seen again, by default after 30 seconds")
    print(f"moving {waiting} message(s) from {name_of(source)} to {name_of(target)}", flush=True)
    try:
        stack.sqs.start_message_move_task(SourceArn=source, DestinationArn=target)
    except ClientError as error:
        if "active" in error.response["Error"]["Message"].lower():  # somebody was faster
            raise Trouble(f"a move of {name_of(source)} is under way already; wait until it has ended") from error
        raise
    return follow(stack, source, before.get("StartedTimestamp"))


def follow(stack: Stack, source: str, before: int | None) -> str:
    """Watches the move until it has ended. The one that was started `before` may be listed for a moment still."""
    moved, changed = 0, time.monotonic()
    while True:
        task = stack.latest_move(source)
        task = task if task.get("StartedTimestamp") != before else {}
        now, total = int(task.get("ApproximateNumberOfMessagesMoved", 0)), task.get("ApproximateNumberOfMessagesToMove")
        status = task.get("Status")
        if status == "COMPLETED":
            return f"{now} message(s) moved; what fails again comes back to {name_of(source)}, with its cause"
        if status == "FAILED":
            why = task.get("FailureReason", "SQS gives no reason")
            raise Trouble(f"the move failed after {now} message(s): {why}. The rest is still in {name_of(source)}")
        if status == "CANCELLED":
            raise Trouble(f"somebody cancelled the move after {now} message(s); the rest is still in {name_of(source)}")
        if status == "RUNNING" and total is not None and now > 2 * int(total) + 10:
            stack.sqs.cancel_message_move_task(TaskHandle=task["TaskHandle"])
            raise Trouble(f"messages come back to {name_of(source)} as fast as they are moved, so the move was cancelled "
                          f"after {now}; look at their attributes `error` and `cause` (docs/OPERATIONS.md)")
        if now != moved:
            moved, changed = now, time.monotonic()
            print(f"  {moved} moved", flush=True)
        if time.monotonic() - changed > PATIENCE_SECONDS:
            raise Trouble(f"the move has not gone on for {PATIENCE_SECONDS:.0f} seconds, after {moved} message(s); it may "
                          "still be under way: see the console, or call this again")
        time.sleep(PULSE_SECONDS)


def name_of(arn: str) -> str:
    return arn.rsplit(":", 1)[-1]


TAKES = ("Only the roles in the stack's parameter OperatorRoleArns may move dead letters. "
         "A redrive takes cloudformation:DescribeStackResource; of the dead-letter queue sqs:StartMessageMoveTask, "
         "ListMessageMoveTasks, ReceiveMessage, DeleteMessage and GetQueueAttributes; and of the other sqs:SendMessage and "
         "GetQueueAttributes")


def work(arguments: argparse.Namespace) -> str:
    name, session = stack_of(QUEUES[arguments.queue][0], arguments.environment, arguments.name)
    return redrive(Stack(name, session), arguments.queue)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--environment", default="prod", help="as samconfig.toml has it: prod or dev")
    parser.add_argument("--queue", default="findings", choices=sorted(QUEUES), help="whose dead letters")
    parser.add_argument("--name", default="", help="another stack than that environment's")
    try:
        print(work(parser.parse_args()))
    except KeyboardInterrupt:
        fail("no longer watched; a move that was started goes on, and the console can cancel it")
    except (Trouble, BotoCoreError, ClientError) as error:
        fail(mend(error, TAKES))


def fail(why: str) -> NoReturn:
    print(f"redrive: {why}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
