"""keep-membership in Python with boto3, for comparison."""

import json
import os

import boto3

DETECTIVE = boto3.client("detective")
ADMINISTRATORS = set(os.environ["ADMINISTRATORS"].split(","))


def handler(event, context):
    invitations = listed()
    for invitation in invitations:
        if invitation["Status"] == "INVITED" and invitation["AdministratorId"] in ADMINISTRATORS:
            DETECTIVE.accept_invitation(GraphArn=invitation["GraphArn"])
    memberships = listed()
    graphs = [it["GraphArn"] for it in memberships if it["Status"] in ("ENABLED", "ACCEPTED_BUT_DISABLED")]
    sources = DETECTIVE.batch_get_membership_datasources(GraphArns=graphs)["MembershipDatasources"]
    print(json.dumps({"level": "INFO", "message": "checked", "memberships": len(memberships)}))
    return {"memberships": [it["GraphArn"] for it in memberships], "sources": len(sources)}


def listed():
    invitations, more = [], {}
    while True:
        page = DETECTIVE.list_invitations(MaxResults=200, **more)
        invitations.extend(page["Invitations"])
        if not page.get("NextToken"):
            return invitations
        more = {"NextToken": page["NextToken"]}
