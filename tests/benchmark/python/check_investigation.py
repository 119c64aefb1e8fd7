"""check-investigation as people would write it with boto3."""

import json
import os

import boto3

DYNAMODB = boto3.client("dynamodb")
DETECTIVE = boto3.client("detective")

TABLE = os.environ["TABLE_NAME"]
DEADLINE = int(os.environ["DEADLINE_MINUTES"]) * 60


def handler(event, context):
    case, look = event["case"], event["look"]
    key = {"subject": {"S": case["subject"]}, "item": {"S": f"case#{case['sequence']:010}"}}
    item = DYNAMODB.get_item(TableName=TABLE, Key=key, ConsistentRead=True)["Item"]
    noted = json.loads(item["investigation"]["S"])
    found = DETECTIVE.get_investigation(GraphArn=noted["graph_arn"], InvestigationId=noted["id"])
    print(json.dumps({"level": "INFO", "message": found["Status"], "case_id": case["case_id"], "look": look}))
    if found["Status"] == "RUNNING" and look * 10 < DEADLINE:
        return {"status": "RUNNING", "wait_seconds": 10}
    return {"status": "SUCCESSFUL" if found["Status"] == "SUCCESSFUL" else "NO_RESULT"}
