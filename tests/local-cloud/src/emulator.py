"""Starts the emulator, mended: see `condition_keys`, `durable` and `put_events`."""

import sys

import condition_keys
import durable
import put_events
from ministack import app

if __name__ == "__main__":
    durable.mend()
    condition_keys.mend()
    put_events.mend()
    sys.exit(app.main())
