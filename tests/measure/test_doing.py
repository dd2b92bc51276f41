"""What pulses do more than the step of the law, where forecasts follow the readings and where they run away."""

import numpy as np
import pytest

from insitu.measure import pulses
from insitu.measure.doing import parts_done

N = 400
TRAIN = pulses([1] * N, np.arange(N) * 1e-8, np.arange(1, N + 1) * 1e-8)


@pytest.mark.parametrize(("gain", "told"), [(1.0, True), (11.0, False)])
def test_forecasts_that_run_away_say_nothing(gain, told):
    """A filter that corrects by more than the error of its forecast doubles what it was off by, again and again."""
    mean = TRAIN.after - 1e-9
    foreseen = np.stack([mean, np.full(N, 1e-18), mean + gain * (TRAIN.after - mean), np.zeros(N)])
    found, errors = parts_done(foreseen, TRAIN, np.arange(N)[:, None] % 2 == [[0]])
    assert np.isfinite(found).all() == np.isfinite(errors).all() == told
