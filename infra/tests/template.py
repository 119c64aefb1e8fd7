"""The template, read as data, and what names and values can come to in it. Not a test itself."""

import json
from pathlib import Path
from typing import Any

from nested import whole

ROOT = Path(__file__).parent.parent.parent

# The longest values of pseudo parameters. A Region's name has up to 14 characters in the partitions that have Detective.
ACCOUNT, REGION, PARTITION = "1" * 12, "ap-southeast-1", "aws-us-gov"

# A number parameter as long as one is written. CloudFormation would take more digits, such as zeros in front.
NUMBER = "9" * 8


def template(name: str = "case/template.yaml") -> dict[str, Any]:
    return whole(ROOT / "infra" / name)


def substituted(text: str, stack: str) -> str:
    """A Fn::Sub of pseudo parameters alone, with the longest values of the others."""
    for name, value in (("StackName", stack), ("Region", REGION), ("AccountId", ACCOUNT), ("Partition", PARTITION)):
        text = text.replace(f"${{AWS::{name}}}", value)
    assert "${" not in text, f"{text} has a value of which the length is not known"
    return text


def longest(parameter: dict[str, Any], name: str) -> str:
    """A value of that parameter as long as it can be, as JSON writes it: one that is free holds quotes, which are escaped."""
    if parameter["Type"] == "Number":
        return NUMBER
    if "AllowedValues" in parameter:
        return max((str(it) for it in parameter["AllowedValues"]), key=len)
    assert "MaxLength" in parameter, f"{name} has no MaxLength, so the environment that it is in has no bound"
    return ('"' if name == "VerdictWeights" else "a") * int(parameter["MaxLength"])


def reference(resource: dict[str, Any], logical_id: str, stack: str) -> str:
    """What Ref gives of a resource, as long as it can be. A name that CloudFormation makes is STACK-LOGICAL_ID-RANDOM."""
    name = f"{stack}-{logical_id}-{'X' * 13}"
    arn = f"arn:{PARTITION}:service:{REGION}:{ACCOUNT}:"
    return {
        "AWS::DynamoDB::Table": name,
        "AWS::S3::Bucket": "b" * 63,
        "AWS::SQS::Queue": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}",
        "AWS::SNS::Topic": arn + name,
        "AWS::Serverless::StateMachine": f"{arn}stateMachine:{logical_id}-{'X' * 13}" + "x" * 40,
    }[resource["Type"]]


def environment(document: dict[str, Any], variables: dict[str, Any], stack: str) -> str:
    """A function's environment as long as it can be, as Lambda measures it: as JSON."""
    values = {}
    for variable, value in variables.items():
        if isinstance(value, dict) and list(value) == ["Ref"]:
            name = value["Ref"]
            if name.startswith("AWS::"):
                values[variable] = substituted(f"${{{name}}}", stack)
            elif name in document["Parameters"]:
                values[variable] = longest(document["Parameters"][name], name)
            else:
                values[variable] = reference(document["Resources"][name], name, stack)
        elif isinstance(value, dict) and "Fn::If" in value:
            either = (json.loads(environment(document, {variable: it}, stack))[variable] for it in value["Fn::If"][1:])
            values[variable] = max(either, key=len)
        elif isinstance(value, dict):
            values[variable] = substituted(value["Fn::Sub"], stack)
        else:
            values[variable] = str(value)
    return json.dumps(values, separators=(",", ":"))
