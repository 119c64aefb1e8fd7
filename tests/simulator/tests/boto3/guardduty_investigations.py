"""GuardDuty's investigations: from a prompt to a risk level."""

import json
from itertools import product

from checking import expect, refused
from control import Refused
from steps import ADMINISTRATOR, MEMBER, OTHER, STRANGER, detector_of

OPERATIONS = {"CreateInvestigation", "GetInvestigation", "ListInvestigations"}

FINDING = "1ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6"
PROMPT = f"Investigate finding {FINDING}"
NO_INVESTIGATION = "00000000-0000-4000-a000-000000000000"
RISKS = ["Info", "Low", "Medium", "High", "Critical"]
CONFIDENCES = ["Unknown", "Low", "Medium", "High"]
STATUSES = ["RUNNING", "COMPLETED", "FAILED"]


def ready(bench, *accounts, **region):
    """Turns the analyst on in the detectors of these accounts."""
    for account in accounts or (ADMINISTRATOR,):
        bench.guardduty(account, **region).update_detector(
            DetectorId=detector_of(bench, account, **region), Features=[{"Name": "AI_ANALYST", "Status": "ENABLED"}]
        )


def create(bench, prompt=PROMPT, account=ADMINISTRATOR, **more):
    answer = bench.guardduty(account).create_investigation(
        DetectorId=detector_of(bench, account), TriggerPrompt=prompt, **more
    )
    return answer["InvestigationId"]


def get(bench, investigation, account=ADMINISTRATOR):
    return bench.guardduty(account).get_investigation(
        DetectorId=detector_of(bench, account), InvestigationId=investigation
    )["Investigation"]


def listed(bench, account=ADMINISTRATOR, **more):
    listing = bench.guardduty(account).get_paginator("list_investigations")
    pages = listing.paginate(DetectorId=detector_of(bench, account), **more)
    return [investigation for page in pages for investigation in page["Investigations"]]


def get_until_done(bench, investigation):
    answers = [get(bench, investigation)]
    while answers[-1]["Status"] == "RUNNING":
        assert not answers[-1].keys() & {"EndTime", "RiskLevel", "Confidence", "Summary", "Error"}, answers[-1]
        assert len(answers) < 100, "it does not end"
        answers.append(get(bench, investigation))
    return answers


