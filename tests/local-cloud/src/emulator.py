"""Starts the emulator, mended: see `alarms`, `condition_keys`, `durable` and `put_events`."""

import sys

import alarms
import condition_keys
import durable
import put_events
from ministack import app

if __name__ == "__main__":
    alarms.mend()
    durable.mend()
    condition_keys.mend()
    put_events.mend()
    sys.exit(app.main())
