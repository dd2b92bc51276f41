"""From the cells that were measured to the spread of devices."""

import numpy as np
import pytest

from insitu.errors import InputError
from insitu.measure.spreading import spread_of

RANGES = np.array([[1e-6] * 4, [11e-6] * 4])
NAMES = ("c0", "c1", "c2", "c3")


def test_steps_too_far_apart_are_refused_by_the_name_of_the_device():
    """A cell whose readings hardly move gets any step: not the spread is at fault, but that cell."""
    factors = np.array([[1.0, 1.1, 0.9, 50.0], [1.0, 1.1, 0.9, 0.02]])
    with pytest.raises(InputError, match=r"^steps: those of c3 come out up to 4\d\.\d times .* --without c3$"):
        spread_of(NAMES, RANGES, factors, np.zeros((2, 4)), [0, 1])


def test_a_wide_spread_is_one():
    factors = np.array([[1 / 3, 1.0, 1.0, 3.0]] * 2)
    _, spread, _ = spread_of(NAMES, RANGES, factors, np.zeros((2, 4)), [0, 1])
    assert spread.step_cv == pytest.approx(np.sqrt(np.expm1(2 * np.log(3.0) ** 2 / 3)))
    assert spread.asymmetry_cv is None
