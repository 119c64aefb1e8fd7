"""Detectors: what they watch, and turning that on and off."""

from checking import expect, refused
from control import read_time
from steps import ADMINISTRATOR, MEMBER, OTHER, detector_of

OPERATIONS = {"GetDetector", "ListDetectors", "UpdateDetector"}

FOUNDATIONAL = {"FLOW_LOGS", "CLOUD_TRAIL", "DNS_LOGS"}


def features_of(bench, **region):
    client = bench.guardduty(ADMINISTRATOR, **region)
    answer = client.get_detector(DetectorId=detector_of(bench, ADMINISTRATOR, **region))
    names = [feature["Name"] for feature in answer["Features"]]
    expect(len(names), len(set(names)), "a feature is listed twice")
    return {feature["Name"]: feature for feature in answer["Features"]}


def update(bench, **arguments):
    bench.guardduty(ADMINISTRATOR).update_detector(DetectorId=detector_of(bench, ADMINISTRATOR), **arguments)


def every_account_has_a_detector_in_every_region(bench):
    ids = {detector_of(bench, account, region=region) for account in (ADMINISTRATOR, MEMBER)
           for region in ("us-east-1", "ap-southeast-2")}
    expect(len(ids), 4)
    client = bench.guardduty(ADMINISTRATOR)
    for size in (1, 50):
        page = client.list_detectors(MaxResults=size)
        expect((len(page["DetectorIds"]), page.get("NextToken")), (1, None))
    [page] = client.get_paginator("list_detectors").paginate()
    expect(page["DetectorIds"], [detector_of(bench, ADMINISTRATOR)])


def a_detector_is_taken_away_and_comes_back_as_it_was(bench):
    client = bench.guardduty(ADMINISTRATOR)
    detector = detector_of(bench, ADMINISTRATOR)
    update(bench, FindingPublishingFrequency="ONE_HOUR")
    client.create_sample_findings(DetectorId=detector, FindingTypes=["Recon:EC2/Portscan"])
    bench.control.post("detector", {"exists": False}, account=ADMINISTRATOR)
    expect(client.list_detectors()["DetectorIds"], [])
    with refused("BadRequestException"):
        client.get_detector(DetectorId=detector)
    with refused("BadRequestException"):
        client.list_findings(DetectorId=detector)
    assert detector_of(bench, MEMBER), "another account's detector is gone"
    bench.control.post("detector", {"exists": True}, account=ADMINISTRATOR)
    expect(client.list_detectors()["DetectorIds"], [detector])
    expect(client.get_detector(DetectorId=detector)["FindingPublishingFrequency"], "ONE_HOUR")
    expect(len(client.list_findings(DetectorId=detector)["FindingIds"]), 1)


def a_detector_is_its_accounts_own(bench):
    for detector in (detector_of(bench, MEMBER), detector_of(bench, ADMINISTRATOR, region="eu-west-1"), "0" * 32):
        client = bench.guardduty(ADMINISTRATOR)
        for call in (
            lambda: client.get_detector(DetectorId=detector),
            lambda: client.update_detector(DetectorId=detector, Enable=False),
            lambda: client.list_findings(DetectorId=detector),
            lambda: client.get_findings(DetectorId=detector, FindingIds=["x"]),
            lambda: client.create_sample_findings(DetectorId=detector),
            lambda: client.archive_findings(DetectorId=detector, FindingIds=[]),
            lambda: client.unarchive_findings(DetectorId=detector, FindingIds=[]),
            lambda: client.update_findings_feedback(DetectorId=detector, FindingIds=[], Feedback="USEFUL"),
            lambda: client.create_investigation(DetectorId=detector, TriggerPrompt="x"),
            lambda: client.get_investigation(DetectorId=detector, InvestigationId="1"),
            lambda: client.list_investigations(DetectorId=detector),
        ):
            with refused("BadRequestException"):
                call()
    expect(bench.guardduty(MEMBER).get_detector(DetectorId=detector_of(bench, MEMBER))["Status"], "ENABLED")


def a_new_detector_is_on(bench):
    detector = bench.guardduty(ADMINISTRATOR).get_detector(DetectorId=detector_of(bench, ADMINISTRATOR))
    expect((detector["Status"], detector["FindingPublishingFrequency"]), ("ENABLED", "SIX_HOURS"))
    assert f":{ADMINISTRATOR}:role/aws-service-role/" in detector["ServiceRole"], detector
    assert read_time(detector["CreatedAt"]) <= read_time(detector["UpdatedAt"]) <= bench.control.now(), detector
    found = features_of(bench)
    expect({found[name]["Status"] for name in FOUNDATIONAL}, {"ENABLED"})
    updatable = bench.guardduty(ADMINISTRATOR).meta.service_model.shape_for("DetectorFeature").enum
    expect(found.keys(), FOUNDATIONAL | set(updatable))
    # Not every Region has investigations.
    assert "AI_ANALYST" not in features_of(bench, region="ap-southeast-2")


