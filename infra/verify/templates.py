"""Validates the templates (ValidateTemplate, which changes nothing).

A template in the request has at most 51,200 bytes; a larger one would have to be in a bucket, and nothing is uploaded here. A larger
one is sent without comments and line breaks, and if that is not enough also without descriptions and metadata, which do not affect
CloudFormation.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from deployed import ACCESS_DENIED_CODES
from nested import STACK
from verify.render import RenderedTemplate
from verify.report import Outcome, Result

# CloudFormation API Reference, ValidateTemplate, TemplateBody.
BODY_BYTES = 51_200

# Attributes that only people and other tools read.
DOCUMENTATION_KEYS = {"Description", "ConstraintDescription", "AssertDescription", "AlarmDescription", "Metadata", "Comment", "Sid"}


def without_prose(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: without_prose(value) for name, value in node.items()
                if not (name in DOCUMENTATION_KEYS and isinstance(value, (str, dict)))}
    return [without_prose(it) for it in node] if isinstance(node, list) else node


# Text that YAML reads as that text without quotes.
UNQUOTED_SCALAR = re.compile(r"[A-Za-z/_][A-Za-z0-9/_.-]*")
YAML_RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

# Functions that have a short form.
SHORT_FORM_FUNCTIONS = {"Ref", "Condition", "Fn::And", "Fn::Equals", "Fn::If", "Fn::Join", "Fn::Not", "Fn::Or", "Fn::Select", "Fn::Split", "Fn::Sub"}


def compact(node: Any) -> str:
    """A part of a template in one line of YAML, with CloudFormation's short forms: shorter than JSON by a tenth."""
    if isinstance(node, dict) and len(node) == 1:
        function, argument = next(iter(node.items()))
        if function == "Fn::GetAtt" and isinstance(argument, list):
            return f"!GetAtt {compact('.'.join(argument))}"
        if function in SHORT_FORM_FUNCTIONS and (function != "Condition" or isinstance(argument, str)):
            return f"!{function.removeprefix('Fn::')} {compact(argument)}"
    if isinstance(node, dict):
        return "{" + ",".join(f"{compact(name)}: {compact(value)}" for name, value in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ",".join(map(compact, node)) + "]"
    return node if isinstance(node, str) and UNQUOTED_SCALAR.fullmatch(node) and node.lower() not in YAML_RESERVED else json.dumps(node)


def sections(document: dict[str, Any]) -> str:
    """A template with a line for each section. In braces, CloudFormation would parse it as JSON."""
    return "".join(f"{name}: {compact(section)}\n" for name, section in document.items())


def request_bodies(template: RenderedTemplate) -> Iterator[tuple[str, str]]:
    """The template in several forms, from the complete to the smallest one, each with a note."""
    text = template.path.read_text(encoding="utf-8")
    if "<<:" not in text and STACK not in text:  # CloudFormation supports no merge keys, and a nested template would have to be in a bucket
        yield text, ""
    yield sections(template.document), "sent without comments"
    yield sections(without_prose(template.document)), "sent without comments and descriptions"


def check(cloudformation: Any, template: RenderedTemplate) -> Result:
    subject = template.path.name
    for body, how in request_bodies(template):
        if len(body.encode()) <= BODY_BYTES:
            break
    else:
        size = f"{len(body.encode()):,} bytes without descriptions; ValidateTemplate accepts {BODY_BYTES:,}"
        return Result("templates", subject, Outcome.SKIPPED, f"{size}. The deployment's change set shows whether CloudFormation accepts it")
    try:
        answer = cloudformation.validate_template(TemplateBody=body)
    except ClientError as error:
        if error.response["Error"]["Code"] in ACCESS_DENIED_CODES:
            raise
        return Result("templates", subject, Outcome.NOT_CONFIRMED, str(error))
    seen = {it["ParameterKey"] for it in answer.get("Parameters", [])}
    if seen != set(template.values):
        return Result("templates", subject, Outcome.NOT_CONFIRMED, f"expected the parameters {sorted(template.values)}, saw {sorted(seen)}")
    return Result("templates", subject, Outcome.CONFIRMED, how)
