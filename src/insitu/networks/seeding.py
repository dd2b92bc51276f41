"""From scikit-learn's ``random_state`` to a seed of insitu.random."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_random_state


def seed_of(random_state: Any) -> int:
    """Return an integer as it is; else draw a seed from the generator, or from the global one for None."""
    seeded = isinstance(random_state, int | np.integer) and not isinstance(random_state, bool)
    return int(random_state) if seeded else int(check_random_state(random_state).randint(2**31))
