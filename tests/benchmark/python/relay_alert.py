"""relay-alert in Python with boto3 and its urllib3, for comparison."""

import hashlib
import hmac
import json
import os
import time

import boto3
import urllib3

DYNAMODB = boto3.client("dynamodb")
SECRETS = boto3.client("secretsmanager")
HTTP = urllib3.PoolManager()

TABLE = os.environ["TABLE_NAME"]
SECRET = os.environ["RELAY_SECRET_ARN"]
CHANNELS = {}


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            relay(record["body"])
        except Exception as error:
            print(json.dumps({"level": "ERROR", "message": str(error), "message_id": record["messageId"]}))
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def relay(body):
    alert = json.loads(body)
    if not CHANNELS:
        CHANNELS.update(json.loads(SECRETS.get_secret_value(SecretId=SECRET)["SecretString"]))
    key = {"subject": {"S": f"relay/{alert['case_id']}"}, "item": {"S": "delivered"}}
    now = int(time.time() * 1000)
    delivered = DYNAMODB.update_item(
        TableName=TABLE,
        Key=key,
        UpdateExpression="SET held_until = :until",
        ConditionExpression="attribute_not_exists(held_until) OR held_until < :now",
        ExpressionAttributeValues={":until": {"N": str(now + 75_000)}, ":now": {"N": str(now)}},
        ReturnValues="ALL_NEW",
    )["Attributes"]
    revision = alert["revision"]
    sequence = int(alert["case_id"].rsplit("-", 1)[1])
    case = DYNAMODB.get_item(
        TableName=TABLE,
        Key={"subject": {"S": alert["subject"]}, "item": {"S": f"case#{sequence:010}"}},
        ProjectionExpression="case_id, claimed_revision, published_revision, assessment",
        ConsistentRead=True,
    )["Item"]
    if revision > int(case["claimed_revision"]["N"]):
        raise RuntimeError("the revision was never claimed")
    for channel, (url, message, headers) in messages(alert, body).items():
        if int(delivered.get(f"channel_{channel}", {"N": "0"})["N"]) >= revision:
            continue
        headers["content-type"] = "application/json"
        answer = HTTP.request("POST", url, body=message.encode(), headers=headers, retries=False)
        if answer.status >= 300:
            raise RuntimeError(f"{channel} answered {answer.status}")
        DYNAMODB.update_item(
            TableName=TABLE,
            Key=key,
            UpdateExpression="SET #channel = :revision",
            ExpressionAttributeNames={"#channel": f"channel_{channel}"},
            ExpressionAttributeValues={":revision": {"N": str(revision)}},
        )
    DYNAMODB.update_item(TableName=TABLE, Key=key, UpdateExpression="REMOVE held_until")
    print(json.dumps({"level": "INFO", "message": "delivered", "case_id": alert["case_id"]}))


def messages(alert, body):
    slack, pagerduty, webhook = CHANNELS["slack"], CHANNELS["pagerduty"], CHANNELS["webhook"]
    text = f"{alert['case_id']}: {json.dumps(alert['verdict'])}"[:3000]
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
    event = {
        "routing_key": pagerduty["routing_key"],
        "event_action": "trigger",
        "dedup_key": alert["case_id"],
        "payload": {"summary": text[:1024], "source": "gumshoe", "severity": "critical"},
    }
    moment = str(int(time.time()))
    delivery = f"{alert['case_id']}/{alert['revision']}"
    contents = {"v1": f"{moment}.{body}", "v2": f"{moment}\n{delivery}\n{body}"}
    key = webhook["key"].encode()
    signatures = [f"{name}={hmac.new(key, it.encode(), hashlib.sha256).hexdigest()}" for name, it in contents.items()]
    signed = {"x-gumshoe-signature": ",".join([f"t={moment}", *signatures]), "x-gumshoe-delivery": delivery}
    return {
        "slack": (slack["webhook_url"], json.dumps({"text": text, "blocks": blocks}), {}),
        "pagerduty": (pagerduty["url"], json.dumps(event), {}),
        "webhook": (webhook["url"], body, signed),
    }
