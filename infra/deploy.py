"""Builds the functions of a stack, checks that they are built for the architecture, and deploys the stack.

    deploy.py --stack case --environment prod --architecture x86_64 [--name NAME] [--parameters "AlertEmail=a@example.com ScopeHours=48"]

`make deploy` calls it. There are three kinds of stack, each of which is deployed by itself: deployed.KINDS. Parameters come from samconfig.toml, then from --parameters; `Architecture` comes from --architecture
alone, for the build and for the deployment. What can be refused is refused before the build, which takes minutes.
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
from deployed import KINDS, SAMCONFIG, Kind, Trouble, mend, section_of, settings_of, stack_of

ROOT = SAMCONFIG.parent

# Runs a command in the project's folder, and gives its exit status.
Run = Callable[[list[str]], int]


def built_folder(kind: Kind) -> Path:
    return ROOT / kind.built


def parameters_of(stack: str, environment: str, given: str, architecture: str) -> dict[str, str]:
    """The parameters that the stack is deployed with, by name, as SAM reads them."""
    read = CfnParameterOverridesType()
    configured = read.convert(settings_of(stack, environment).get("parameter_overrides", ""), None, None)
    try:
        named = read.convert(given, None, None)
    except Exception as error:  # click's own, with a message that names the value
        raise Trouble(f"PARAMETERS cannot be read: {error}") from error
    if "Architecture" in named:
        raise Trouble("Architecture is no parameter to give here; use ARCHITECTURE=x86_64 or ARCHITECTURE=arm64")
    return {**configured, **named, "Architecture": architecture}


def refuse(kind: Kind, name: str, region: str, parameters: dict[str, str], host: str) -> None:
    """Raises Trouble for what would fail at the deployment or after it. `host` is the machine as uname names it."""
    if len(name) > kind.name_max:
        raise Trouble(f"the stack's name {name} has {len(name)} characters; at most {kind.name_max} are possible, as "
                      "the names of its functions and roles contain it and have at most 64")
    declared = yaml_parse((ROOT / kind.template).read_text(encoding="utf-8"))["Parameters"]
    unknown = sorted(set(parameters) - set(declared))
    if unknown:  # SAM ignores them
        raise Trouble(f"{kind.template} has no parameter {', '.join(unknown)}; {kind.document} lists them{elsewhere(unknown)}")
    if parameters["Architecture"] == "x86_64" and host in ("arm64", "aarch64"):
        raise Trouble(f"this machine ({host}) builds functions for arm64 only; give ARCHITECTURE=arm64, or deploy from an "
                      "x86_64 machine")
    graph = parameters.get("GraphArn", "").split(":")
    regions = [it for it in parameters.get("InvestigationRegions", "").split(",") if it] or [region]
    if len(graph) > 3 and graph[3] not in regions:
        raise Trouble(f"GraphArn is in {graph[3]}, and the stack investigates in {', '.join(regions)}; give the graph of one "
                      "of these, or add the Region to InvestigationRegions")
    topic = parameters.get("AlertTopicArn", "").split(":")
    if len(topic) > 3 and topic[3] != region:
        raise Trouble(f"AlertTopicArn is in {topic[3]}, and the stack in {region}; alarms reach a topic of their own Region only")


def elsewhere(parameters: list[str]) -> str:
    """Which kinds of stack have those parameters that this one has not."""
    found = [stack for stack, kind in KINDS.items()
             if set(parameters) <= set(yaml_parse((ROOT / kind.template).read_text(encoding="utf-8"))["Parameters"])]
    return f". STACK={' or STACK='.join(found)} has {'it' if len(parameters) == 1 else 'them'}" if found else ""


def without_recipients(kind: Kind, parameters: dict[str, str]) -> str:
    """A warning where nobody would be notified; empty if somebody is."""
    if any(parameters.get(name) for name in kind.recipients):
        return ""
    if kind.recipients == ("AlarmTopicArn",):
        return "AlarmTopicArn is not given: unless the stack has one already, its alarms notify nobody"
    names = " nor ".join(kind.recipients)
    return f"Neither {names} is given: unless the stack has one already, subscribe to its topic by hand"


def quoted(name: str, value: str) -> str:
    """A parameter as SAM reads it from its command line."""
    return f'{name}="' + value.replace('"', '\\"') + '"'


def deploy(arguments: argparse.Namespace, host: str, run: Run) -> None:
    if arguments.stack not in KINDS:
        raise Trouble(f"STACK is one of {', '.join(KINDS)}; NAME={arguments.stack} gives the stack another name")
    kind = KINDS[arguments.stack]
    parameters = parameters_of(arguments.stack, arguments.environment, arguments.parameters, arguments.architecture)
    name, session = stack_of(arguments.stack, arguments.environment, arguments.name)
    if session.region_name is None:
        raise NoRegionError()
    refuse(kind, name, session.region_name, parameters, host)
    warning = without_recipients(kind, parameters)
    if warning:
        print(warning)
    sam = str(Path(sys.executable).parent / "sam")
    config = ["--config-file", str(SAMCONFIG), "--config-env", section_of(arguments.stack, arguments.environment)]
    overrides = ["--parameter-overrides", *(quoted(*it) for it in parameters.items())]
    built = built_folder(kind)
    if run([sam, "build", *config, "--template-file", kind.template, "--build-dir", str(built), *overrides]) != 0:
        raise Trouble("the functions could not be built; the reason is above. Nothing was deployed")
    found = binaries.faults(built, arguments.architecture)
    if found:
        raise Trouble("\n".join([*found, "Nothing was deployed. Give the ARCHITECTURE that this machine builds, or build on "
                                         "a machine of the other kind"]))
    print(f"Every function is built for {arguments.architecture}", flush=True)
    if run([sam, "deploy", *config, "--template-file", str(built / "template.yaml"), "--stack-name", name,
            "--region", session.region_name, *overrides]) != 0:
        raise Trouble("the deployment failed; the reason is above")


TAKES = "A deployment takes the rights to change all that the stack's template holds"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stack", default="case", help=f"which kind of stack: {', '.join(KINDS)}")
    parser.add_argument("--environment", default="prod", help="as samconfig.toml has it: prod or dev")
    parser.add_argument("--architecture", default="x86_64", choices=sorted(binaries.MACHINES), help="what to build and deploy")
    parser.add_argument("--name", default="", help="another name than that environment's stack has")
    parser.add_argument("--parameters", default="", help="parameters in addition to those of samconfig.toml")
    try:
        deploy(parser.parse_args(), platform.machine(), lambda command: subprocess.run(command, cwd=ROOT, check=False).returncode)
    except KeyboardInterrupt:
        fail("interrupted; a deployment that was started goes on in CloudFormation")
    except (Trouble, BotoCoreError, ClientError) as error:
        fail(mend(error, TAKES))


def fail(why: str) -> NoReturn:
    print(f"deploy: {why}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
