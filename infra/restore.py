"""Writes the rows of a second table back into an instance's table: those that differ, and no others.

Called by scripts/restore, which knows the names. The instance has to be paused: rows are not compared with what a
function may be doing at the same time.
"""

import argparse
import sys
from collections import Counter
from datetime import datetime

import boto3

KEYS = ("pk", "sk")


def main() -> None:
    told = arguments()
    dynamodb = boto3.client("dynamodb")
    if told.to is not None:
        make(dynamodb, told.table, told.copy, told.to)
    changes = Counter()
    for kind, request in differences(dynamodb, told.table, told.copy, told.tenant):
        changes[kind] += 1
        if told.apply:
            write(dynamodb, told.table, request)
    done = "" if told.apply else " (nothing is written without --apply)"
    print(f"{changes['put']} rows written back, {changes['delete']} taken away{done}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="restore")
    parser.add_argument("--table", required=True)
    parser.add_argument("--copy", required=True)
    parser.add_argument("--to", type=instant)
    parser.add_argument("--tenant")
    parser.add_argument("--apply", action="store_true")
    return parser.parse_args()


def instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} has no time zone; write 2026-03-01T08:00:00Z")
    return found


def make(dynamodb, table: str, copy: str, to: datetime) -> None:
    """Makes the table as it was. One that is there may be as it was at another time."""
    if copy in names(dynamodb):
        sys.exit(f"restore: {copy} is there already; take it with --from, or delete it first")
    dynamodb.restore_table_to_point_in_time(SourceTableName=table, TargetTableName=copy, RestoreDateTime=to)
    print(f"{copy} is being made; that takes from some minutes to an hour")
    waiter = dynamodb.get_waiter("table_exists")
    waiter.wait(TableName=copy, WaiterConfig={"Delay": 20, "MaxAttempts": 540})


def names(dynamodb) -> set[str]:
    pages = dynamodb.get_paginator("list_tables").paginate()
    return {name for page in pages for name in page["TableNames"]}


def differences(dynamodb, table: str, copy: str, tenant: str | None):
    """What has to be written for the table to have the rows that the copy has."""
    now, then = rows(dynamodb, table, tenant), rows(dynamodb, copy, tenant)
    for key, row in then.items():
        if now.get(key) != row:
            yield "put", {"Put": {"Item": row}}
    for key in now.keys() - then.keys():
        yield "delete", {"Delete": {"Key": dict(zip(KEYS, ({"S": part} for part in key), strict=True))}}


def rows(dynamodb, table: str, tenant: str | None) -> dict[tuple[str, str], dict]:
    """All rows, or a tenant's. A ledger has a few rows for each site: they fit into memory."""
    reading = {"TableName": table, "ConsistentRead": True}
    if tenant is None:
        pages = dynamodb.get_paginator("scan").paginate(**reading)
    else:
        of_tenant = {":pk": {"S": f"T#{tenant}"}}
        reading |= {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": of_tenant}
        pages = dynamodb.get_paginator("query").paginate(**reading)
    return {tuple(row[key]["S"] for key in KEYS): row for page in pages for row in page["Items"]}


def write(dynamodb, table: str, request: dict) -> None:
    ((kind, what),) = request.items()
    call = dynamodb.put_item if kind == "Put" else dynamodb.delete_item
    call(TableName=table, **what)


if __name__ == "__main__":
    main()
