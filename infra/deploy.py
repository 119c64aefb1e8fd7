"""Builds the functions of a stack, checks their architecture, and deploys the stack.

    deploy.py --stack case --environment prod --architecture x86_64 [--name NAME] [--parameters "AlertEmail=a@example.com ScopeHours=48"]

Called by `make deploy`. The kinds of stack are in deployed.KINDS. Parameters come from samconfig.toml, then from --parameters;
`Architecture` comes only from --architecture, for the build and for the deployment. Invalid input is rejected before the build, which
takes minutes.
"""

import argparse
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from botocore.exceptions import BotoCoreError, ClientError, NoRegionError
from samcli.cli.types import CfnParameterOverridesType
from samcli.yamlhelper import yaml_parse

import binaries
from deployed import KINDS, SAMCONFIG, StackKind, ToolError, explain_error, section_of, settings_of, stack_of

ROOT = SAMCONFIG.parent

# Runs a command in the project's folder and returns its exit status.
Run = Callable[[list[str]], int]


def built_folder(kind: StackKind) -> Path:
    return ROOT / kind.build_dir


def parameters_of(stack: str, environment: str, given: str, architecture: str) -> dict[str, str]:
    """The parameters of the deployment, by name, parsed as SAM parses them."""
    read = CfnParameterOverridesType()
    configured = read.convert(settings_of(stack, environment).get("parameter_overrides", ""), None, None)
    try:
        named = read.convert(given, None, None)
    except Exception as error:  # an exception of click, whose message contains the value
        raise ToolError(f"could not parse PARAMETERS: {error}") from error
    if "Architecture" in named:
        raise ToolError("Architecture cannot be set in PARAMETERS; use ARCHITECTURE=x86_64 or ARCHITECTURE=arm64")
    return {**configured, **named, "Architecture": architecture}


def validate(kind: StackKind, name: str, region: str, parameters: dict[str, str], machine: str) -> None:
    """Raises ToolError for input with which the deployment, or the stack after it, would fail. `machine` is the name of uname."""
    if len(name) > kind.name_max:
        raise ToolError(f"the stack's name {name} has {len(name)} characters; at most {kind.name_max} are allowed, because "
                      "names of functions and roles contain it and have at most 64")
    declared = yaml_parse((ROOT / kind.template).read_text(encoding="utf-8"))["Parameters"]
    unknown = sorted(set(parameters) - set(declared))
    if unknown:  # SAM ignores them
        raise ToolError(f"{kind.template} has no parameter {', '.join(unknown)}; {kind.document} lists the parameters{kinds_with_parameters(unknown)}")
    if parameters["Architecture"] == "x86_64" and machine in ("arm64", "aarch64"):
        raise ToolError(f"this machine ({machine}) builds functions for arm64 only; set ARCHITECTURE=arm64, or deploy from an "
                      "x86_64 machine")
    graph = parameters.get("GraphArn", "").split(":")
    regions = [it for it in parameters.get("InvestigationRegions", "").split(",") if it] or [region]
    if len(graph) > 3 and graph[3] not in regions:
        raise ToolError(f"GraphArn is in {graph[3]}, but the stack investigates in {', '.join(regions)}; use the graph of one "
                      "of these, or add the Region to InvestigationRegions")
    topic = parameters.get("AlertTopicArn", "").split(":")
    if len(topic) > 3 and topic[3] != region:
        raise ToolError(f"AlertTopicArn is in {topic[3]}, but the stack is in {region}; alarms can notify only a topic in their Region")


def kinds_with_parameters(parameters: list[str]) -> str:
    """A sentence with the other kinds of stack that have all of those parameters; empty if there is none."""
    found = [stack for stack, kind in KINDS.items()
             if set(parameters) <= set(yaml_parse((ROOT / kind.template).read_text(encoding="utf-8"))["Parameters"])]
    return f". STACK={' or STACK='.join(found)} has {'it' if len(parameters) == 1 else 'them'}" if found else ""


def missing_recipient_warning(kind: StackKind, parameters: dict[str, str]) -> str:
    """A warning if there is no recipient of notifications; otherwise empty."""
    if any(parameters.get(name) for name in kind.recipient_parameters):
        return ""
    if kind.recipient_parameters == ("AlarmTopicArn",):
        return "AlarmTopicArn is not set: unless the stack has one already, its alarms notify no one"
    names = " nor ".join(kind.recipient_parameters)
    return f"Neither {names} is set: unless the stack has one already, subscribe to its topic manually"


def quote(name: str, value: str) -> str:
    """A parameter in the syntax of SAM's command line."""
    return f'{name}="' + value.replace('"', '\\"') + '"'


def deploy(arguments: argparse.Namespace, machine: str, run: Run) -> None:
    if arguments.stack not in KINDS:
        raise ToolError(f"STACK must be one of {', '.join(KINDS)}; to change the stack's name, use NAME={arguments.stack}")
    kind = KINDS[arguments.stack]
    parameters = parameters_of(arguments.stack, arguments.environment, arguments.parameters, arguments.architecture)
    name, session = stack_of(arguments.stack, arguments.environment, arguments.name)
    if session.region_name is None:
        raise NoRegionError()
    validate(kind, name, session.region_name, parameters, machine)
    warning = missing_recipient_warning(kind, parameters)
    if warning:
        print(warning)
    sam = str(Path(sys.executable).parent / "sam")
    config = ["--config-file", str(SAMCONFIG), "--config-env", section_of(arguments.stack, arguments.environment)]
    overrides = ["--parameter-overrides", *(quote(*it) for it in parameters.items())]
    built = built_folder(kind)
    if run([sam, "build", *config, "--template-file", kind.template, "--build-dir", str(built), *overrides]) != 0:
        raise ToolError("sam build failed; the reason is above. Nothing was deployed")
    errors = binaries.architecture_errors(built, arguments.architecture)
    if errors:
        raise ToolError("\n".join([*errors, "Nothing was deployed. Set the ARCHITECTURE that this machine builds, or build on a "
                                            "machine of the other architecture"]))
    print(f"All functions are built for {arguments.architecture}", flush=True)
    if run([sam, "deploy", *config, "--template-file", str(built / "template.yaml"), "--stack-name", name,
            "--region", session.region_name, *overrides]) != 0:
        raise ToolError("sam deploy failed; the reason is above")


REQUIRED_PERMISSIONS = "A deployment needs the permissions to change all resources of the stack's template"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stack", default="case", help=f"the kind of stack: {', '.join(KINDS)}")
    parser.add_argument("--environment", default="prod", help="an environment of samconfig.toml: prod or dev")
    parser.add_argument("--architecture", default="x86_64", choices=sorted(binaries.MACHINES), help="the architecture of the functions")
    parser.add_argument("--name", default="", help="the stack's name, if it is not that of the environment")
    parser.add_argument("--parameters", default="", help="parameters in addition to those of samconfig.toml")
    try:
        deploy(parser.parse_args(), platform.machine(), lambda command: subprocess.run(command, cwd=ROOT, check=False).returncode)
    except KeyboardInterrupt:
        fail("interrupted; a deployment that was started continues in CloudFormation")
    except (ToolError, BotoCoreError, ClientError) as error:
        fail(explain_error(error, REQUIRED_PERMISSIONS))


def fail(why: str) -> NoReturn:
    print(f"deploy: {why}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
