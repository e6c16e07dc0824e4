"""scripts/tenant speaks to the demo as AWS's own client speaks to Lambda."""

import json
import os
import subprocess

import pytest

from conftest import ROOT

PASSWORD = "sandbox-sp-harbour-1"


@pytest.fixture(scope="module")
def tenant_of(demo, tmp_path_factory):
    """Runs scripts/tenant; its status and what it says, on both ways."""
    folder = tmp_path_factory.mktemp("tenant")

    def run(*words, file=None, **environment):
        if file is not None:
            (folder / "file.json").write_text(json.dumps(file))
        order = [ROOT / "scripts" / "tenant", *words, "--endpoint", demo["functions"]]
        # No credentials and no settings of whoever runs this.
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        clean |= {"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(folder), **environment}
        done = subprocess.run(order, cwd=folder, env=clean, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert PASSWORD not in done.stdout + done.stderr
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.fixture(scope="module")
def newcomer(demo, tenant):
    """Another customer on the first tenant's systems."""
    return {
        "tenant": "quayside",
        "name": "Quayside Chandlers",
        "origins": [demo["crm"]],
        "hosts": {"crm": ["localhost"], "sharepoint": ["localhost"]},
        "crm_web": tenant["crm_page"],
        "logins": {"table": {"HARBOUR\\anna.berg": "HARBOUR\\anna.berg"}},
        "connections": {
            "crm": {
                "discovery": tenant["discovery"],
                "organization": tenant["organization"],
                "user": tenant["crm_user"],
                "password": tenant["crm_password"],
            },
            "sharepoint": {
                "parent": tenant["site_collection"],
                "sign_in": {"basic": {"user": tenant["sharepoint_user"], "password": {"env": "SP_PASSWORD"}}},
            },
        },
    }


def test_a_tenant_online_is_checked_and_shown(tenant_of):
    status, said, trouble = tenant_of("check", "lakeside")
    assert (status, said.splitlines()[-1]) == (0, "lakeside: nothing is missing"), said + trouble
    status, said, _ = tenant_of("show", "lakeside")
    shown = json.loads(said)["connections"]["crm"]
    assert (status, shown["sign_in"], shown["device"]) == (0, "live_id", "lakesidetieline")
    assert "password" not in said
    status, said, _ = tenant_of("example", "online")
    assert status == 0 and "live_id" in json.loads(said)["connections"]["crm"]["sign_in"]
    status, _, said = tenant_of("example", "cloud")
    assert (status, said) == (2, "tenant: there is no example cloud\n")


def test_a_tenant_is_added_checked_rotated_and_switched(tenant_of, newcomer):
    status, _, said = tenant_of("add", "file.json", file=newcomer)
    assert (status, "the environment has no SP_PASSWORD" in said) == (2, True), said
    status, said, trouble = tenant_of("add", "file.json", SP_PASSWORD=PASSWORD)
    assert (status, said) == (0, "quayside: added, active; now check it\n"), trouble
    status, said, trouble = tenant_of("check", "quayside")
    assert (status, said.splitlines()[-1]) == (0, "quayside: nothing is missing"), said + trouble
    status, said, _ = tenant_of("rotate", "quayside", "sharepoint", "--env", "NEW", NEW="wrong")
    assert status == 0 and "a new secret for sharepoint" in said
    status, said, _ = tenant_of("check", "quayside", "--json")
    wrong = [(it["service"], it["what"]) for it in json.loads(said)["findings"] if it["ok"] is False]
    assert (status, wrong) == (1, [("sharepoint", "sign-in")]), said
    status, said, _ = tenant_of("disable", "quayside")
    assert (status, said) == (0, "quayside: disabled (changed)\n")
    status, said, _ = tenant_of("check", "quayside")
    assert status == 1 and "MISSING" in said and "scripts/tenant enable quayside" in said
    status, said, _ = tenant_of("list")
    rows = [line.split()[:2] for line in said.splitlines()]
    known = [["harbour", "active"], ["lakeside", "active"], ["northwind", "active"], ["quayside", "disabled"]]
    assert rows == [["TENANT", "STATE"], *known]
    status, said, _ = tenant_of("show", "quayside")
    assert status == 0 and json.loads(said)["connections"]["sharepoint"]["sign_in"] == "basic"


def test_every_mistake_in_a_file_is_told_by_its_field(tenant_of, newcomer):
    wrong = newcomer | {"tenant": "Quay Side", "budgets": {"crm": 0}, "colour": "blue"}
    status, said, trouble = tenant_of("add", "file.json", file=wrong, SP_PASSWORD=PASSWORD)
    told = [line.split(":")[0].strip() for line in trouble.splitlines()[1:]]
    assert (status, said, sorted(told)) == (1, "", ["budgets.crm", "colour", "tenant"]), trouble


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["add", "nowhere.json"], "No such file"),
        (["rotate", "harbour", "crm"], "nobody is at the terminal"),
        (["rotate", "harbour", "mail"], "invalid choice"),
        (["check"], "required"),
        (["destroy", "harbour"], "invalid choice"),
    ],
)
def test_what_is_misused_is_told_and_nothing_is_sent(tenant_of, words, text):
    status, said, trouble = tenant_of(*words)
    assert (status, said) == (2, "") and text in trouble, trouble


def test_a_tenant_that_nobody_added_is_unknown(tenant_of):
    status, _, trouble = tenant_of("enable", "nobody")
    assert (status, trouble) == (1, "nobody: there is no tenant nobody (unknown-tenant)\n")


def test_help_and_an_example_need_nothing_installed():
    script = ROOT / "scripts" / "tenant"
    assert "scripts/tenant add FILE" in subprocess.check_output([script, "--help"], text=True)
    example = json.loads(subprocess.check_output([script, "example"], text=True))
    assert example["connections"]["crm"]["password"] == {"ask": True}
    online = json.loads(subprocess.check_output([script, "example", "online"], text=True))
    assert "claims" in online["connections"]["sharepoint"]["sign_in"]
    assert "login.microsoftonline.com" in online["hosts"]["sharepoint"]
