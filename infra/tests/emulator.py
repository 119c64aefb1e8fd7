"""ministack, started for a test. Not a test itself."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

STARTUP_TIMEOUT_SECONDS = 60


@contextlib.contextmanager
def emulator() -> Iterator[str]:
    """The emulator's address; the emulator stops at the end of the block. Of this process's environment it gets only PATH."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as home:
        environment = {"PATH": os.environ["PATH"], "HOME": home, "TMPDIR": home, "GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1",
                       "IOT_MTLS_ENABLED": "0", "DOCKER_HOST": "unix:///nonexistent", "SFN_WAIT_SCALE": "0"}
        process = subprocess.Popen([str(Path(sys.executable).parent / "ministack")], env=environment, cwd=home,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            await_health(process, url)
            yield url
        finally:
            process.terminate()
            process.wait(STARTUP_TIMEOUT_SECONDS)


def await_health(process: subprocess.Popen[bytes], url: str) -> None:
    end = time.monotonic() + STARTUP_TIMEOUT_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{url}/_ministack/health", timeout=5):
                return
        except OSError as error:
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the emulator does not answer ({error}); it ended with {process.poll()}") from error
            time.sleep(0.05)


def client(url: str, service: str, region: str = "us-east-1") -> Any:
    # TestState would go to the host sync-127.0.0.1.
    return boto3.client(service, endpoint_url=url, region_name=region, aws_access_key_id="test", aws_secret_access_key="test",
                        config=Config(inject_host_prefix=False))
