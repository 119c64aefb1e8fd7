"""open-case in Python with boto3, for comparison: the same calls of AWS, without further features."""

import hashlib
import json
import os
from datetime import datetime, timezone

import boto3

DYNAMODB = boto3.client("dynamodb")
EXECUTIONS = boto3.client("stepfunctions")
S3 = boto3.client("s3")
STS = boto3.client("sts")

TABLE = os.environ["TABLE_NAME"]
MACHINE = os.environ["STATE_MACHINE_ARN"]
BUCKET = os.environ["EVIDENCE_BUCKET"]
OWN_ACCOUNT = os.environ["ACCOUNT_ID"]
MEMBER_ROLE = os.environ["MEMBER_ROLE_NAME"]
EXTERNAL_ID = os.environ["MEMBER_ROLE_EXTERNAL_ID"]
MINIMUM = float(os.environ["MINIMUM_SEVERITY"])

# Cached between invocations: clients of member accounts, and ARNs of roles.
IAM = {OWN_ACCOUNT: boto3.client("iam")}
ARNS = {}


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            process(record["body"])
        except Exception as error:
            print(json.dumps({"level": "ERROR", "message": str(error), "message_id": record["messageId"]}))
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def process(body):
    finding = json.loads(body)["detail"]
    if finding["severity"] < MINIMUM or finding["service"]["archived"]:
        return
    for name, principal_id, account in principals(finding):
        open_or_join(finding, role_arn(name, principal_id, account), body)


def principals(finding):
    sequence = finding["service"].get("detection", {}).get("sequence")
    if sequence:
        users = [actor["user"] for actor in sequence["actors"] if "user" in actor]
        return [(user["name"], user["uid"], user["account"]["uid"]) for user in users]
    details = finding["resource"]["accessKeyDetails"]
    return [(details["userName"], details["principalId"], finding["accountId"])]


def role_arn(name, principal_id, account):
    if (account, name) not in ARNS:
        role = iam_of(account).get_role(RoleName=name)["Role"]
        if role["RoleId"] != principal_id.split(":")[0]:
            raise ValueError("the name now belongs to another role")
        ARNS[account, name] = role["Arn"]
    return ARNS[account, name]


def iam_of(account):
    if account not in IAM:
        role = STS.assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{MEMBER_ROLE}", RoleSessionName="gumshoe", ExternalId=EXTERNAL_ID
        )["Credentials"]
        IAM[account] = boto3.client(
            "iam",
            aws_access_key_id=role["AccessKeyId"],
            aws_secret_access_key=role["SecretAccessKey"],
            aws_session_token=role["SessionToken"],
        )
    return IAM[account]


def subject_of(arn):
    """The ARN without its path: names are unique in an account."""
    start, *_, name = arn.split("/")
    return f"{start}/{name}"


def open_or_join(finding, arn, body):
    subject = subject_of(arn)
    now = datetime.now(timezone.utc).isoformat()
    latest = DYNAMODB.query(
        TableName=TABLE,
        KeyConditionExpression="subject = :subject AND begins_with(#item, :prefix)",
        ExpressionAttributeNames={"#item": "item"},
        ExpressionAttributeValues={":subject": {"S": subject}, ":prefix": {"S": "case#"}},
        ScanIndexForward=False,
        Limit=1,
        ConsistentRead=True,
    )["Items"]
    key = {"subject": {"S": subject}, "item": {"S": f"finding#{finding['id']}"}}
    known = DYNAMODB.get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item")
    if known and known["updated_at"]["S"] == finding["updatedAt"]:
        return
    record = dict(key, finding={"S": json.dumps(summary(finding, arn))}, updated_at={"S": finding["updatedAt"]})
    put_finding = {"Put": {"TableName": TABLE, "Item": record}}
    if latest and latest[0]["status"]["S"] == "OPEN":
        sequence = int(latest[0]["case_sequence"]["N"])
        case_id = latest[0]["case_id"]["S"]
        case = {
            "Update": {
                "TableName": TABLE,
                "Key": {"subject": {"S": subject}, "item": {"S": f"case#{sequence:010}"}},
                "UpdateExpression": "SET joined = joined + :one",
                "ConditionExpression": "#status = :open",
                "ExpressionAttributeNames": {"#status": "status"},
                "ExpressionAttributeValues": {":one": {"N": "1"}, ":open": {"S": "OPEN"}},
            }
        }
    else:
        sequence = int(latest[0]["case_sequence"]["N"]) + 1 if latest else 1
        case_id = hashlib.sha256(f"{subject}{now}{sequence}".encode()).hexdigest()[:32]
        item = {
            "subject": {"S": subject},
            "item": {"S": f"case#{sequence:010}"},
            "case_id": {"S": case_id},
            "case_sequence": {"N": str(sequence)},
            "opened_at": {"S": now},
            "status": {"S": "OPEN"},
            "principal": {"S": json.dumps({"arn": arn})},
            "joined": {"N": "1"},
        }
        put = {"TableName": TABLE, "Item": item, "ConditionExpression": "attribute_not_exists(subject)"}
        case = {"Put": put}
    DYNAMODB.transact_write_items(TransactItems=[case, put_finding])
    key = {"subject": {"S": subject}, "item": {"S": f"case#{sequence:010}"}}
    if DYNAMODB.get_item(TableName=TABLE, Key=key, ConsistentRead=True)["Item"]["status"]["S"] != "OPEN":
        raise RuntimeError("the case has ended in the meantime")
    try:
        name = {"subject": subject, "sequence": sequence, "case_id": case_id}
        EXECUTIONS.start_execution(stateMachineArn=MACHINE, name=case_id, input=json.dumps(name))
    except EXECUTIONS.exceptions.ExecutionAlreadyExists:
        pass
    state = f"{finding['updatedAt']}-{finding['service']['count']}"
    evidence = f"cases/{case_id}/findings/{finding['id']}/{state}.json"
    S3.put_object(Bucket=BUCKET, Key=evidence, ContentType="application/json", Body=body.encode())
    print(json.dumps({"level": "INFO", "message": "the finding opened a case", "case_id": case_id}))


def summary(finding, arn):
    names = ("id", "arn", "type", "severity", "title", "accountId", "region", "createdAt", "updatedAt")
    seen = {name: finding["service"].get(name) for name in ("eventFirstSeen", "eventLastSeen", "count")}
    return {**{name: finding[name] for name in names}, **seen, "principal": arn}
