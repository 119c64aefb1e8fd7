"""check-investigation in Python with boto3, for comparison."""

import json
import os

import boto3

DYNAMODB = boto3.client("dynamodb")
DETECTIVE = boto3.client("detective")

TABLE = os.environ["TABLE_NAME"]
DEADLINE = int(os.environ["DEADLINE_MINUTES"]) * 60


def handler(event, context):
    case, poll = event["case"], event["poll"]
    key = {"subject": {"S": case["subject"]}, "item": {"S": f"case#{case['sequence']:010}"}}
    item = DYNAMODB.get_item(TableName=TABLE, Key=key, ConsistentRead=True)["Item"]
    stored = json.loads(item["investigation"]["S"])
    found = DETECTIVE.get_investigation(GraphArn=stored["graph_arn"], InvestigationId=stored["id"])
    print(json.dumps({"level": "INFO", "message": found["Status"], "case_id": case["case_id"], "poll": poll}))
    if found["Status"] == "RUNNING" and poll * 10 < DEADLINE:
        return {"status": "RUNNING", "wait_seconds": 10}
    return {"status": "SUCCESSFUL" if found["Status"] == "SUCCESSFUL" else "NO_RESULT"}
