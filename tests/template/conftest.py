import itertools
import os
import subprocess

import pytest
import stack as stacks

# No default: so that a test sees whether the setting is followed.
SETTINGS = {"LogRetentionDays": 7, "AlarmEmail": "operators@partner.example"}


@pytest.fixture(scope="session")
def written() -> dict:
    return stacks.read()


@pytest.fixture(scope="session", params=itertools.product(stacks.STAGES, stacks.ARCHITECTURES), ids="-".join)
def stack(request, written) -> stacks.Stack:
    stage, architecture = request.param
    return stacks.Stack.of(written, Stage=stage, Architecture=architecture, **SETTINGS)


@pytest.fixture(scope="session")
def emulator():
    """The address of an emulator of AWS, which ends with the tests."""
    python = stacks.ROOT / ".tools" / "emulator" / "bin" / "python"
    if not python.exists():
        reason = "the emulator of AWS is not installed (scripts/test does it)"
        assert os.environ.get("CI") != "true", f"needed here: {reason}"
        pytest.skip(reason)
    start = [python, stacks.ROOT / "tests" / "emulator" / "start.py"]
    with subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()
        process.stdin.close()