def an_investigation_runs_and_completes(bench):
    summary = {"keyObservations": ["ä"], "countermeasures": [], "threatAssessment": "none"}
    bench.control.scenario(
        {
            "finding_id": FINDING,
            "ends": {"after_checks": 3},
            "risk_level": "Critical",
            "risk": "r" * 1024,
            "confidence": "High",
            "title": "t" * 1024,
            "summary": summary,
        }
    )
    ready(bench)
    bench.control.stop_clock()
    started = bench.control.now()
    investigation = create(bench)
    bench.control.advance(60)
    *running, done = get_until_done(bench, investigation)
    expect(len(running), 3)
    expect((done["Status"], done["RiskLevel"], done["Confidence"]), ("COMPLETED", "Critical", "High"))
    expect((done["Risk"], json.loads(done["Summary"])), ("r" * 1024, summary))
    expect((done["InvestigationId"], done["TriggerPrompt"]), (investigation, PROMPT))
    expect((done["Cloud"]["Account"], done["Cloud"]["Region"]), (ADMINISTRATOR, "us-east-1"))
    assert ADMINISTRATOR in done["TriggeredBy"], done
    expect(done["StartTime"], started.replace(microsecond=started.microsecond // 1000 * 1000))
    assert done["StartTime"] < done["EndTime"] <= bench.control.now(), done
    bench.control.advance(60)
    expect(get(bench, investigation), done, "its end stays where it was")

    [summary] = listed(bench)
    expect((summary["Title"], summary["AccountId"]), ("t" * 1024, ADMINISTRATOR))
    common = summary.keys() & done.keys()
    expect({name: summary[name] for name in common}, {name: done[name] for name in common})


def an_investigation_fails(bench):
    ready(bench)
    bench.control.scenario(
        {"finding_id": FINDING, "ends": {"after_checks": 0}, "outcome": "FAILED", "error": "e" * 2048},
        {"finding_id": "organization", "ends": {"after_checks": 0}, "outcome": "FAILED"},
    )
    failed = get(bench, create(bench))
    expect((failed["Status"], failed["Error"]), ("FAILED", "e" * 2048))
    assert not failed.keys() & {"RiskLevel", "Confidence", "Summary"}, failed
    assert get(bench, create(bench, "Investigate my organization"))["Error"]


def a_text_that_no_answer_can_hold_is_refused(bench):
    for name, most in (("risk", 1024), ("title", 1024), ("error", 2048)):
        try:
            bench.control.scenario({"finding_id": "*", name: "x" * (most + 1)})
        except Refused as refusal:
            expect(refusal.status, 400)
        else:
            raise AssertionError(f"control took a {name} of {most + 1} characters")


def a_prompt_names_a_finding_an_account_or_nothing(bench):
    ready(bench)
    immediately = {"ends": {"after_checks": 0}}
    bench.control.scenario(
        {"finding_id": FINDING, "risk_level": "High", **immediately},
        {"finding_id": MEMBER, "risk_level": "Medium", **immediately},
        {"finding_id": "organization", "risk_level": "Low", **immediately},
        {"finding_id": "*", "risk_level": "Critical", **immediately},
    )
    for prompt, risk, account in (
        (PROMPT, "High", ADMINISTRATOR),
        (f"{PROMPT} in account {MEMBER}", "High", MEMBER),
        (f"Analyze findings in account {MEMBER}", "Medium", MEMBER),
        ("Analyze findings in my organization", "Low", ADMINISTRATOR),
        (f"Investigate {'f' * 32}", "Critical", ADMINISTRATOR),
        ("x", "Low", ADMINISTRATOR),
        ("\N{SNOWMAN}" * 2048, "Low", ADMINISTRATOR),
    ):
        found = get(bench, create(bench, prompt))
        expect((found["RiskLevel"], found["Cloud"]["Account"], found["TriggerPrompt"]), (risk, account, prompt))
    with refused("BadRequestException"):
        create(bench, "x" * 2049)


def the_same_token_is_the_same_investigation(bench):
    ready(bench)
    first = create(bench, ClientToken="a" * 64)
    expect(create(bench, ClientToken="a" * 64), first)
    expect(len(listed(bench)), 1)
    # boto3 makes a token of its own where none is given.
    assert len({first, create(bench), create(bench), create(bench, ClientToken="b")}) == 4
    with refused("BadRequestException"):
        create(bench, "Something else", ClientToken="a" * 64)
    with refused("BadRequestException"):
        create(bench, ClientToken="a" * 65)
    expect(len(listed(bench)), 4)


def investigations_end_as_the_scenarios_say(bench):
    ready(bench)
    bench.control.stop_clock()
    ids = {}
    for name, ends in (("1" * 32, {"after_seconds": 300}), ("2" * 32, "by_hand"), ("3" * 32, "never")):
        bench.control.scenario({"finding_id": name, "ends": ends})
        ids[name[0]] = create(bench, f"Investigate {name}")
    bench.control.advance(299)
    expect(get(bench, ids["1"])["Status"], "RUNNING")
    ended = bench.control.advance(1)
    done = get(bench, ids["1"])
    expect((done["Status"], done["RiskLevel"], done["Confidence"]), ("COMPLETED", "Info", "Unknown"))
    expect(done["EndTime"], ended.replace(microsecond=ended.microsecond // 1000 * 1000))
    bench.control.advance(30 * 24 * 3600)
    for name, status in (("2", "COMPLETED"), ("3", "FAILED")):
        expect(get(bench, ids[name])["Status"], "RUNNING")
        bench.control.post(f"investigations/{ids[name]}/step", {"status": status})
        expect(get(bench, ids[name])["Status"], status)
        try:
            bench.control.post(f"investigations/{ids[name]}/step", {"status": status})
        except Refused as refusal:
            expect(refusal.status, 409)
        else:
            raise AssertionError("it ended twice")


def investigations_are_sorted_and_listed_in_pages(bench):
    ready(bench)
    bench.control.stop_clock()
    pairs = list(product(RISKS, CONFIDENCES))[::2]
    for number, (risk, confidence) in enumerate(pairs):
        bench.control.scenario(
            {"finding_id": "*", "ends": {"after_seconds": 600 - 60 * (number % 7)}, "risk_level": risk,
             "confidence": confidence, "outcome": "FAILED" if number == 4 else "COMPLETED"}
            if number != 7 else {"finding_id": "*", "ends": "never"}
        )
        create(bench)
        # A day has ten.
        bench.control.advance(24 * 3600 if number == 8 else 60)
    bench.control.advance(3600)
    whole = listed(bench)
    expect(len(whole), len(pairs))
    expect({one["Status"] for one in whole}, set(STATUSES))
    ranks = {
        "START_TIME": lambda one: one["StartTime"],
        "END_TIME": lambda one: one["EndTime"].timestamp() if "EndTime" in one else 0,
        "STATUS": lambda one: STATUSES.index(one["Status"]),
        "RISK_LEVEL": lambda one: RISKS.index(one["RiskLevel"]) if "RiskLevel" in one else -1,
        "CONFIDENCE": lambda one: CONFIDENCES.index(one["Confidence"]) if "Confidence" in one else -1,
    }
    expect(whole, sorted(whole, key=ranks["START_TIME"], reverse=True), "newest first")
    client = bench.guardduty(ADMINISTRATOR)
    for field, order in product(ranks, ("ASC", "DESC")):
        criteria = {"AttributeName": field, "OrderBy": order}
        found = listed(bench, SortCriteria=criteria)
        keys = [ranks[field](one) for one in found]
        expect(keys, sorted(keys, reverse=order == "DESC"), f"{field} {order}")
        expect(len(found), len(pairs))
        for size in (1, 3, 50):
            expect(listed(bench, SortCriteria=criteria, PaginationConfig={"PageSize": size}), found, f"pages of {size}")
    with refused("BadRequestException"):
        listed(bench, SortCriteria={"AttributeName": "TITLE"})
    with refused("BadRequestException"):
        client.list_investigations(DetectorId=detector_of(bench, ADMINISTRATOR), MaxResults=51)


def page_tokens_last_24_hours(bench):
    ready(bench)
    for _ in range(3):
        create(bench)
    bench.control.stop_clock()
    client, detector = bench.guardduty(ADMINISTRATOR), detector_of(bench, ADMINISTRATOR)
    token = client.list_investigations(DetectorId=detector, MaxResults=1)["NextToken"]
    bench.control.advance(24 * 3600)
    expect(len(client.list_investigations(DetectorId=detector, NextToken=token)["Investigations"]), 2)
    bench.control.advance(1)
    with refused("BadRequestException", "expired"):
        client.list_investigations(DetectorId=detector, NextToken=token)
    with refused("BadRequestException"):
        client.list_investigations(DetectorId=detector, NextToken="no token")


def an_account_has_ten_investigations_a_day_and_a_hundred_in_all(bench):
    ready(bench)
    # From noon on, so that ten of one day are of one calendar day too.
    now = bench.control.stop_clock()
    bench.control.advance(24 * 3600 - (now.hour * 3600 + now.minute * 60 + now.second) + 12 * 3600)
    bench.control.scenario({"finding_id": "*", "ends": {"after_checks": 0}, "outcome": "FAILED"})
    for _ in range(12):
        create(bench)
    # Those that failed do not count.
    bench.control.scenario({"finding_id": "*"})
    tokens = [f"token-{number}" for number in range(10)]
    ids = [create(bench, ClientToken=token) for token in tokens]
    with refused("BadRequestException"):
        create(bench)
    expect([create(bench, ClientToken=token) for token in tokens], ids, "an existing investigation is returned anyway")
    ready(bench, STRANGER)
    create(bench, account=STRANGER)
    for _ in range(9):
        bench.control.advance(24 * 3600)
        for _ in range(10):
            create(bench)
    bench.control.advance(24 * 3600)
    with refused("BadRequestException"):
        create(bench)
    bench.control.post(f"investigations/{ids[0]}/step", {"status": "FAILED"})
    create(bench)
    expect(len(listed(bench)), 12 + 101)


def investigations_need_a_region_an_analyst_and_a_detector_that_is_on(bench):
    client, detector = bench.guardduty(ADMINISTRATOR), detector_of(bench, ADMINISTRATOR)
    with refused("BadRequestException", "AI_ANALYST"):
        create(bench)
    ready(bench)
    investigation = create(bench)
    client.update_detector(DetectorId=detector, Enable=False)
    with refused("BadRequestException", "disabled"):
        create(bench)
    expect(get(bench, investigation)["Status"], "RUNNING")
    ready(bench, region="ap-northeast-1")
    there = bench.guardduty(ADMINISTRATOR, region="ap-northeast-1")
    there.create_investigation(
        DetectorId=detector_of(bench, ADMINISTRATOR, region="ap-northeast-1"), TriggerPrompt=PROMPT
    )
    elsewhere = bench.guardduty(ADMINISTRATOR, region="ap-southeast-2")
    of_there = {"DetectorId": detector_of(bench, ADMINISTRATOR, region="ap-southeast-2")}
    for call in (
        lambda: elsewhere.create_investigation(**of_there, TriggerPrompt=PROMPT),
        lambda: elsewhere.get_investigation(**of_there, InvestigationId=investigation),
        lambda: elsewhere.list_investigations(**of_there),
    ):
        with refused("BadRequestException"):
            call()


def an_investigation_is_found_by_those_who_may(bench):
    bench.control.organization(OTHER, ADMINISTRATOR, MEMBER, guardduty_administrator=ADMINISTRATOR)
    ready(bench, ADMINISTRATOR, STRANGER)
    own = create(bench)
    of_member = create(bench, f"Analyze findings in account {MEMBER}")
    of_stranger = create(bench, account=STRANGER)
    with refused("AccessDeniedException"):
        create(bench, account=MEMBER)

    expect({one["InvestigationId"] for one in listed(bench)}, {own, of_member})
    expect([one["InvestigationId"] for one in listed(bench, account=MEMBER)], [of_member])
    expect([one["InvestigationId"] for one in listed(bench, account=STRANGER)], [of_stranger])
    expect(get(bench, of_member, account=MEMBER)["Cloud"]["Account"], MEMBER)
    with refused("AccessDeniedException"):
        get(bench, own, account=MEMBER)
    for investigation, account in (
        (of_stranger, ADMINISTRATOR),
        (of_stranger, MEMBER),
        (own, STRANGER),
        (NO_INVESTIGATION, ADMINISTRATOR),
        ("f", ADMINISTRATOR),
    ):
        with refused("ResourceNotFoundException"):
            get(bench, investigation, account=account)
    found = bench.control.get("guardduty/investigations", account=ADMINISTRATOR)
    expect([(one["investigation_id"], one["checks"]) for one in found], [(own, 0), (of_member, 1)])


def a_snapshot_brings_everything_back(bench):
    ready(bench)
    bench.control.stop_clock()
    investigation = create(bench, ClientToken="token")
    get(bench, investigation)
    bench.guardduty(ADMINISTRATOR).create_sample_findings(DetectorId=detector_of(bench, ADMINISTRATOR))
    snapshot = bench.control.get("snapshot")
    bench.control.reset()
    with refused("ResourceNotFoundException"):
        get(bench, investigation)
    bench.control.put("snapshot", snapshot)
    expect(bench.control.get("snapshot"), snapshot)
    expect(create(bench, ClientToken="token"), investigation)
    expect(len(get_until_done(bench, investigation)), 2)
    client = bench.guardduty(ADMINISTRATOR)
    expect(len(client.list_findings(DetectorId=detector_of(bench, ADMINISTRATOR))["FindingIds"]), 50)


FLOWS = [
    an_investigation_runs_and_completes,
    an_investigation_fails,
    a_text_that_no_answer_can_hold_is_refused,
    a_prompt_names_a_finding_an_account_or_nothing,
    the_same_token_is_the_same_investigation,
    investigations_end_as_the_scenarios_say,
    investigations_are_sorted_and_listed_in_pages,
    page_tokens_last_24_hours,
    an_account_has_ten_investigations_a_day_and_a_hundred_in_all,
    investigations_need_a_region_an_analyst_and_a_detector_that_is_on,
    an_investigation_is_found_by_those_who_may,
    a_snapshot_brings_everything_back,
]
