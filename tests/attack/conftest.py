"""Without INSITU_ATTACK the attacks are long tests, of one round each."""

import pytest
from systems import ROUNDS


def pytest_collection_modifyitems(items):
    if not ROUNDS:
        for item in items:
            if "attack" in item.path.parts:
                item.add_marker(pytest.mark.slow)
