"""Runs a command in a process group of its own and ends the whole group when standard input is closed.

The local cloud holds the other end of the pipe. However it ends (in good order, by a panic, by Ctrl-C, with its terminal,
or killed), the pipe closes, and the command ends with all that it started.
"""

import os
import signal
import subprocess
import sys
import threading

# How long the command may take to end in good order.
GRACE_SECONDS = int(os.environ.get("SUPERVISOR_GRACE_SECONDS", "5"))


def ignore(_signal: int, _frame: object) -> None:
    """The pipe says when to end. A handler, unlike SIG_IGN, is not passed on to the command."""


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, ignore)
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
    group = child.pid  # the leader of a new session leads a group of the same number

    def end(how: int) -> None:
        try:
            os.killpg(group, how)
        except ProcessLookupError:
            pass

    def watch() -> None:
        while os.read(0, 1024):  # not by way of sys.stdin, whose lock would be held at the end
            pass
        end(signal.SIGTERM)
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        end(signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
    status = child.wait()
    end(signal.SIGKILL)  # whatever the command has left behind
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
