"""Builds the functions, holds them against the architecture, and deploys the stack.

    deploy.py --environment prod --architecture x86_64 [--stack NAME] [--parameters "AlertEmail=a@example.com ScopeHours=48"]

`make deploy` calls it. Parameters come from samconfig.toml, then from --parameters; `Architecture` comes from --architecture
alone, for the build and for the deployment. What can be refused is refused before the build, which takes minutes.
"""

import argparse
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from botocore.exceptions import BotoCoreError, ClientError
from samcli.cli.types import CfnParameterOverridesType
from samcli.yamlhelper import yaml_parse

import binaries
from deployed import SAMCONFIG, Trouble, mend, settings_of, stack_of

ROOT = SAMCONFIG.parent
BUILT = ROOT / ".aws-sam/build"

# The template makes names of functions, roles and log groups from the stack's name, and AWS bounds them: a function's at 64
# characters (Lambda API Reference, CreateFunction). infra/tests/test_template.py computes this number from the template.
STACK_NAME_MAX = 38

# Runs a command in the project's folder, and gives its exit status.
Run = Callable[[list[str]], int]


def parameters_of(environment: str, given: str, architecture: str) -> dict[str, str]:
    """The parameters that the stack is deployed with, by name, as SAM reads them."""
    read = CfnParameterOverridesType()
    configured = read.convert(settings_of(environment).get("parameter_overrides", ""), None, None)
    try:
        named = read.convert(given, None, None)
    except Exception as error:  # click's own, with a message that names the value
        raise Trouble(f"PARAMETERS cannot be read: {error}") from error
    if "Architecture" in named:
        raise Trouble("Architecture is no parameter to give here; use ARCHITECTURE=x86_64 or ARCHITECTURE=arm64")
    return {**configured, **named, "Architecture": architecture}


def refuse(stack: str, region: str | None, parameters: dict[str, str], host: str) -> None:
    """Raises Trouble for what would fail at the deployment or after it. `host` is the machine as uname names it."""
    if len(stack) > STACK_NAME_MAX:
        raise Trouble(f"the stack's name {stack} has {len(stack)} characters; at most {STACK_NAME_MAX} are possible, as "
                      "the names of its functions and roles contain it and have at most 64")
    declared = yaml_parse((ROOT / "infra/case/template.yaml").read_text(encoding="utf-8"))["Parameters"]
    unknown = sorted(set(parameters) - set(declared))
    if unknown:  # SAM ignores them
        raise Trouble(f"the template has no parameter {', '.join(unknown)}; README.md lists them")
    if parameters["Architecture"] == "x86_64" and host in ("arm64", "aarch64"):
        raise Trouble(f"this machine ({host}) builds functions for arm64 only; give ARCHITECTURE=arm64, or deploy from an "
                      "x86_64 machine")
    graph = parameters.get("GraphArn", "").split(":")
    regions = [it for it in parameters.get("InvestigationRegions", "").split(",") if it] or [region or ""]
    if len(graph) > 3 and graph[3] not in regions:
        raise Trouble(f"GraphArn is in {graph[3]}, and the stack investigates in {', '.join(regions)}; give the graph of one "
                      "of these, or add the Region to InvestigationRegions")


def quoted(name: str, value: str) -> str:
    """A parameter as SAM reads it from its command line."""
    return f'{name}="' + value.replace('"', '\\"') + '"'


def deploy(arguments: argparse.Namespace, host: str, run: Run) -> None:
    parameters = parameters_of(arguments.environment, arguments.parameters, arguments.architecture)
    stack, session = stack_of(arguments.environment, arguments.stack)
    refuse(stack, session.region_name, parameters, host)
    if not parameters.get("AlertEmail") and not parameters.get("RelaySecretArn"):
        print("Neither AlertEmail nor RelaySecretArn is given: unless the stack has one already, subscribe to its topic by hand")
    sam = str(Path(sys.executable).parent / "sam")
    config = ["--config-file", str(SAMCONFIG), "--config-env", arguments.environment]
    overrides = ["--parameter-overrides", *(quoted(*it) for it in parameters.items())]
    if run([sam, "build", *config, *overrides]) != 0:
        raise Trouble("the functions could not be built; the reason is above. Nothing was deployed")
    found = binaries.faults(BUILT, arguments.architecture)
    if found:
        raise Trouble("\n".join([*found, "Nothing was deployed. Give the ARCHITECTURE that this machine builds, or build on "
                                         "a machine of the other kind"]))
    print(f"Every function is built for {arguments.architecture}", flush=True)
    if run([sam, "deploy", *config, "--stack-name", stack, *overrides]) != 0:
        raise Trouble("the deployment failed; the reason is above")


TAKES = "A deployment takes the rights to change all that infra/case/template.yaml holds"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--environment", default="prod", help="as samconfig.toml has it: prod or dev")
    parser.add_argument("--architecture", default="x86_64", choices=sorted(binaries.MACHINES), help="what to build and deploy")
    parser.add_argument("--stack", default="", help="another stack than that environment's")
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
