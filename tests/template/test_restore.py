"""A table gets back the rows of a copy of it, here on the emulator of AWS. Making the copy is AWS's own part."""

import os
import subprocess
import sys

import boto3
import pytest
from stack import ROOT

LEDGER, COPY = "ledger", "ledger-restored"


def row(tenant: str, sort: str, version: int) -> dict:
    return {"pk": {"S": f"T#{tenant}"}, "sk": {"S": sort}, "version": {"N": str(version)}, "body": {"S": "{}"}}


@pytest.fixture
def dynamodb(emulator):
    """A table and its copy: of harbour, one row is the same, one newer, one gone, one new; of meadow, one is newer."""
    client = boto3.client(
        "dynamodb",
        endpoint_url=emulator,
        region_name="eu-central-1",
        aws_access_key_id="444455556666",
        aws_secret_access_key="emulator",
    )
    for table in (LEDGER, COPY):
        client.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        )
    now = [row("harbour", "A", 1), row("harbour", "B", 7), row("harbour", "D", 1), row("meadow", "B", 2)]
    then = [row("harbour", "A", 1), row("harbour", "B", 3), row("harbour", "C", 1), row("meadow", "B", 1)]
    for table, rows in ((LEDGER, now), (COPY, then)):
        for item in rows:
            client.put_item(TableName=table, Item=item)
    yield client
    for table in (LEDGER, COPY):
        client.delete_table(TableName=table)


def restore(emulator: str, *arguments: str) -> subprocess.CompletedProcess:
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": emulator,
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "444455556666",
        "AWS_SECRET_ACCESS_KEY": "emulator",
    }
    program = [sys.executable, ROOT / "infra" / "restore.py", "--table", LEDGER, "--copy", COPY, *arguments]
    return subprocess.run(program, capture_output=True, text=True, check=False, env=environment)


def rows(dynamodb, table: str) -> set[tuple[str, str, str]]:
    items = dynamodb.scan(TableName=table)["Items"]
    return {(it["pk"]["S"].removeprefix("T#"), it["sk"]["S"], it["version"]["N"]) for it in items}


def test_nothing_is_written_before_it_is_meant(emulator, dynamodb):
    before = rows(dynamodb, LEDGER)
    done = restore(emulator)
    assert done.stdout == "3 rows written back, 1 taken away (nothing is written without --apply)\n", done.stderr
    assert rows(dynamodb, LEDGER) == before


def test_the_table_is_as_the_copy_and_then_there_is_nothing_left_to_do(emulator, dynamodb):
    assert restore(emulator, "--apply").stdout == "3 rows written back, 1 taken away\n"
    assert rows(dynamodb, LEDGER) == rows(dynamodb, COPY)
    assert restore(emulator, "--apply").stdout == "0 rows written back, 0 taken away\n"


def test_one_tenants_rows_are_restored_without_the_others(emulator, dynamodb):
    assert restore(emulator, "--tenant", "harbour", "--apply").stdout == "2 rows written back, 1 taken away\n"
    of_harbour = {("harbour", "A", "1"), ("harbour", "B", "3"), ("harbour", "C", "1")}
    assert rows(dynamodb, LEDGER) == of_harbour | {("meadow", "B", "2")}


def test_a_copy_of_another_time_is_not_taken_for_the_one_that_is_wanted(emulator, dynamodb):
    done = restore(emulator, "--to", "2026-03-01T08:00:00Z", "--apply")
    assert done.stderr == "restore: ledger-restored is there already; take it with --from, or delete it first\n"


def test_a_time_without_its_zone_is_refused(emulator):
    assert "has no time zone" in restore(emulator, "--to", "2026-03-01T08:00:00").stderr
