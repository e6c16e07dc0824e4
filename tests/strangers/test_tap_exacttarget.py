"""The public extractor tap-exacttarget 1.7.1, unmodified, reads the simulated e-mail platform's events."""

import collections
import json
import os
import subprocess
from datetime import datetime, timedelta, timezone

import pytest

from conftest import ROOT, absent
from exacttarget import Platform

KINDS = ["sent", "click", "open", "bounce", "unsub"]


@pytest.fixture(scope="module")
def account(demo):
    return next(tenant for tenant in demo["tenants"] if tenant["id"] == "northwind")["exacttarget"]


@pytest.fixture(scope="module")
def extract(contracts, demo, account, tmp_path_factory):
    """Runs the extractor over the last ninety days: its records."""
    program = ROOT / ".tools" / "tap" / "bin" / "tap-exacttarget"
    if not program.is_file():
        absent("tap-exacttarget is not installed (scripts/test says why)")
    folder = tmp_path_factory.mktemp("tap")
    since = datetime.now(timezone.utc) - timedelta(days=90)
    # Without a long interval it makes a call for every ten minutes.
    config = {
        "client_id": account["client_id"],
        "client_secret": account["client_secret"],
        "start_date": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
        **{f"pagination__{kind}_interval_unit": "days" for kind in KINDS},
        **{f"pagination__{kind}_interval_quantity": "4000" for kind in KINDS},
    }
    (folder / "config.json").write_text(json.dumps(config))
    environment = {
        **os.environ,
        "FUELSDK_AUTH_URL": account["legacy_token"],
        "FUELSDK_SOAP_ENDPOINT": account["service"],
        "FUELSDK_BASE_API_URL": demo["exacttarget"],
        "FUELSDK_WSDL_FILE_LOCAL_LOC": str(contracts / "exacttarget" / "wsdl" / "etframework-2020-11.wsdl"),
    }

    def run(*arguments):
        order = [program, "-c", "config.json", *arguments]
        done = subprocess.run(order, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    catalogue = json.loads(run("--discover"))
    for stream in catalogue["streams"]:
        if stream["stream"] == "event":
            whole = next(entry for entry in stream["metadata"] if entry["breadcrumb"] == [])
            whole["metadata"]["selected"] = True
    (folder / "catalogue.json").write_text(json.dumps(catalogue))
    lines = map(json.loads, run("--properties", "catalogue.json").splitlines())
    return since, [line["record"] for line in lines if line["type"] == "RECORD"]


def test_every_event_of_the_window_is_extracted(contracts, account, extract):
    since, records = extract
    counts = collections.Counter(record["EventType"] for record in records)
    assert set(counts) >= {"Sent", "Open", "Click"}
    platform = Platform(contracts, account, 2020)
    where = platform.make(
        "SimpleFilterPart",
        Property="EventDate",
        SimpleOperator="greaterThan",
        DateValue=[since.replace(microsecond=0)],
    )
    rows = platform.retrieve("SentEvent", ["SendID", "SubscriberKey"], where).Results
    wanted = {(row.SendID, row.SubscriberKey) for row in rows}
    extracted = {(r["SendID"], r["SubscriberKey"]) for r in records if r["EventType"] == "Sent"}
    assert extracted == wanted
    assert counts["Sent"] == len(wanted)
