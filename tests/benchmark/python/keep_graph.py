"""keep-graph in Python with boto3, for comparison: only the measured mode, a plan."""

import json
import os

import boto3

DYNAMODB = boto3.client("dynamodb")
DETECTIVE = boto3.client("detective")
SSM = boto3.client("ssm")
SNS = boto3.client("sns")

TABLE = os.environ["TABLE_NAME"]
DOCUMENT = os.environ["GRAPH_DOCUMENT"]
TOPIC = os.environ["TOPIC_ARN"]


def handler(event, context):
    document = json.loads(SSM.get_parameter(Name=DOCUMENT)["Parameter"]["Value"])
    wanted = {account["account_id"] for account in document["members"]["accounts"]}
    for page in pages(SSM.get_parameters_by_path, "NextToken", Path=f"{DOCUMENT}/members", MaxResults=10):
        for parameter in page["Parameters"]:
            wanted.update(account["account_id"] for account in json.loads(parameter["Value"]))
    graph = DETECTIVE.list_graphs()["GraphList"][0]["Arn"]
    members, packages = {}, {}
    for page in pages(DETECTIVE.list_members, "NextToken", GraphArn=graph, MaxResults=200):
        members.update({member["AccountId"]: member["Status"] for member in page["MemberDetails"]})
    for page in pages(DETECTIVE.list_datasource_packages, "NextToken", GraphArn=graph):
        packages.update(page["DatasourcePackages"])
    missing = sorted(wanted - members.keys())
    not_enabled = sorted(account for account in wanted & members.keys() if members[account] != "ENABLED")
    notify({"missing": missing, "not_enabled": not_enabled})
    print(json.dumps({"level": "INFO", "message": "planned", "missing": len(missing), "packages": len(packages)}))
    return {"missing": missing, "not_enabled": not_enabled}


def pages(operation, token, **arguments):
    while True:
        page = operation(**arguments)
        yield page
        if not page.get(token):
            return
        arguments[token] = page[token]


def notify(health):
    key = {"subject": {"S": "graph"}, "item": {"S": "health"}}
    item = DYNAMODB.get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item")
    current = json.dumps(health)
    before = item["told"]["S"] if item else json.dumps({"missing": [], "not_enabled": []})
    if current == before:
        return
    if health["not_enabled"]:
        SNS.publish(TopicArn=TOPIC, Subject="The behavior graph got worse", Message=current)
    DYNAMODB.update_item(
        TableName=TABLE,
        Key=key,
        UpdateExpression="SET told = :current",
        ExpressionAttributeValues={":current": {"S": current}},
    )
