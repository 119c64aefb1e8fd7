"""The template as data, and the longest names and values that it can have. Not a test itself."""

import json
from pathlib import Path
from typing import Any

from nested import flatten

ROOT = Path(__file__).parent.parent.parent

# The longest values of pseudo parameters. A Region's name has up to 14 characters in the partitions that have Detective.
ACCOUNT, REGION, PARTITION = "1" * 12, "ap-southeast-1", "aws-us-gov"

# The length of a number parameter as people write it. CloudFormation would accept more digits, such as leading zeros.
NUMBER = "9" * 8


def template(name: str = "case/template.yaml") -> dict[str, Any]:
    return flatten(ROOT / "infra" / name)


def substituted(text: str, stack: str) -> str:
    """A Fn::Sub of pseudo parameters only, with the stack's name and the longest values of the others."""
    for name, value in (("StackName", stack), ("Region", REGION), ("AccountId", ACCOUNT), ("Partition", PARTITION)):
        text = text.replace(f"${{AWS::{name}}}", value)
    assert "${" not in text, f"{text} has a value of which the length is not known"
    return text


def longest_value(parameter: dict[str, Any], name: str) -> str:
    """The longest value of that parameter in JSON. Free text consists of quotes, which JSON escapes."""
    if parameter["Type"] == "Number":
        return NUMBER
    if "AllowedValues" in parameter:
        return max((str(it) for it in parameter["AllowedValues"]), key=len)
    assert "MaxLength" in parameter, f"{name} has no MaxLength, so the environment that it is in has no bound"
    return ('"' if name == "VerdictWeights" else "a") * int(parameter["MaxLength"])


def longest_ref(resource: dict[str, Any], logical_id: str, stack: str) -> str:
    """The longest value of Ref for a resource. A name that CloudFormation generates is STACK-LOGICAL_ID-RANDOM."""
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
    """The longest environment of a function, as JSON, as Lambda measures it."""
    values = {}
    for variable, value in variables.items():
        if isinstance(value, dict) and list(value) == ["Ref"]:
            name = value["Ref"]
            if name.startswith("AWS::"):
                values[variable] = substituted(f"${{{name}}}", stack)
            elif name in document["Parameters"]:
                values[variable] = longest_value(document["Parameters"][name], name)
            else:
                values[variable] = longest_ref(document["Resources"][name], name, stack)
        elif isinstance(value, dict) and "Fn::If" in value:
            either = (json.loads(environment(document, {variable: it}, stack))[variable] for it in value["Fn::If"][1:])
            values[variable] = max(either, key=len)
        elif isinstance(value, dict):
            values[variable] = substituted(value["Fn::Sub"], stack)
        else:
            values[variable] = str(value)
    return json.dumps(values, separators=(",", ":"))
