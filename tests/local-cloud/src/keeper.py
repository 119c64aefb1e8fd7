"""Runs a command in a process group of its own and ends the whole group when standard input is closed.

The local cloud holds the other end of the pipe. However it ends (in good order, by a panic, by Ctrl-C, or killed), the
pipe closes, and the emulator ends with the functions that it started.
"""

import os
import signal
import subprocess
import sys
import threading

GRACE_SECONDS = 5


def main() -> int:
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
    group = child.pid  # the leader of a new session leads a group of the same number

    def end(how: int) -> None:
        try:
            os.killpg(group, how)
        except ProcessLookupError:
            pass

    def watch() -> None:
        while sys.stdin.buffer.read(1024):
            pass
        end(signal.SIGTERM)
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        end(signal.SIGKILL)

    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)  # the pipe says when to end
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    status = child.wait()
    end(signal.SIGKILL)  # whatever the command has left behind
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
