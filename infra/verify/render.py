"""A template with its functions resolved, as CloudFormation would resolve them for a stack in one account and Region.

The resources need not exist: their names and ARNs are examples in the form of real ones.
"""

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deployed import ToolError
from nested import flatten

# The value of Ref of AWS::NoValue: the property or list member is removed.
NO_VALUE = object()

# Example parameters, with which every conditional statement and resource is rendered.
EXAMPLE_PARAMETERS = {
    "MemberRoleName": "gumshoe-principals", "MemberRoleExternalId": "example", "KeepGraph": "destroy",
    "ManagementRoleExternalId": "example", "GuardDutyInvestigations": "all", "ArchiveQuietInvestigations": "true",
    "ManagementRoleArn": "arn:{partition}:iam::111122223333:role/gumshoe-detective",
    "RelaySecretArn": "arn:{partition}:secretsmanager:{region}:{account}:secret:example-AbCdEf",
    "EarlierTable": "gumshoe-Cases-EXAMPLE", "PublisherRoleArns": "arn:{partition}:iam::{account}:role/keep-graph",
    "AlarmTopicArn": "arn:{partition}:sns:{region}:{account}:example", "StackName": "gumshoe", "ExternalId": "example",
    "OpenCaseRoleArn": "arn:{partition}:iam::{account}:role/open-case", "OrganizationId": "o-a1b2c3d4e5",
    "KeepGraphRoleArn": "arn:{partition}:iam::{account}:role/keep-graph",
    "OperatorRoleArns": "arn:{partition}:iam::{account}:role/operator",
    "AdministratorAccountId": "111122223333", "Administrators": "111122223333", "StackRegion": "eu-north-1", "MayChange": "true",
}

# ARNs of resources by their types; {name} is the example of the physical name.
ARNS = {
    "AWS::SQS::Queue": "arn:{partition}:sqs:{region}:{account}:{name}",
    "AWS::SNS::Topic": "arn:{partition}:sns:{region}:{account}:{name}",
    "AWS::DynamoDB::Table": "arn:{partition}:dynamodb:{region}:{account}:table/{name}",
    "AWS::S3::Bucket": "arn:{partition}:s3:::{name}",
    "AWS::KMS::Key": "arn:{partition}:kms:{region}:{account}:key/00000000-0000-0000-0000-000000000000",
    "AWS::Logs::LogGroup": "arn:{partition}:logs:{region}:{account}:log-group:{name}:*",
    "AWS::IAM::Role": "arn:{partition}:iam::{account}:role/{name}",
    "AWS::Events::Rule": "arn:{partition}:events:{region}:{account}:rule/{name}",
    "AWS::Serverless::Function": "arn:{partition}:lambda:{region}:{account}:function:{name}",
    "AWS::Serverless::StateMachine": "arn:{partition}:states:{region}:{account}:stateMachine:{name}",
}
# Types for which Ref returns the ARN.
REF_IS_ARN = {"AWS::SNS::Topic", "AWS::Serverless::StateMachine"}


@dataclasses.dataclass(frozen=True)
class StackLocation:
    """The partition, Region, account and name of the stack, which need not exist."""

    partition: str
    region: str
    account: str
    stack: str

    def fill(self, text: str, name: str = "") -> str:
        return text.format(partition=self.partition, region=self.region, account=self.account, name=name)


