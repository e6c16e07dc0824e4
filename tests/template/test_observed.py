"""A17: the actions granted are those that the functions were seen to use."""

import json
import os

import observed
import pytest
from conftest import SETTINGS
from stack import Stack

# Invented: a run in which every grant of the four functions is used once.
INVENTED = [
    {"function": "request-site", "service": "dynamodb", "operation": "GetItem", "resource": "tieline-Ledger-1A2B"},
    {"function": "request-site", "service": "dynamodb", "operation": "TransactWriteItems",
     "parts": ["Put", "Put"], "resource": "tieline-Ledger-1A2B"},
    {"function": "request-site", "service": "sqs", "operation": "SendMessage", "resource": "tieline-test-build-site"},
    {"function": "request-site", "service": "secretsmanager", "operation": "GetSecretValue",
     "resource": "tieline/test/harbour/crm"},
    {"function": "request-sweep", "service": "dynamodb", "operation": "GetItem", "resource": "tieline-Ledger-1A2B"},
    {"function": "request-sweep", "service": "dynamodb", "operation": "Query", "resource": "tieline-Ledger-1A2B"},
    {"function": "request-sweep", "service": "dynamodb", "operation": "TransactWriteItems",
     "parts": ["Put", "Put"], "resource": "tieline-Ledger-1A2B"},
    {"function": "request-sweep", "service": "sqs", "operation": "SendMessage", "resource": "tieline-test-build-site"},
    {"function": "request-sweep", "service": "secretsmanager", "operation": "GetSecretValue",
     "resource": "tieline/test/harbour/crm"},
    {"function": "build-site", "service": "dynamodb", "operation": "GetItem", "resource": "tieline-Ledger-1A2B"},
    {"function": "build-site", "service": "dynamodb", "operation": "TransactWriteItems",
     "parts": ["ConditionCheck", "Put"], "resource": "tieline-Ledger-1A2B"},
    {"function": "build-site", "service": "s3", "operation": "PutObject",
     "resource": "tieline-staging-1a2b/harbour/issues/9a"},
    {"function": "build-site", "service": "sqs", "operation": "ChangeMessageVisibility",
     "resource": "tieline-test-build-site"},
    {"function": "build-site", "service": "secretsmanager", "operation": "GetSecretValue",
     "resource": "tieline/test/harbour/sharepoint"},
    {"function": "wake", "service": "dynamodb", "operation": "GetItem", "resource": "tieline-Ledger-1A2B"},
    {"function": "wake", "service": "dynamodb", "operation": "PutItem", "resource": "tieline-Ledger-1A2B"},
    {"function": "wake", "service": "dynamodb", "operation": "Query", "resource": "tieline-Ledger-1A2B/index/due"},
    {"function": "wake", "service": "sqs", "operation": "SendMessage", "resource": "tieline-test-build-site"},
    {"function": "wake", "service": "sqs", "operation": "SendMessage", "resource": "tieline-test-send-stage"},
    {"function": "wake", "service": "sqs", "operation": "SendMessage", "resource": "tieline-test-send-dispatch"},
]  # fmt: skip

PROVISIONING = {"request-site", "request-sweep", "build-site", "wake"}


@pytest.fixture(scope="module")
def test_stage(written) -> Stack:
    return Stack.of(written, Stage="test", **SETTINGS)


def differences(stack: Stack, lines: list[dict]) -> list[str]:
    """Of the four functions that the invented run knows."""
    found = observed.compare(stack, observed.calls(map(json.dumps, lines), stack))
    return [it for it in found if it.split()[0] in PROVISIONING]


def test_what_the_functions_were_seen_to_use_is_what_they_may_use(test_stage):
    lines = observed.recording()
    if lines is None:
        reason = f"nothing was recorded in {observed.RECORDING.name}; the tests on the emulator do it"
        assert os.environ.get("CI") != "true", f"needed here: {reason}"
        pytest.skip(reason)
    assert list(observed.compare(test_stage, observed.calls(lines, test_stage))) == []


def test_a_run_that_uses_every_grant_differs_in_nothing(test_stage):
    assert differences(test_stage, INVENTED) == []


@pytest.mark.parametrize("left_out", range(len(INVENTED)))
def test_a_grant_that_is_not_used_is_noticed(left_out, test_stage):
    line = INVENTED[left_out]
    found = differences(test_stage, [it for it in INVENTED if it is not line])
    assert found
    assert all(it.startswith(f"{line['function']} may use {line['service']}:") for it in found)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            {"function": "wake", "service": "dynamodb", "operation": "Query", "resource": "tieline-Ledger-1A2B"},
            "wake was seen to use dynamodb:Query of {Ledger.Arn} and may not",
        ),
        (
            {"function": "tieline-test-wake", "service": "dynamodb", "operation": "TransactWriteItems",
             "parts": ["Put", "Delete"], "resource": "ledger"},
            "wake was seen to use dynamodb:DeleteItem of {Ledger.Arn} and may not",
        ),
        (
            {"function": "wake", "service": "sqs", "operation": "SendMessage", "resource": "build-site-dead-letters"},
            "wake was seen to use sqs:SendMessage of {BuildSiteDeadLetters.Arn} and may not",
        ),
        (
            {"function": "build-site", "service": "s3", "operation": "PutObject", "resource": "x-staging-y/harbour/a"},
            "build-site was seen to use s3:PutObject of {Staging.Arn}/harbour/a and may not",
        ),
        (
            {"function": "build-site", "service": "secretsmanager", "operation": "GetSecretValue", "resource": "other"},
            "build-site was seen to use secretsmanager:GetSecretValue of "
            "arn:aws:secretsmanager:eu-central-1:000000000000:secret:other and may not",
        ),
    ],
)  # fmt: skip
def test_a_call_that_is_not_granted_is_noticed(line, expected, test_stage):
    assert differences(test_stage, [*INVENTED, line]) == [expected]


def test_who_reads_an_object_must_be_told_that_there_is_none(test_stage):
    line = {"function": "build-site", "service": "s3", "operation": "GetObject"}
    line["resource"] = "staging/harbour/issues/9a"
    assert differences(test_stage, [*INVENTED, line]) == [
        "build-site was seen to use s3:GetObject of {Staging.Arn}/harbour/issues/9a and may not",
        "build-site was seen to use s3:ListBucket of {Staging.Arn} and may not",
    ]


@pytest.mark.parametrize(
    "line",
    [
        {"function": "stranger", "service": "sqs", "operation": "SendMessage", "resource": "build-site"},
        {"function": "wake", "service": "sqs", "operation": "PurgeQueue", "resource": "build-site"},
        {"function": "wake", "service": "sts", "operation": "AssumeRole", "resource": "role"},
        {"function": "wake", "service": "sqs", "operation": "SendMessage", "resource": "other"},
        {"function": "wake", "service": "dynamodb", "operation": "GetItem", "resource": "other"},
        {"function": "wake", "service": "dynamodb", "operation": "TransactWriteItems", "resource": "ledger"},
        {"function": "wake", "service": "dynamodb", "operation": "TransactWriteItems", "parts": ["Sell"],
         "resource": "ledger"},
    ],
)  # fmt: skip
def test_a_line_that_the_table_does_not_know_is_no_pass(line, test_stage):
    with pytest.raises(observed.NotUnderstood):
        differences(test_stage, [line])
