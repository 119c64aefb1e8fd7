"""Runs a command in its own process group and ends the whole group when standard input is closed.

The local cloud has the other end of the pipe. When it ends (normally, by a panic, by Ctrl-C, with its terminal, or killed),
the pipe closes, and the command ends with all processes that it started.
"""

import os
import signal
import subprocess
import sys
import threading

# The command is killed if it does not end within this time after SIGTERM.
GRACE_SECONDS = int(os.environ.get("SUPERVISOR_GRACE_SECONDS", "5"))


def ignore(_signal: int, _frame: object) -> None:
    """Only the pipe ends the command. A handler, unlike SIG_IGN, is not inherited by the command."""


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, ignore)
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
    group = child.pid  # a session leader's process group ID equals its process ID

    def end(signal_number: int) -> None:
        try:
            os.killpg(group, signal_number)
        except ProcessLookupError:
            pass

    def wait_for_pipe() -> None:
        while os.read(0, 1024):  # not sys.stdin.read(), whose lock would be held at exit
            pass
        end(signal.SIGTERM)
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        end(signal.SIGKILL)

    threading.Thread(target=wait_for_pipe, daemon=True).start()
    status = child.wait()
    end(signal.SIGKILL)  # processes that the command left running
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
