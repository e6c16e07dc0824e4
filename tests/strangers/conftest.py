"""Where the contracts lie, and a demo to talk to."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from online import sign_in
from schemas import Schemas

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 30  # seconds; a loaded machine needs more than the demo's own promise


def absent(what):
    """A visible skip; under CI=true everything must be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def contracts():
    """The folder of recorded and documented contracts, beside the checkout."""
    folder = ROOT.parent / "shared" / "contracts"
    if not folder.is_dir():
        absent("no contracts folder beside the checkout")
    return folder


@pytest.fixture(scope="session")
def schemas(contracts, tmp_path_factory):
    return Schemas(contracts, tmp_path_factory.mktemp("schemas"))


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The demo, serving: its addresses and seeded credentials."""
    program = Path(os.environ.get("TIELINE_DEMO", ROOT / "target" / "debug" / "demo"))
    if not program.is_file():
        absent("the demo is not built (scripts/demo --help)")
    ports = tmp_path_factory.mktemp("demo") / "ports.json"
    log = (ports.parent / "log").open("wb")
    # What zeep sends is not for the recording of what our clients send.
    environment = {name: value for name, value in os.environ.items() if name != "TIELINE_REQUEST_BODIES"}
    order = [program, "--serve", "--ports-file", ports]
    with subprocess.Popen(order, env=environment, stdout=log, stderr=log) as process:
        try:
            yield _addresses(process, ports)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(scope="session")
def online(demo):
    """A tenant's collection on the simulated SharePoint Online, and the cookies of a session there."""
    seeded = next(entry for entry in demo["online"] if entry["id"] == "northwind")
    host = demo["sharepoint_online"]
    cookies = sign_in(host, seeded["sts"], seeded["user"], seeded["password"])
    return {**seeded, "host": host, "cookies": cookies, "control": demo["control"]}


@pytest.fixture(scope="session")
def tenant(demo):
    return demo["tenants"][0]


def _addresses(process, ports):
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the demo ended with {process.returncode}")
        try:
            return json.loads(ports.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            time.sleep(0.05)
    pytest.fail(f"the demo wrote no addresses within {READY_WITHIN} s")


def pytest_terminal_summary(terminalreporter):
    """One plain closing line that a machine can count."""
    counts = {kind: len(terminalreporter.stats.get(kind, [])) for kind in ("passed", "failed", "error", "skipped")}
    failed = counts["failed"] + counts["error"]
    terminalreporter.write_line(f"{counts['passed']} passed, {failed} failed, {counts['skipped']} skipped")
