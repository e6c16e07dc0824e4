"""cfn-lint, sam and checkov find nothing, in the template as written and as expanded.

They do not look into what SAM adds, policies above all, before it is expanded.
"""

import copy
import json
from pathlib import Path

import pytest
import scanners
from stack import TEMPLATE, expanded

# What checkov asks for and we do not do, each with its reason. Nothing else may fail, and each of these must.
ACCEPTED = {
    "CKV_AWS_18": "access logs of the bucket would name customers' objects once more; only the roles above reach it",
    "CKV_AWS_21": "files in flight: an old version has no use, and would outlive its 30 days",
    "CKV_AWS_26": "CloudWatch cannot publish to a topic under AWS's own key; a message holds names of alarms only",
    "CKV_AWS_27": "it knows keys of KMS only; the queues are encrypted by SQS itself (SqsManagedSseEnabled)",
    "CKV_AWS_115": "reserving concurrency takes it from the whole account; MaximumConcurrency bounds the queues, "
    "throttling the API, and a timer runs once",
    "CKV_AWS_116": "queues have dead letters of their own; a tick that failed is worth nothing when the next one comes",
    "CKV_AWS_117": "functions reach CRM and SharePoint on the Internet; what may be called is the tenant's list",
    "CKV_AWS_119": "the table has the account's key of DynamoDB; one of our own keeps nobody out who may read it now",
    "CKV_AWS_158": "logs hold nothing of a person or a secret (tests hold that), and CloudWatch encrypts them",
    "CKV_AWS_173": "variables hold names and addresses, no secret",
}


def spoil(resources):
    """What the scanners must not miss."""
    policy = resources["WakeRole"]["Properties"]["Policies"][0]["PolicyDocument"]
    policy["Statement"].append({"Effect": "Allow", "Action": "*", "Resource": "*"})
    resources["BuildSiteQueue"]["Properties"]["VisibilityTimeout"] = 99999
    resources["Wake"]["Properties"]["Tmeout"] = 5
    resources["Ledger"]["Metadata"] = {"checkov": {"skip": [{"id": "CKV_AWS_28", "comment": "silently"}]}}


class Files:
    """The template as written, as expanded, and spoilt."""

    def __init__(self, written: dict, folder: Path):
        self.as_written = TEMPLATE
        self.as_expanded, self.as_spoilt = folder / "expanded.json", folder / "spoilt.json"
        self.as_expanded.write_text(json.dumps(expanded(written)))
        spoilt = copy.deepcopy(written)
        spoil(spoilt["Resources"])
        self.as_spoilt.write_text(json.dumps(spoilt))


@pytest.fixture(scope="module")
def files(written, tmp_path_factory) -> Files:
    return Files(written, tmp_path_factory.mktemp("scanned"))


@pytest.fixture(scope="module")
def findings(files) -> list[scanners.Findings]:
    return scanners.checkov(files.as_written, files.as_expanded, files.as_spoilt)


def test_cfn_lint_finds_nothing(files):
    assert scanners.cfn_lint(files.as_written, files.as_expanded) == []


def test_cfn_lint_finds_what_is_wrong(files):
    found = "\n".join(scanners.cfn_lint(files.as_spoilt))
    assert "99999" in found and "Tmeout" in found


def test_sam_finds_the_template_valid(files):
    done = scanners.sam_validate(files.as_written)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("which", [0, 1], ids=["as written", "as expanded"])
def test_checkov_finds_what_is_accepted_and_nothing_else(which, findings, written):
    assert len(findings[which].passed) > 40
    failed = findings[which].failed
    assert {check for check, _ in failed} == ACCEPTED.keys()
    # Each for resources of one kind: another kind that fails the same check is a finding.
    kinds = {it: written["Resources"][it]["Type"] for it in written["Resources"]}
    of_kind = {(check, kinds.get(resource, "made by SAM")) for check, resource in failed}
    assert len(of_kind) == len({check for check, _ in of_kind}), of_kind


def test_checkov_finds_what_is_wrong_and_what_is_skipped(findings):
    assert {("CKV_AWS_107", "WakeRole"), ("CKV_AWS_28", "Ledger")} <= findings[2].failed
