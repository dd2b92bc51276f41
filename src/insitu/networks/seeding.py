"""From scikit-learn's ``random_state`` to a seed of insitu.random."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from insitu.errors import InputError, require_whole


def seed_of(random_state: Any) -> int:
    """Return an integer as it is; else draw a seed from the generator, or from the global one for None."""
    if isinstance(random_state, int | np.integer) and not isinstance(random_state, bool):
        require_whole("random_state", random_state, 0, 2**64 - 1)
        return int(random_state)
    if random_state is not None and not isinstance(random_state, np.random.RandomState):
        raise InputError(f"random_state: got {random_state!r}; allowed is a whole number, a RandomState or None")
    return int(check_random_state(random_state).randint(2**31))
