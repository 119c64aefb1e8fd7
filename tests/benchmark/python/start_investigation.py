"""start-investigation in Python with boto3, for comparison."""

import json
import os
from datetime import datetime, timedelta, timezone

import boto3

DYNAMODB = boto3.client("dynamodb")
DETECTIVE = boto3.client("detective")

TABLE = os.environ["TABLE_NAME"]
SCOPE = timedelta(hours=int(os.environ["SCOPE_HOURS"]))


def handler(event, context):
    case = event["case"]
    key = {"subject": {"S": case["subject"]}, "item": {"S": f"case#{case['sequence']:010}"}}
    item = DYNAMODB.get_item(TableName=TABLE, Key=key, ConsistentRead=True)["Item"]
    findings = DYNAMODB.query(
        TableName=TABLE,
        KeyConditionExpression="subject = :subject AND begins_with(#item, :prefix)",
        ExpressionAttributeNames={"#item": "item"},
        ExpressionAttributeValues={":subject": {"S": case["subject"]}, ":prefix": {"S": "finding#"}},
        ConsistentRead=True,
    )["Items"]
    findings = [json.loads(finding["finding"]["S"]) for finding in findings]
    graph = DETECTIVE.list_graphs()["GraphList"][0]["Arn"]
    entity = json.loads(item["principal"]["S"])["arn"]
    found = DETECTIVE.list_investigations(
        GraphArn=graph,
        FilterCriteria={"EntityArn": {"Value": entity}},
        SortCriteria={"Field": "CREATED_TIME", "SortOrder": "DESC"},
        MaxResults=10,
    )["InvestigationDetails"]
    usable = [it["InvestigationId"] for it in found if it["Status"] in ("RUNNING", "SUCCESSFUL")]
    now = datetime.now(timezone.utc).replace(microsecond=0)
    if usable:
        investigation = usable[0]
    else:
        investigation = DETECTIVE.start_investigation(
            GraphArn=graph, EntityArn=entity, ScopeStartTime=now - SCOPE, ScopeEndTime=now
        )["InvestigationId"]
    stored = {"id": investigation, "graph_arn": graph, "scope": {"end": now.isoformat()}, "reused": bool(usable)}
    DYNAMODB.update_item(
        TableName=TABLE,
        Key=key,
        UpdateExpression="SET investigation = :investigation",
        ConditionExpression="case_id = :case",
        ExpressionAttributeValues={":investigation": {"S": json.dumps(stored)}, ":case": {"S": case["case_id"]}},
    )
    print(json.dumps({"level": "INFO", "message": "started", "case_id": case["case_id"], "findings": len(findings)}))
    return {"outcome": "STARTED", "wait_seconds": 10, "investigation_id": investigation, "reused": bool(usable)}
