"""ST-43: scripts/deploy brings one artefact to the test stage and then to production, here on the emulator of AWS."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from stack import ROOT, read

FUNCTIONS = [
    Path(it["Properties"]["CodeUri"]).name
    for it in read()["Resources"].values()
    if it["Type"] == "AWS::Serverless::Function"
]

# The first bytes of a program (ELF): its kind of machine is at 18. Enough for what never runs.
X86_64 = b"\x7fELF".ljust(18, b"\0") + b"\x3e\x00" + bytes(64)
ARM64 = b"\x7fELF".ljust(18, b"\0") + b"\xb7\x00" + bytes(64)

Script = Callable[..., subprocess.CompletedProcess]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """What scripts/deploy needs of a checkout, with functions that are never run."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "tests").mkdir()
    for name in ("scripts", "template.yaml", "tests/emulator", ".tools"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def script(checkout: Path, name: str) -> Script:
    def run(*arguments: str, at: str = "http://127.0.0.1:9") -> subprocess.CompletedProcess:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(checkout),
            "AWS_ENDPOINT_URL": at,
            "AWS_ACCESS_KEY_ID": "111122223333",
            "AWS_SECRET_ACCESS_KEY": "emulator",
            "AWS_REGION": "eu-central-1",
            # SAM asks every five seconds whether it is done.
            "SAM_CLI_POLL_DELAY": "1",
        }
        program = [checkout / "scripts" / name, *arguments]
        return subprocess.run(program, capture_output=True, text=True, check=False, env=environment)

    return run


@pytest.fixture
def deploy(checkout) -> Script:
    return script(checkout, "deploy")


@pytest.fixture
def restore(checkout) -> Script:
    return script(checkout, "restore")


def build(checkout: Path, programs: dict[str, bytes]) -> None:
    shutil.rmtree(checkout / "target", ignore_errors=True)
    for function, program in programs.items():
        (checkout / "target" / "lambda" / function).mkdir(parents=True)
        (checkout / "target" / "lambda" / function / "bootstrap").write_bytes(program)


def test_what_was_tried_in_test_goes_to_production_and_nothing_else(deploy, restore, checkout, emulator):
    build(checkout, dict.fromkeys(FUNCTIONS, X86_64))
    done = deploy("test", "--built", "AlarmEmail=operators@partner.example", at=emulator)
    assert done.returncode == 0, done.stdout + done.stderr
    tried = told(deploy("show", "test", at=emulator))["Artefact"]

    build(checkout, dict.fromkeys(FUNCTIONS, X86_64 + b"another"))
    done = deploy("production", at=emulator)
    assert done.returncode == 1
    assert done.stderr == f"deploy: test runs the artefact {tried}; only that one goes to production\n"

    build(checkout, dict.fromkeys(FUNCTIONS, X86_64))
    done = deploy("production", at=emulator)
    assert done.returncode == 0, done.stdout + done.stderr
    assert told(deploy("show", "production", at=emulator))["Artefact"] == tried

    done = restore("production", "--from", "copy", "--apply", at=emulator)
    assert "tieline-production is at work; pause it first" in done.stderr

    done = deploy("remove", "production", at=emulator)
    assert done.stderr == "deploy: this removes tieline-production for all customers; if that is meant, add --yes\n"
    done = deploy("remove", "production", "--yes", at=emulator)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "these stay: the table tieline-production-Ledger-" in done.stdout
    done = deploy("show", "production", at=emulator)
    assert done.stderr == "deploy: there is no stack tieline-production in eu-central-1\n"


def told(shown: subprocess.CompletedProcess) -> dict[str, str]:
    assert shown.returncode == 0, shown.stderr
    return dict(line.split(maxsplit=1) for line in shown.stdout.splitlines())


@pytest.mark.parametrize(
    ("arguments", "programs", "complaint"),
    [
        ([], {}, "which stage, test or production? (see --help)"),
        (["tset"], {}, "unknown argument: tset (see --help)"),
        (["test", "--region"], {}, "--region needs a value"),
        (["test", "Stage=production"], {}, "Stage is given by what is deployed where"),
        (["production"], {}, "nothing is built; what goes to production was deployed to test before"),
        (["test", "--built"], {"wake": X86_64}, "target/lambda/wake/bootstrap is not for arm64, as others are"),
        (["test", "--built"], {"wake": b"#!/bin/sh"}, "target/lambda/wake/bootstrap is no program for Lambda"),
        (["test", "--built"], {"wake": None}, "target/lambda/wake/bootstrap is not built (scripts/build)"),
        (["production", "--artefact", "0" * 64], dict.fromkeys(FUNCTIONS, ARM64), f"test runs the artefact {'0' * 64}; "
         "only that one goes to production"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(arguments, programs, complaint, deploy, checkout):
    built = dict.fromkeys(FUNCTIONS, ARM64) | programs if programs else {}
    build(checkout, {function: program for function, program in built.items() if program})
    done = deploy(*arguments)
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1] == f"deploy: {complaint}"
