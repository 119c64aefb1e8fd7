"""Detective through boto3, as a client that knows nothing of the simulator but its address.

    detective.py URL SECTION     runs the flows of one section
    detective.py URL sections    holds that the sections call all operations there are, each with success
"""

import sys

import detective_datasources
import detective_errors
import detective_graphs
import detective_invitations
import detective_investigations
import detective_listing
import detective_members
import detective_organizations
from model import DETECTIVE
from running import main

SECTIONS = {
    "graphs": detective_graphs,
    "invitations": detective_invitations,
    "members": detective_members,
    "datasources": detective_datasources,
    "organizations": detective_organizations,
    "investigations": detective_investigations,
    "listing": detective_listing,
    "errors": detective_errors,
}


if __name__ == "__main__":
    main("detective", SECTIONS, DETECTIVE, *sys.argv[1:])
