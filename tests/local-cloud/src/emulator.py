"""Starts the emulator with patches; see `alarms`, `condition_keys`, `durable` and `put_events`."""

import sys

import alarms
import condition_keys
import durable
import put_events
from ministack import app

if __name__ == "__main__":
    alarms.patch_emulator()
    durable.patch_emulator()
    condition_keys.patch_emulator()
    put_events.patch_emulator()
    sys.exit(app.main())
