"""send-alert in Python with boto3, for comparison."""

import json
import os
from datetime import datetime, timedelta, timezone

import boto3

DYNAMODB = boto3.client("dynamodb")
SNS = boto3.client("sns")
EVENTS = boto3.client("events")

TABLE = os.environ["TABLE_NAME"]
TOPIC = os.environ["TOPIC_ARN"]


def handler(event, context):
    case = event["case"]
    key = {"subject": {"S": case["subject"]}, "item": {"S": f"case#{case['sequence']:010}"}}
    item = DYNAMODB.get_item(TableName=TABLE, Key=key, ConsistentRead=True)["Item"]
    assessment = json.loads(item["assessment"]["S"])
    revision = assessment["revision"]
    until = datetime.now(timezone.utc) + timedelta(seconds=30)
    change(
        key,
        "SET claimed_revision = :revision, publishing_until = :until",
        "case_id = :case AND attribute_not_exists(publishing_until)",
        {":revision": {"N": str(revision)}, ":until": {"S": until.isoformat()}, ":case": {"S": case["case_id"]}},
    )
    findings = findings_of(case)
    SNS.publish(
        TopicArn=TOPIC,
        Subject=f"[Gumshoe] {case['subject']}, {len(findings)} findings"[:99],
        MessageStructure="json",
        Message=json.dumps(bodies(case, assessment, findings)),
        MessageAttributes={
            name: {"DataType": "String", "StringValue": value}
            for name, value in {"case_id": case["case_id"], "revision": str(revision)}.items()
        },
    )
    now = datetime.now(timezone.utc).isoformat()
    change(
        key,
        "SET published_revision = :revision, alerted_at = :now REMOVE publishing_until",
        "case_id = :case AND claimed_revision = :revision",
        {":revision": {"N": str(revision)}, ":now": {"S": now}, ":case": {"S": case["case_id"]}},
    )
    change(
        key,
        "SET #status = :closed, closed_at = :now",
        "case_id = :case AND joined = :joined",
        {":closed": {"S": "CLOSED"}, ":now": {"S": now}, ":case": {"S": case["case_id"]}, ":joined": item["joined"]},
        {"#status": "status"},
    )
    detail = json.dumps({"case": case, "assessment": assessment, "findings": findings_of(case)})
    EVENTS.put_events(
        Entries=[
            {"Source": "gumshoe", "DetailType": detail_type, "Detail": detail}
            for detail_type in ("Case Alerted", "Case Closed")
        ]
    )
    print(json.dumps({"level": "INFO", "message": "the alert was sent", "case_id": case["case_id"]}))
    return {"outcome": "CLOSED", "revision": revision}


def change(key, update, condition, values, names=None):
    more = {"ExpressionAttributeNames": names} if names else {}
    DYNAMODB.update_item(
        TableName=TABLE,
        Key=key,
        UpdateExpression=update,
        ConditionExpression=condition,
        ExpressionAttributeValues=values,
        **more,
    )


def findings_of(case):
    records = DYNAMODB.query(
        TableName=TABLE,
        KeyConditionExpression="subject = :subject AND begins_with(#item, :prefix)",
        ExpressionAttributeNames={"#item": "item"},
        ExpressionAttributeValues={":subject": {"S": case["subject"]}, ":prefix": {"S": "finding#"}},
        ConsistentRead=True,
    )["Items"]
    return [json.loads(record["finding"]["S"]) for record in records]


def bodies(case, assessment, findings):
    reasons = "\n".join(f"  {reason}" for reason in assessment["verdict"]["reasons"])
    lines = "\n".join(f"  {finding['type']}: {finding['title']}" for finding in findings)
    text = f"{case['subject']}\n\nWHY\n{reasons}\n\nFINDINGS\n{lines}\n"
    machine = json.dumps({"case": case, "assessment": assessment, "findings": findings})
    chat = json.dumps({"version": "1.0", "source": "custom", "content": {"description": text}})
    return {"default": text, "sqs": machine, "lambda": machine, "https": chat, "http": chat}