def a_detector_is_turned_off_and_on(bench):
    client = bench.guardduty(ADMINISTRATOR)
    detector = detector_of(bench, ADMINISTRATOR)
    bench.control.stop_clock()
    before = client.get_detector(DetectorId=detector)
    for status, enable in (("DISABLED", False), ("ENABLED", True)):
        moved = bench.control.advance(60)
        update(bench, Enable=enable)
        after = client.get_detector(DetectorId=detector)
        expect((after["Status"], read_time(after["UpdatedAt"])), (status, moved))
        expect(after["CreatedAt"], before["CreatedAt"])
        expect(after["Features"], before["Features"])
    for frequency in ("FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"):
        update(bench, FindingPublishingFrequency=frequency)
        expect(client.get_detector(DetectorId=detector)["FindingPublishingFrequency"], frequency)
    with refused("BadRequestException"):
        update(bench, FindingPublishingFrequency="DAILY")


def features_are_turned_on_and_off(bench):
    bench.control.stop_clock()
    before = features_of(bench)
    moved = bench.control.advance(60)
    changes = {"S3_DATA_EVENTS": "DISABLED", "AI_ANALYST": "ENABLED"}
    update(bench, Features=[{"Name": name, "Status": status} for name, status in changes.items()])
    after = features_of(bench)
    for name, status in changes.items():
        expect((after[name]["Status"], after[name]["UpdatedAt"]), (status, moved))
    others = before.keys() - changes.keys()
    expect({name: after[name] for name in others}, {name: before[name] for name in others})

    agents = [{"Name": "EC2_AGENT_MANAGEMENT", "Status": "ENABLED"}]
    update(bench, Features=[{"Name": "RUNTIME_MONITORING", "Status": "ENABLED", "AdditionalConfiguration": agents}])
    monitoring = features_of(bench)["RUNTIME_MONITORING"]
    expect(monitoring["Status"], "ENABLED")
    found = {agent["Name"]: agent["Status"] for agent in monitoring["AdditionalConfiguration"]}
    expect(found["EC2_AGENT_MANAGEMENT"], "ENABLED")
    expect({found[name] for name in found.keys() - {"EC2_AGENT_MANAGEMENT"}}, {"DISABLED"})


def data_sources_are_the_same_as_features(bench):
    update(
        bench,
        DataSources={
            "S3Logs": {"Enable": False},
            "Kubernetes": {"AuditLogs": {"Enable": False}},
            "MalwareProtection": {"ScanEc2InstanceWithFindings": {"EbsVolumes": False}},
        },
    )

    def statuses():
        client = bench.guardduty(ADMINISTRATOR)
        sources = client.get_detector(DetectorId=detector_of(bench, ADMINISTRATOR))["DataSources"]
        features = features_of(bench)
        volumes = sources["MalwareProtection"]["ScanEc2InstanceWithFindings"]["EbsVolumes"]
        return [
            (sources["S3Logs"]["Status"], features["S3_DATA_EVENTS"]["Status"]),
            (sources["Kubernetes"]["AuditLogs"]["Status"], features["EKS_AUDIT_LOGS"]["Status"]),
            (volumes["Status"], features["EBS_MALWARE_PROTECTION"]["Status"]),
        ]

    expect(statuses(), [("DISABLED", "DISABLED")] * 3)
    names = ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION")
    update(bench, Features=[{"Name": name, "Status": "ENABLED"} for name in names])
    expect(statuses(), [("ENABLED", "ENABLED")] * 3)
    update(bench, DataSources={"S3Logs": {"Enable": False}})
    expect(statuses(), [("DISABLED", "DISABLED"), ("ENABLED", "ENABLED"), ("ENABLED", "ENABLED")])


def an_update_that_is_wrong_changes_nothing(bench):
    before = bench.guardduty(ADMINISTRATOR).get_detector(DetectorId=detector_of(bench, ADMINISTRATOR))
    both = [{"Name": name, "Status": "ENABLED"} for name in ("EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING")]
    agents = [{"Name": "EC2_AGENT_MANAGEMENT", "Status": "ENABLED"}]
    for wrong in (
        {"Features": both},
        {"Features": [{"Name": "NO_SUCH_FEATURE", "Status": "ENABLED"}]},
        {"Features": [{"Name": "FLOW_LOGS", "Status": "DISABLED"}]},
        {"Features": [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED", "AdditionalConfiguration": agents}]},
        {"Features": [{"Name": "S3_DATA_EVENTS", "Status": "OFF"}]},
        {"Features": both[:1], "DataSources": {"S3Logs": {"Enable": False}}},
    ):
        with refused("BadRequestException"):
            update(bench, Enable=False, **wrong)
    after = bench.guardduty(ADMINISTRATOR).get_detector(DetectorId=detector_of(bench, ADMINISTRATOR))
    expect({**after, "ResponseMetadata": None}, {**before, "ResponseMetadata": None})


def a_member_account_does_not_update_its_detector(bench):
    bench.control.organization(OTHER, ADMINISTRATOR, MEMBER, guardduty_administrator=ADMINISTRATOR)
    detector = detector_of(bench, MEMBER)
    with refused("BadRequestException"):
        bench.guardduty(MEMBER).update_detector(DetectorId=detector, Enable=False)
    expect(bench.guardduty(MEMBER).get_detector(DetectorId=detector)["Status"], "ENABLED")
    update(bench, Enable=False)


FLOWS = [
    every_account_has_a_detector_in_every_region,
    a_detector_is_taken_away_and_comes_back_as_it_was,
    a_detector_is_its_accounts_own,
    a_new_detector_is_on,
    a_detector_is_turned_off_and_on,
    features_are_turned_on_and_off,
    data_sources_are_the_same_as_features,
    an_update_that_is_wrong_changes_nothing,
    a_member_account_does_not_update_its_detector,
]
