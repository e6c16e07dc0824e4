import itertools

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
