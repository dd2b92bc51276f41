"""The transfer of Tiki-Taka against its slow twin, bit for bit."""

import naive_methods
import numpy as np
import pytest
from cases import IDEAL, WORST, crossbar, same

from insitu.cells import DifferentialPair, ReferencedDevice
from insitu.random import Stream, uniform


def arrays(slow="linear", fast="softbounds", rows=11, columns=7):
    """A slow array, and a fast one that is read against some reference, with polarities of both signs."""
    taker = crossbar(WORST[slow], rows, columns, encoding=DifferentialPair(), stacked=True)
    taker.chop[1::2] = -1
    taker.refresh()
    learner = crossbar(WORST[fast], rows, columns, encoding=ReferencedDevice(), index=3, stacked=True)
    learner.chop[::4] = -1
    learner.base[:] = np.random.default_rng(0).normal(0, 0.2, learner.base.shape)
    learner.refresh()
    return taker, learner


def vector(every, rows, gain, threshold, flip):
    return np.array([0.0] * 9 + [every, rows, gain, threshold, flip])


@pytest.mark.parametrize(("every", "rows", "flip"), [(1, 1, 0.0), (3, 1, 0.5), (1, 4, 1.0), (2, 25, 0.3)])
def test_carry_is_its_twin(every, rows, flip):
    slow, fast = arrays()
    twins = naive_methods.Stacked(slow), naive_methods.Stacked(fast)
    h, mine = np.zeros((11, 7), np.float32), np.zeros((11, 7), np.float32)
    how = (every, rows, 0.05, 0.06, flip)
    carry = slow.compiled("carry").carry
    for shown in range(60):
        carry(slow.state, fast.state, h, vector(*how), shown, slow.counts)
        naive_methods.carry(*twins, mine, *how, shown)
    same(slow, twins[0])
    np.testing.assert_array_equal(h, mine)
    for name in ("chop", "base", "weights", "g", "writes"):
        np.testing.assert_array_equal(getattr(fast, name), getattr(twins[1], name), err_msg=name)
    assert slow.writes.sum() > 0
    assert not fast.writes.any()


def test_the_number_of_the_read_decides_which_rows_flip():
    """So that any stop and resume, or another network beside it, flips the same ones."""
    slow, fast = arrays(rows=5)
    before = fast.chop.copy()
    for shown in range(5):
        slow.compiled("carry").carry(
            slow.state, fast.state, np.zeros((5, 7), np.float32), vector(1, 1, 0.1, 1e9, 0.4), shown, slow.counts
        )
    drawn = [uniform(fast.seed, Stream.CHOP + 16 * 3, np.array([row]), row)[0] for row in range(5)]
    assert (fast.chop != before).tolist() == [u < 0.4 for u in drawn]
    fresh = fast.weights.copy()
    fast.refresh()
    np.testing.assert_allclose(fast.weights, fresh, atol=1e-6)


def test_a_row_is_read_in_turn_and_counted():
    slow, fast = arrays()
    h = np.zeros((11, 7), np.float32)
    for shown in range(4):
        slow.compiled("carry").carry(slow.state, fast.state, h, vector(2, 1, 0.5, 1e9, 0.0), shown, slow.counts)
    np.testing.assert_array_equal(h[:2], (0.5 * fast.weights[:2].astype(float)).astype(np.float32))
    assert not h[2:].any()
    assert slow.counts.tolist() == [0, 0, 2 * 7 * 2, 2, 2 * 7, 3 * 2 * 7, 0, 0, 0, 0, 2, 0, 0]


@pytest.mark.parametrize("name", ["softbounds", "switch", "constant"])
def test_alternating_pulses_are_their_twin(name):
    array = crossbar(WORST[name], 6, 5, encoding=DifferentialPair(), stacked=True)
    z = [0.0] if name != "switch" else [0.25, 0.75]
    twin = naive_methods.Stacked(array)
    array.compiled("symmetry").alternate(array.state, np.array(z), 40)
    for at in np.ndindex(array.g.shape):
        twin.g[at] = naive_methods.alternated(twin, at, z, 40)
    np.testing.assert_array_equal(array.g, twin.g)


def test_soft_bounds_come_to_rest_in_the_middle_if_steps_are_equal():
    from dataclasses import replace

    array = crossbar(replace(IDEAL["softbounds"], step_up=0.3e-6, step_down=0.3e-6), 4, 4, stacked=True)
    array.compiled("symmetry").alternate(array.state, np.zeros(1), 10_000)
    middle = (array.device.g_min + array.device.g_max) / 2
    assert array.g == pytest.approx(np.full(array.g.shape, middle), abs=0.3e-6 / 2)
