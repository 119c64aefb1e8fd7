"""GuardDuty through boto3: those of its operations that are simulated.

    guardduty.py URL SECTION     runs the flows of one section
    guardduty.py URL sections    holds that the sections call all of these operations, each with success
"""

import sys

import guardduty_detectors
import guardduty_errors
import guardduty_findings
import guardduty_investigations
import guardduty_listing
from model import GUARDDUTY
from running import main

SECTIONS = {
    "detectors": guardduty_detectors,
    "findings": guardduty_findings,
    "listing": guardduty_listing,
    "investigations": guardduty_investigations,
    "errors": guardduty_errors,
}

if __name__ == "__main__":
    main("guardduty", SECTIONS, GUARDDUTY, *sys.argv[1:])
