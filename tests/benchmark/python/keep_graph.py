"""keep-graph as people would write it with boto3, as far as it is measured: a plan."""

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
    ill = sorted(account for account in wanted & members.keys() if members[account] != "ENABLED")
    tell({"missing": missing, "ill": ill})
    print(json.dumps({"level": "INFO", "message": "planned", "missing": len(missing), "packages": len(packages)}))
    return {"missing": missing, "ill": ill}


def pages(operation, token, **arguments):
    while True:
        page = operation(**arguments)
        yield page
        if not page.get(token):
            return
        arguments[token] = page[token]


def tell(health):
    key = {"subject": {"S": "graph"}, "item": {"S": "health"}}
    item = DYNAMODB.get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item")
    told = json.dumps(health)
    before = item["told"]["S"] if item else json.dumps({"missing": [], "ill": []})
    if told == before:
        return
    if health["ill"]:
        SNS.publish(TopicArn=TOPIC, Subject="The behavior graph got worse", Message=told)
    DYNAMODB.update_item(
        TableName=TABLE,
        Key=key,
        UpdateExpression="SET told = :told",
        ExpressionAttributeValues={":told": {"S": told}},
    )
