"""Starts the emulator, mended: see `alarms` and `durable`."""

import sys

import alarms
import durable
from ministack import app

if __name__ == "__main__":
    alarms.mend()
    durable.mend()
    sys.exit(app.main())
