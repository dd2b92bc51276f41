"""Without INSITU_ATTACK the attacks are long tests, of one round each; but for those of seconds."""

import pytest
from systems import ROUNDS

_SHORT = ("test_long.py",)


def pytest_collection_modifyitems(items):
    if not ROUNDS:
        for item in items:
            if "attack" in item.path.parts and item.path.name not in _SHORT:
                item.add_marker(pytest.mark.slow)
