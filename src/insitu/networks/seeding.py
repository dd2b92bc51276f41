"""From scikit-learn's ``random_state`` to a seed of insitu.random."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from insitu.errors import require_whole


def seed_of(random_state: Any) -> int:
    """Return an integer as it is; else draw a seed from the generator, or from the global one for None."""
    if isinstance(random_state, int | np.integer) and not isinstance(random_state, bool):
        require_whole("random_state", random_state, 0, 2**64 - 1)
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31))