class RenderedTemplate:
    """A template of infra/, with values for its parameters."""

    def __init__(self, path: Path, location: StackLocation, parameters: Mapping[str, str]) -> None:
        self.path = path
        self.location = location
        self.document: dict[str, Any] = flatten(path)
        declared = self.document.get("Parameters", {})
        everything = {name: location.fill(value) for name, value in EXAMPLE_PARAMETERS.items()}
        given = {**everything, **{name: value for name, value in parameters.items() if value}}
        unknown = [name for name, it in declared.items() if name not in given and "Default" not in it]
        if unknown:
            raise ToolError(f"{path.name} requires {', '.join(unknown)}; add an example to infra/verify/render.py")
        self.values = {name: given.get(name, str(it.get("Default", ""))) for name, it in declared.items()}

    def resources(self, kind: str) -> dict[str, Any]:
        """The resources of that type that exist with these parameters, with their properties resolved."""
        of_kind = {name: it for name, it in self.document["Resources"].items() if it["Type"] == kind}
        return {name: self.resolve(it.get("Properties", {})) for name, it in of_kind.items()
                if "Condition" not in it or self.condition(it["Condition"])}

    def condition(self, name: str) -> bool:
        return bool(self.resolve(self.document["Conditions"][name]))

    def resolve(self, node: Any) -> Any:
        if isinstance(node, list):
            return [value for value in map(self.resolve, node) if value is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            function, argument = next(iter(node.items()))
            if function in ("Ref", "Condition") or function.startswith("Fn::"):
                return self.call(function, argument)
        resolved = {name: self.resolve(value) for name, value in node.items()}
        return {name: value for name, value in resolved.items() if value is not NO_VALUE}

    def call(self, function: str, argument: Any) -> Any:
        match function:
            case "Ref":
                return self.ref(argument)
            case "Fn::GetAtt":
                name, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
                return self.attribute(name, attribute)
            case "Fn::Sub":
                return self.substitute(*argument) if isinstance(argument, list) else self.substitute(argument, {})
            case "Condition" | "Fn::Condition":
                return self.condition(argument)
            case "Fn::If":
                return self.resolve(argument[1] if self.condition(argument[0]) else argument[2])
            case "Fn::Equals":
                left, right = self.resolve(argument)
                return str(left) == str(right)
            case "Fn::Not":
                return not self.resolve(argument)[0]
            case "Fn::And":
                return all(self.resolve(argument))
            case "Fn::Or":
                return any(self.resolve(argument))
            case "Fn::Split":
                return self.resolve(argument[1]).split(argument[0])
            case "Fn::Join":
                return argument[0].join(self.resolve(argument[1]))
            case "Fn::Select":
                return self.resolve(argument[1])[int(argument[0])]
        raise ToolError(f"{self.path.name} uses {function}, which infra/verify/render.py cannot resolve")

    def ref(self, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        if name.startswith("AWS::"):
            return {"AWS::NoValue": NO_VALUE, "AWS::Partition": self.location.partition, "AWS::Region": self.location.region,
                    "AWS::AccountId": self.location.account, "AWS::StackName": self.location.stack}[name]
        kind = self.resource(name)["Type"]
        return self.attribute(name, "Arn") if kind in REF_IS_ARN else self.physical_name(name)

    def attribute(self, name: str, attribute: str) -> str:
        kind = self.resource(name)["Type"]
        if attribute != "Arn":  # QueueName, TopicName, Name
            return self.physical_name(name)
        if kind not in ARNS:
            raise ToolError(
                f"{self.path.name} uses the ARN of a resource of type {kind}, which infra/verify/render.py does not support")
        return self.location.fill(ARNS[kind], self.physical_name(name))

    def resource(self, name: str) -> dict[str, Any]:
        if name not in self.document["Resources"]:
            raise ToolError(f"{self.path.name} refers to {name}, which is neither its parameter nor its resource")
        return self.document["Resources"][name]

    def physical_name(self, name: str) -> str:
        properties = self.resource(name).get("Properties", {})
        given = next((properties[it] for it in ("FunctionName", "RoleName", "LogGroupName") if it in properties), None)
        made = f"{self.location.stack}-{name}"
        return self.resolve(given) if given is not None else made.lower() if "Bucket" in name else made

    def substitute(self, text: str, more: dict[str, Any]) -> str:
        def value(found: re.Match[str]) -> str:
            name = found.group(1)
            if name in more:
                return str(self.resolve(more[name]))
            if "." in name:
                return self.attribute(*name.split(".", 1))
            return str(self.ref(name))

        return re.sub(r"\$\{([^!}]+)\}", value, text)


def rendered_definition(template: RenderedTemplate) -> str:
    """The state machine's definition, with its substitutions, as SAM and CloudFormation render it."""
    machines = template.resources("AWS::Serverless::StateMachine")
    if len(machines) != 1:
        raise ToolError(f"{template.path.name} has {len(machines)} state machines; one is expected")
    machine = next(iter(machines.values()))
    text = (template.path.parent / machine["DefinitionUri"]).read_text(encoding="utf-8")
    return substituted(text, machine["DefinitionSubstitutions"])


def substituted(text: str, values: Mapping[str, str]) -> str:
    """A text with `${Name}` replaced by the values of that name."""
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    return text
