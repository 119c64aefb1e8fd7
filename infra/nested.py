"""Flattens templates: replaces nested stacks by their resources, as if everything were in one file.

    nested.py FOLDER

Writes every template into the folder as JSON, for checks that support neither nested templates nor YAML's merge keys.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from samcli.yamlhelper import yaml_parse

INFRA = Path(__file__).resolve().parent
STACK, POLICY = "AWS::CloudFormation::Stack", "AWS::IAM::ManagedPolicy"


def templates() -> list[Path]:
    """The templates of infra/ that are deployed by themselves: not nested templates, and not the state machine's source."""
    every = [path for path in sorted(INFRA.glob("*/*.yaml")) if not path.name.endswith(".asl.yaml")]
    parts = {path.parent / it["Properties"]["TemplateURL"]
             for path in every for it in yaml_parse(path.read_text(encoding="utf-8"))["Resources"].values() if it["Type"] == STACK}
    return [path for path in every if path not in parts]


def flatten(path: Path) -> dict[str, Any]:
    """The template with the resources of its nested stacks in place of the stacks. Parameters are replaced by the values that the
    stack passes; a nested policy becomes an inline policy of the role that references it."""
    template: dict[str, Any] = yaml_parse(path.read_text(encoding="utf-8"))
    resources = template.get("Resources", {})
    for name in [name for name, it in resources.items() if it["Type"] == STACK]:
        stack = resources.pop(name)["Properties"]
        nested = flatten(path.parent / stack["TemplateURL"])
        passed = stack.get("Parameters", {})
        declared = set(nested.get("Parameters", {}))
        if declared != set(passed):
            raise NestedTemplateError(f"{stack['TemplateURL']} declares {sorted(declared)}, and {name} passes {sorted(passed)}")
        conditions = template.setdefault("Conditions", {})
        for inner, condition in replaced(nested.get("Conditions", {}), passed, None).items():
            if conditions.setdefault(inner, condition) != condition:
                raise NestedTemplateError(f"condition {inner} of {stack['TemplateURL']} is defined differently in {path.name}")
        for inner, resource in nested["Resources"].items():
            if resource["Type"] == POLICY:
                inline_policy(resources, f"{name}.Outputs.{inner}", inner, resource["Properties"]["PolicyDocument"], passed)
            elif inner in resources:
                raise NestedTemplateError(f"{inner} is in {stack['TemplateURL']} and in {path.name}")
            else:
                resources[inner] = replaced(resource, passed, resource.get("Condition"))
    return template


class NestedTemplateError(Exception):
    """A nested template does not match the template that contains it."""


def inline_policy(resources: dict[str, Any], output: str, name: str, document: Any, passed: dict[str, Any]) -> None:
    """Adds the document to the policies of the one role that references the policy."""
    roles = [it for it in resources.values()
             if [attribute(arn) for arn in it.get("Properties", {}).get("ManagedPolicyArns", [])] == [output]]
    if len(roles) != 1:
        raise NestedTemplateError(f"{len(roles)} roles have the policy {output}; expected one")
    properties = roles[0]["Properties"]
    del properties["ManagedPolicyArns"]
    properties.setdefault("Policies", []).append(
        {"PolicyName": name, "PolicyDocument": replaced(document, passed, roles[0].get("Condition"))})


def attribute(node: Any) -> str:
    """The argument of a Fn::GetAtt in its dotted form."""
    argument = node.get("Fn::GetAtt", "") if isinstance(node, dict) else ""
    return argument if isinstance(argument, str) else ".".join(argument)


def replaced(node: Any, passed: dict[str, Any], condition: str | None) -> Any:
    """The node with the passed values in place of the parameters. `condition` is that of the resource; a Fn::If on it in a passed
    value is resolved as true."""
    if isinstance(node, list):
        return [replaced(it, passed, condition) for it in node]
    if not isinstance(node, dict):
        return node
    if list(node) == ["Ref"] and node["Ref"] in passed:
        given = passed[node["Ref"]]
        choice = given.get("Fn::If") if isinstance(given, dict) else None
        return choice[1] if choice and choice[0] == condition else given
    if list(node) == ["Fn::Sub"] and isinstance(node["Fn::Sub"], str):
        return {"Fn::Sub": re.sub(r"\$\{(\w+)\}", lambda found: substitute(found, passed), node["Fn::Sub"])}
    return {name: replaced(value, passed, condition) for name, value in node.items()}


def substitute(found: re.Match[str], passed: dict[str, Any]) -> str:
    """The text that replaces a parameter in a Fn::Sub."""
    given = passed.get(found.group(1))
    if not isinstance(given, dict):
        return found.group(0) if given is None else str(given)
    if "Fn::Sub" in given:
        return str(given["Fn::Sub"])
    return f"${{{given['Ref'] if 'Ref' in given else attribute(given)}}}"


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    for path in templates():
        (folder / f"{path.parent.name}-{path.stem}.json").write_text(json.dumps(flatten(path), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
