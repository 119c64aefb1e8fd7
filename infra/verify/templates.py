"""Whether CloudFormation reads the templates (ValidateTemplate, which changes nothing).

A template in the request has at most 51,200 bytes; a larger one would have to be in a bucket, and nothing is uploaded here. What is
larger is sent as JSON without spaces, then without descriptions and metadata, which CloudFormation does not act on.
"""

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from deployed import DENIED
from verify.render import Template
from verify.report import Outcome, Row

# CloudFormation API Reference, ValidateTemplate, TemplateBody.
BODY_BYTES = 51_200

# Attributes that only people and other tools read.
FOR_PEOPLE = {"Description", "ConstraintDescription", "AssertDescription", "AlarmDescription", "Metadata", "Comment"}


def without_prose(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: without_prose(value) for name, value in node.items()
                if not (name in FOR_PEOPLE and isinstance(value, (str, dict)))}
    return [without_prose(it) for it in node] if isinstance(node, list) else node


def bodies(template: Template) -> Iterator[tuple[str, str]]:
    """The ways to write the template, from the whole to the smallest, and how each is called."""
    yield template.path.read_text(encoding="utf-8"), ""
    yield json.dumps(template.document, separators=(",", ":"), default=str), "sent as JSON"
    yield json.dumps(without_prose(template.document), separators=(",", ":"), default=str), "sent as JSON without descriptions"


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
