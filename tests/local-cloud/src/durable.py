"""Makes the emulator persist the state of all services when it stops.

It copies the state while other threads still change it, and omits a service whose dictionary changes during the copy: the
state of that service since the last start would be lost. With this patch it retries the copy.
"""

from collections.abc import Callable

from ministack import app

MAX_ATTEMPTS = 1000

State = dict[str, object] | None


def retry_on_conflict(read_state: Callable[[], State]) -> Callable[[], State]:
    def with_retries() -> State:
        for _ in range(MAX_ATTEMPTS - 1):
            try:
                return read_state()
            except RuntimeError:  # dictionary changed size during iteration
                pass
        return read_state()

    return with_retries


def patch_emulator() -> None:
    save_all = app.save_all
    app.save_all = lambda services: save_all({name: retry_on_conflict(read) for name, read in services.items()})
