"""assess-case in Python with boto3, for comparison."""

import json
import os
from datetime import datetime, timezone
from html import escape

import boto3
from botocore.exceptions import ClientError

DYNAMODB = boto3.client("dynamodb")
DETECTIVE = boto3.client("detective")
GUARDDUTY = boto3.client("guardduty")
ORGANIZATIONS = boto3.client("organizations")
S3 = boto3.client("s3")

TABLE = os.environ["TABLE_NAME"]
BUCKET = os.environ["EVIDENCE_BUCKET"]
THRESHOLDS = {"Low": 10, "Medium": 30, "High": 60, "Critical": 90}
THRESHOLD = THRESHOLDS[os.environ["ALERT_THRESHOLD"]]

# The points of the first indicator of a kind, of each further one, and their maximum.
WEIGHTS = {
    "FLAGGED_IP_ADDRESS": (60, 10, 80),
    "IMPOSSIBLE_TRAVEL": (60, 5, 70),
    "TTP_OBSERVED": (40, 20, 80),
    "NEW_GEOLOCATION": (10, 5, 20),
    "NEW_ASO": (10, 5, 20),
    "NEW_USER_AGENT": (10, 5, 20),
    "RELATED_FINDING": (10, 5, 25),
    "RELATED_FINDING_GROUP": (10, 5, 15),
}

# Cached between invocations: memberships, names of accounts, detectors.
MEMBERS = {}
NAMES = {}
DETECTORS = []


def handler(event, context):
    case = event["case"]
    key = {"subject": {"S": case["subject"]}, "item": {"S": f"case#{case['sequence']:010}"}}
    item = DYNAMODB.get_item(TableName=TABLE, Key=key, ConsistentRead=True)["Item"]
    records = DYNAMODB.query(
        TableName=TABLE,
        KeyConditionExpression="subject = :subject AND begins_with(#item, :prefix)",
        ExpressionAttributeNames={"#item": "item"},
        ExpressionAttributeValues={":subject": {"S": case["subject"]}, ":prefix": {"S": "finding#"}},
        ConsistentRead=True,
    )["Items"]
    findings = [json.loads(record["finding"]["S"]) for record in records]
    stored = json.loads(item["investigation"]["S"])
    graph, investigation = stored["graph_arn"], stored["id"]
    found = DETECTIVE.get_investigation(GraphArn=graph, InvestigationId=investigation)
    indicators = without_own(findings, list(indicators_of(graph, investigation)))
    account = case["subject"].split(":")[4]
    if account not in MEMBERS:
        members = DETECTIVE.get_members(GraphArn=graph, AccountIds=[account])["MemberDetails"]
        MEMBERS[account] = any(member["Status"] == "ENABLED" for member in members)
    score, reasons = score_of(findings, indicators)
    assessment = {
        "at": datetime.now(timezone.utc).isoformat(),
        "revision": int(item["published_revision"]["N"]) + 1,
        "score": score,
        "reasons": reasons,
        "alerts": score >= THRESHOLD,
        "severity": found.get("Severity"),
        "account": name_of(account),
        "in_graph": MEMBERS[account],
    }
    store(case, assessment, findings, indicators)
    DYNAMODB.update_item(
        TableName=TABLE,
        Key=key,
        UpdateExpression="SET assessment = :assessment, assessments = assessments + :one",
        ConditionExpression="case_id = :case AND joined = :joined",
        ExpressionAttributeValues={
            ":assessment": {"S": json.dumps(assessment)},
            ":one": {"N": "1"},
            ":case": {"S": case["case_id"]},
            ":joined": item["joined"],
        },
    )
    print(json.dumps({"level": "INFO", "message": "assessed", "case_id": case["case_id"], "score": score}))
    return {"outcome": "ALERT" if score >= THRESHOLD else "CLOSED", "score": score, "needs_operator": False}


def indicators_of(graph, investigation):
    more = {}
    while True:
        page = DETECTIVE.list_indicators(GraphArn=graph, InvestigationId=investigation, MaxResults=100, **more)
        yield from page["Indicators"]
        if "NextToken" not in page:
            return
        more = {"NextToken": page["NextToken"]}


def without_own(findings, indicators):
    """The indicators except those of the case's own findings. Related findings get their times."""
    own = {finding["id"] for finding in findings}
    others = [indicator for indicator in indicators if finding_of(indicator) not in own]
    related = sorted({finding_of(indicator) for indicator in others} - {None})
    if not related:
        return others
    if not DETECTORS:
        DETECTORS.extend(GUARDDUTY.list_detectors()["DetectorIds"])
    for start in range(0, min(len(related), 200), 50):
        answer = GUARDDUTY.get_findings(DetectorId=DETECTORS[0], FindingIds=related[start : start + 50])
        times = {finding["Id"]: finding["Service"]["EventLastSeen"] for finding in answer["Findings"]}
        for indicator in others:
            if finding_of(indicator) in times:
                indicator["LastSeen"] = times[finding_of(indicator)]
    return others


def finding_of(indicator):
    detail = indicator["IndicatorDetail"].get("RelatedFindingDetail")
    return detail["Arn"].rpartition("/finding/")[2] if detail else None


def name_of(account):
    if account not in NAMES:
        try:
            NAMES[account] = ORGANIZATIONS.describe_account(AccountId=account)["Account"]["Name"]
        except ClientError:
            NAMES[account] = account
    return NAMES[account]


def score_of(findings, indicators):
    kinds = {}
    for indicator in indicators:
        kinds.setdefault(indicator["IndicatorType"], []).append(indicator)
    severity = max(finding["severity"] for finding in findings)
    points = 60 if severity >= 9 else 25 if severity >= 7 else 10 if severity >= 4 else 0
    reasons = [{"points": points, "text": f"The worst finding's severity is {severity}"}]
    for kind, of_kind in kinds.items():
        first, further, most = WEIGHTS.get(kind, (0, 0, 0))
        points = min(first + further * (len(of_kind) - 1), most)
        reasons.append({"points": points, "text": f"{len(of_kind)} of {kind}"})
    return min(100, sum(reason["points"] for reason in reasons)), reasons


def store(case, assessment, findings, indicators):
    folder = f"cases/{case['case_id']}"
    revision = assessment["revision"]
    S3.put_object(
        Bucket=BUCKET,
        Key=f"{folder}/report-{revision}.html",
        ContentType="text/html; charset=utf-8",
        Body=page(case, assessment, findings, indicators).encode(),
    )
    results = {"case": case, "assessment": assessment, "findings": findings, "indicators": indicators}
    S3.put_object(
        Bucket=BUCKET,
        Key=f"{folder}/results-{revision}.json",
        ContentType="application/json",
        Body=json.dumps(results, indent=2).encode(),
    )


def page(case, assessment, findings, indicators):
    reasons = "".join(f"<li>+{it['points']} {escape(it['text'])}</li>" for it in assessment["reasons"])
    rows = "".join(
        f"<tr><td>{escape(it['type'])}<td>{escape(it['title'])}<td>{it['severity']}</tr>" for it in findings
    )
    cells = "".join(
        f"<tr><td>{escape(it['IndicatorType'])}<td>{escape(json.dumps(it['IndicatorDetail']))}</tr>"
        for it in indicators
    )
    return (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><title>Case</title></head><body>"
        f"<h1>{escape(case['subject'])}</h1><p>{assessment['score']} of 100</p><ul>{reasons}</ul>"
        f"<h2>Findings</h2><table>{rows}</table><h2>Indicators</h2><table>{cells}</table></body></html>"
    )
