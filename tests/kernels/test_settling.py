import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from insitu.kernels.settling import decide, largest_move

F32 = np.float32


def _numbers(rng, *shape):
    """Coarse numbers, so that sums of exactly 0 occur."""
    return rng.integers(-2, 3, shape).astype(np.float32) / 2


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.integers(1, 6), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_decide_is_the_sign_of_the_drive_one_unit_at_a_time(batch, block, begin, seed):
    rng = np.random.default_rng(seed)
    units = begin + block + 1
    u, inputs = _numbers(rng, batch, block), np.sign(rng.normal(size=(batch, units))).astype(np.float32)
    states = np.sign(rng.normal(size=(batch, units))).astype(np.float32)
    drive, hold = F32(0.5), F32(rng.integers(-1, 2))
    wanted = states.copy()
    for i in range(batch):
        for j in range(block):
            k = begin + j
            total = u[i, j] + (drive * inputs[i, k] + hold * states[i, k])
            wanted[i, k] = 1 if total > 0 else -1 if total < 0 else states[i, k]
    decide(u, states, inputs, begin, drive, hold)
    np.testing.assert_array_equal(states, wanted)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_largest_move_never_falls(batch, units, seed):
    rng = np.random.default_rng(seed)
    after, before, moved = _numbers(rng, batch, units), _numbers(rng, batch, units), np.abs(_numbers(rng, batch))
    wanted = [
        max([m, *(abs(a - b) for a, b in zip(x, y, strict=True))]) for m, x, y in zip(moved, after, before, strict=True)
    ]
    largest_move(after, before, moved)
    np.testing.assert_array_equal(moved, np.array(wanted, F32))
