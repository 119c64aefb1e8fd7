"""Generates infra/case/case.asl.json, which is deployed, from infra/case/case.asl.yaml, which is edited: `make definition`.

    case-definition.py [--template FILE]

YAML has features that the States Language lacks: anchors, so that a retry policy is written once, comments, and expressions over
several lines. Both files are in the repository, because the template refers to the JSON. A test compares them.

With --template it writes a CloudFormation template that contains the definition instead, for cfn-lint.
"""

import argparse
import json
from pathlib import Path

import yaml

CASE = Path(__file__).resolve().parent / "case"
DEFINITION = CASE / "case.asl.json"


def definition() -> str:
    source = yaml.safe_load((CASE / "case.asl.yaml").read_text(encoding="utf-8"))
    del source["Retries"]  # the anchors; not a field of the States Language
    return json.dumps(source, indent=2, ensure_ascii=False) + "\n"


def template() -> str:
    """The definition in a template. Its substitutions belong to SAM and need no values here."""
    text = DEFINITION.read_text(encoding="utf-8").replace("${Partition}", "aws")
    role = "arn:aws:iam::111122223333:role/work-cases"
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"RoleArn": role, "Definition": json.loads(text)}}
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"CaseStateMachine": machine}})


def main() -> None:
    parser = argparse.ArgumentParser(description="generates infra/case/case.asl.json from infra/case/case.asl.yaml")
    parser.add_argument("--template", type=Path, help="write a template with the definition to this file")
    arguments = parser.parse_args()
    if arguments.template is None:
        DEFINITION.write_text(definition(), encoding="utf-8")
    else:
        arguments.template.parent.mkdir(parents=True, exist_ok=True)
        arguments.template.write_text(template(), encoding="utf-8")


if __name__ == "__main__":
    main()
