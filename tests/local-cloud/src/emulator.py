"""Starts the emulator, mended: see `alarms`, `durable` and `put_events`."""

import sys

import alarms
import durable
import put_events
from ministack import app

if __name__ == "__main__":
    alarms.mend()
    durable.mend()
    put_events.mend()
    sys.exit(app.main())
