"""Whether CloudFormation reads the templates (ValidateTemplate, which changes nothing).

A template in the request has at most 51,200 bytes; a larger one would have to be in a bucket, and nothing is uploaded here. What is
larger is sent without comments and line breaks, then without descriptions and metadata too, which CloudFormation does not act on.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from deployed import DENIED
from nested import STACK
from verify.render import Template
from verify.report import Outcome, Row

# CloudFormation API Reference, ValidateTemplate, TemplateBody.
BODY_BYTES = 51_200

# Attributes that only people and other tools read.
FOR_PEOPLE = {"Description", "ConstraintDescription", "AssertDescription", "AlarmDescription", "Metadata", "Comment", "Sid"}


def without_prose(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: without_prose(value) for name, value in node.items()
                if not (name in FOR_PEOPLE and isinstance(value, (str, dict)))}
    return [without_prose(it) for it in node] if isinstance(node, list) else node


# Text that YAML reads as that text without quotes, wherever it stands.
PLAIN = re.compile(r"[A-Za-z/_][A-Za-z0-9/_.-]*")
NOT_TEXT = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

# Functions of which the short form is used.
SHORT = {"Ref", "Condition", "Fn::And", "Fn::Equals", "Fn::If", "Fn::Join", "Fn::Not", "Fn::Or", "Fn::Select", "Fn::Split", "Fn::Sub"}


def compact(node: Any) -> str:
    """A part of a template in one line of YAML, with CloudFormation's short forms: shorter than JSON by a tenth."""
    if isinstance(node, dict) and len(node) == 1:
        function, argument = next(iter(node.items()))
        if function == "Fn::GetAtt" and isinstance(argument, list):
            return f"!GetAtt {compact('.'.join(argument))}"
        if function in SHORT and (function != "Condition" or isinstance(argument, str)):
            return f"!{function.removeprefix('Fn::')} {compact(argument)}"
    if isinstance(node, dict):
        return "{" + ",".join(f"{compact(name)}: {compact(value)}" for name, value in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ",".join(map(compact, node)) + "]"
    return node if isinstance(node, str) and PLAIN.fullmatch(node) and node.lower() not in NOT_TEXT else json.dumps(node)


def sections(document: dict[str, Any]) -> str:
    """A template with a line for each section. In braces it would be taken for JSON."""
    return "".join(f"{name}: {compact(section)}\n" for name, section in document.items())


def bodies(template: Template) -> Iterator[tuple[str, str]]:
    """The ways to write the template, from the whole to the smallest, and how each is called."""
    text = template.path.read_text(encoding="utf-8")
    if "<<:" not in text and STACK not in text:  # CloudFormation knows no merge keys, and a nested template would have to be in a bucket
        yield text, ""
    yield sections(template.document), "sent without comments"
    yield sections(without_prose(template.document)), "sent without comments and descriptions"


def check(cloudformation: Any, template: Template) -> Row:
    subject = template.path.name
    for body, how in bodies(template):
        if len(body.encode()) <= BODY_BYTES:
            break
    else:
        size = f"{len(body.encode()):,} bytes without descriptions; ValidateTemplate takes {BODY_BYTES:,}"
        return Row("templates", subject, Outcome.NOT_TRIED, f"{size}. The deployment's change set shows whether CloudFormation reads it")
    try:
        answer = cloudformation.validate_template(TemplateBody=body)
    except ClientError as error:
        if error.response["Error"]["Code"] in DENIED:
            raise
        return Row("templates", subject, Outcome.NOT_CONFIRMED, str(error))
    seen = {it["ParameterKey"] for it in answer.get("Parameters", [])}
    if seen != set(template.values):
        return Row("templates", subject, Outcome.NOT_CONFIRMED, f"expected the parameters {sorted(template.values)}, saw {sorted(seen)}")
    return Row("templates", subject, Outcome.CONFIRMED, how)
