"""What the tools of this folder share: which stack is meant, by samconfig.toml, and what to say when AWS says no."""

from pathlib import Path

import boto3
import tomlkit  # SAM reads samconfig.toml with it
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError, PartialCredentialsError

SAMCONFIG = Path(__file__).parent.parent / "samconfig.toml"

DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
NOT_TAKEN = {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException",
             "SignatureDoesNotMatch", "InvalidToken"}


class Trouble(Exception):
    """Why something was not done, or not all of it, and what to do."""


def settings_of(environment: str) -> dict[str, str]:
    """What samconfig.toml says of an environment's deployment."""
    try:
        tables = tomlkit.parse(SAMCONFIG.read_text(encoding="utf-8")).unwrap()
    except (OSError, tomlkit.exceptions.ParseError) as error:
        raise Trouble(f"samconfig.toml cannot be read: {error}") from error
    if environment not in tables or not isinstance(tables[environment], dict):
        known = ", ".join(name for name, table in tables.items() if isinstance(table, dict))
        raise Trouble(f"samconfig.toml has no environment {environment}; there are {known}")
    of = tables[environment]
    return {**of.get("global", {}).get("parameters", {}), **of.get("deploy", {}).get("parameters", {})}


def stack_of(environment: str, stack: str) -> tuple[str, boto3.Session]:
    """The name of the environment's stack, or of the one that is named, and a session in its Region and profile."""
    settings = settings_of(environment)
    name = stack or settings.get("stack_name")
    if not name:
        raise Trouble(f"samconfig.toml has no stack_name for {environment}; give STACK=name")
    session = boto3.Session(region_name=settings.get("region"), profile_name=settings.get("profile"))
    if session.get_credentials() is None:
        raise NoCredentialsError()
    return name, session


def mend(error: Exception, takes: str) -> str:
    """What to say of an error, and what to do about it; `takes` says which rights the tool takes."""
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return "there are no AWS credentials; sign in, or set AWS_PROFILE"
    if isinstance(error, NoRegionError):
        return "there is no Region; set AWS_REGION, or region in samconfig.toml"
    if isinstance(error, ClientError):
        said, operation = error.response["Error"], error.operation_name
        if said["Code"] in DENIED:
            return f"access is denied to {operation}: {said['Message']}\n{takes}"
        if said["Code"] in NOT_TAKEN:
            return f"AWS does not take these credentials ({said['Code']}); sign in again"
        return f"{operation} failed: {said['Code']}: {said['Message']}"
    return str(error)
