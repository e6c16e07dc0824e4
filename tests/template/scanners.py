"""Other people's checks of the template: cfn-lint, sam and checkov, each as a program, without a network."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from stack import ROOT

CFN_LINT = Path(sys.executable).parent / "cfn-lint"
SAM = ROOT / ".tools" / "sam" / "bin" / "sam"
CHECKOV = ROOT / ".tools" / "checkov" / "bin" / "checkov"


def run(program: Path, *arguments: str) -> subprocess.CompletedProcess:
    # No credentials and no settings of the person who runs this; no reports to the makers.
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.devnull,
        "AWS_DEFAULT_REGION": "eu-central-1",
        "SAM_CLI_TELEMETRY": "0",
        "LC_ALL": "C.UTF-8",
    }
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, env=environment)


def cfn_lint(*templates: Path) -> list[str]:
    """Every error and warning."""
    done = run(CFN_LINT, "--format", "parseable", "--", *map(str, templates))
    return (done.stdout + done.stderr).splitlines()


def sam_validate(template: Path) -> subprocess.CompletedProcess:
    return run(SAM, "validate", "--lint", "--template-file", str(template))


class Findings(NamedTuple):
    """Of one template: checks and the resources they are about. A check that was skipped is among the failed ones."""

    failed: set[tuple[str, str]]
    passed: set[tuple[str, str]]


def checkov(*templates: Path) -> list[Findings]:
    """Findings by template; one run for all, since most of its time is its start."""
    files = [argument for template in templates for argument in ("--file", str(template))]
    done = run(CHECKOV, "--skip-download", "--output", "json", *files)
    if done.returncode not in (0, 1):
        raise AssertionError(f"checkov did not run: {done.stderr}")
    report = json.loads(done.stdout)
    found = {str(template.resolve()): Findings(set(), set()) for template in templates}
    for it in report if isinstance(report, list) else [report]:
        assert it["summary"]["parsing_errors"] == 0
        results = it["results"]
        for kind in ("passed", "failed", "skipped"):
            for finding in results[f"{kind}_checks"]:
                of = found[str(Path(finding["file_abs_path"]).resolve())]
                side = of.passed if kind == "passed" else of.failed
                side.add((finding["check_id"], finding["resource"].split(".")[-1]))
    return list(found.values())
