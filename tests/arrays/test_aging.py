"""Leak and drift: many short steps are one long one, and what does not move stays."""

from dataclasses import replace

import naive_stack
import numpy as np
import pytest
from cases import IDEAL, RANGE, WORST, crossbar, polarities
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_cells import Cells
from stack_cases import LEAKY, PCM

from insitu.arrays import Crossbar
from insitu.arrays.aging import age
from insitu.cells import DifferentialPair, OneSidedPair, ReferencedDevice
from insitu.devices.base import Faults, ReadNoise, Retention, Spread

once = settings(derandomize=True, deadline=None, max_examples=20, database=None)
LEAK = replace(IDEAL["constant"], retention=Retention(tau=0.5, rest=5e-6))
DRIFT = replace(IDEAL["constant"], retention=Retention(nu=0.1, t0=2.0))
KINDS = {
    "leak": (LEAK, ReferencedDevice()),
    "leak, spread": (LEAKY, ReferencedDevice()),
    "drift": (DRIFT, DifferentialPair()),
    "drift, spread": (PCM, OneSidedPair()),
    "both": (
        replace(PCM, retention=Retention(tau=0.3, tau_cv=0.2, rest=4e-6, nu=0.1, nu_sd=0.02, t0=0.1)),
        OneSidedPair(),
    ),
}
every_kind = pytest.mark.parametrize(("device", "encoding"), KINDS.values(), ids=KINDS)


def aged(device, encoding, seconds, **kwargs):
    array = crossbar(device, 9, 6, encoding=encoding, **kwargs)
    for step in seconds:
        age(array, step)
    return array


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 5, 40)])
def test_leak_is_its_twin(shape):
    from insitu.kernels import aging

    rng = np.random.default_rng(0)
    g, keep = rng.random((2, 5, 40), np.float32), rng.random(shape, np.float32)
    expected = naive_stack.leak(g, keep, 0.3)
    aging.leak(g, keep, 0.3)
    np.testing.assert_array_equal(g, expected)


@pytest.mark.parametrize("stacked", [False, True])
@pytest.mark.parametrize("noise", [ReadNoise(), ReadNoise(cv=0.1, sd=0.1e-6)], ids=["quiet", "noisy"])
@pytest.mark.parametrize("shape", [(1, 1), (16, 16), (33, 17)])
def test_refresh_is_its_twin(shape, noise, stacked):

    device = replace(WORST["constant"], read_noise=noise)
    array = crossbar(device, *shape, encoding=DifferentialPair(), stacked=stacked)
    array.base[:], array.chop[:] = 0.25, np.where(np.arange(shape[0]) % 3, 1, -1) if stacked else 1
    array.base_variance[:] = 0.01
    array.frozen[:] = np.arange(array.frozen.size).reshape(array.frozen.shape) % 3
    array.weights[:] = np.nan
    twin = Cells(array)
    array.refresh()
    for row, column in np.ndindex(*shape):
        twin.settle(row, column)
    np.testing.assert_array_equal(array.weights, twin.weights)
    np.testing.assert_array_equal(array.variance, twin.variance)


def test_a_leak_is_exponential_and_takes_the_reference_with_it():
    array = aged(LEAK, ReferencedDevice(), [0.2])
    start = crossbar(LEAK, 9, 6, encoding=ReferencedDevice())
    keep = np.exp(-0.2 / 0.5)
    assert array.g == pytest.approx(5e-6 + (start.g - 5e-6) * keep, rel=1e-6)
    assert (array.g[1] != start.g[1]).all()
    assert array.weights == pytest.approx(start.weights * keep, abs=1e-6)  # the common part of the leak cancels


def test_drift_is_a_power_of_the_time_since_the_last_pulse():
    array, start = aged(DRIFT, DifferentialPair(), [5.0]), crossbar(DRIFT, 9, 6, encoding=DifferentialPair())
    assert array.g == pytest.approx(start.g * (1 + 5.0 / 2.0) ** -0.1, rel=1e-6)
    wanted = polarities((9, 6))
    array.pulse(wanted)
    written = array.g.copy()
    age(array, 3.0)
    pulsed = np.broadcast_to(wanted.T != 0, written.shape)
    fresh, old = (1 + 3.0 / 2.0) ** -0.1, ((1 + 8.0 / 2.0) / (1 + 5.0 / 2.0)) ** -0.1
    assert array.g / written == pytest.approx(np.where(pulsed, fresh, old), rel=1e-6)


@pytest.mark.parametrize(("device", "encoding"), [KINDS[kind] for kind in KINDS if kind != "both"])
@once
@given(steps=st.lists(st.floats(1e-4, 1.0), min_size=1, max_size=30))
def test_many_short_steps_are_one_long_step(device, encoding, steps):
    parts, whole = aged(device, encoding, steps), aged(device, encoding, [sum(steps)])
    assert parts.g == pytest.approx(whole.g, rel=3e-6)
    assert parts.weights == pytest.approx(parts.part, abs=1e-6)
    assert (parts.writes == 0).all()
    assert (parts.counts == 0).all()


@every_kind
def test_time_that_does_not_pass_changes_nothing(device, encoding):
    assert aged(device, encoding, [0.0]).g == pytest.approx(aged(device, encoding, []).g, rel=1e-7)


@every_kind
def test_faulty_cells_stay(device, encoding):
    device = replace(device, faults=Faults(dead=0.3, stuck_low=0.2, stuck_high=0.2))
    start, array = aged(device, encoding, []), aged(device, encoding, [0.7])
    sound = array._fault == 3
    assert (array.g[~sound] == start.g[~sound]).all()
    assert (array.g[array._fault == 0] == 0).all()
    assert (array.g[sound] != start.g[sound]).mean() > 0.8


def test_cells_leak_at_their_own_pace_but_a_reference_is_one_cell():
    device = replace(LEAK, retention=Retention(tau=0.5, tau_cv=0.3, rest=5e-6))
    array = aged(device, ReferencedDevice(), [0.3])
    kept = (array.g - 5e-6) / (crossbar(device, 9, 6, encoding=ReferencedDevice()).g - 5e-6)
    tau = -0.3 / np.log(kept[0])
    assert tau.std() / tau.mean() == pytest.approx(0.3, rel=0.5)
    assert (array.g[1] == array.g[1, :, :1]).all()
    assert (np.diff(array.g[1, :, 0]) != 0).all()


def test_a_column_of_references_has_a_cell_for_each_row_and_its_errors_average_out():
    """Of a month of drift the common part cancels either way; what is wrong with one cell is wrong with a whole column."""
    device = replace(DRIFT, retention=Retention(nu=0.1, nu_sd=0.02, t0=1.0), spread=Spread(range_cv=0.05))
    sums = {}
    for reference in ("cell", "column"):
        array = crossbar(device, 400, 30, encoding=ReferencedDevice(reference=reference))
        assert np.ptp(array.cell[0][1], axis=1).any() == (reference == "column")
        before = array.weights.sum(axis=0)
        age(array, 2.6e6)
        of_references = array.g[1]
        assert np.ptp(of_references, axis=1).any() == (reference == "column")
        sums[reference] = (array.weights.sum(axis=0) - before * (2.6e6) ** -0.1).std()
    assert sums["column"] < sums["cell"] / 5  # 1 / sqrt(400), and the cells beside the references scatter too


def test_the_spread_of_tau_and_nu_is_what_it_says():
    many = Crossbar(replace(LEAK, retention=Retention(tau=0.5, tau_cv=0.3, rest=7e-6)), 100, 100)
    age(many, 0.1)
    tau = -0.1 / np.log((many.g - 7e-6) / (RANGE["g_max"] / 2 + RANGE["g_min"] / 2 - 7e-6))
    assert tau.mean() == pytest.approx(0.5, rel=5 * 0.3 / 100 + 0.001)
    assert tau.std() / tau.mean() == pytest.approx(0.3, rel=0.05)
    many = Crossbar(replace(DRIFT, retention=Retention(nu=0.1, nu_sd=0.02, t0=2.0)), 100, 100)
    before = many.g.copy()
    age(many, 30.0)
    nu = -np.log(many.g / before) / np.log(16)
    assert nu.mean() == pytest.approx(0.1, abs=5 * 0.02 / 100)
    assert nu.std() == pytest.approx(0.02, rel=0.05)


def test_a_device_that_keeps_does_not_age():
    array = crossbar(WORST["constant"], 3, 2)
    before = array.arrays()
    assert age(array, 1e9) is False
    assert all((value == before[name]).all() for name, value in array.arrays().items())


@pytest.mark.parametrize("device", [LEAKY, DRIFT], ids=["leak", "drift"])
def test_a_saved_array_ages_on_as_if_nothing_had_happened(device):
    """Drift needs the time since the last pulse of each cell."""
    one = aged(device, ReferencedDevice(), [0.1, 0.2], seed=4, index=1, stacked=device is LEAKY)
    one.pulse(polarities((9, 6)))
    other = Crossbar(device, 9, 6, encoding=ReferencedDevice(), seed=4, index=1, stacked=device is LEAKY)
    other.restore(one.arrays())
    for array in (one, other):
        age(array, 0.3)
        array.pulse(polarities((9, 6), 1))
        age(array, 0.1)
    for name, value in one.arrays().items():
        np.testing.assert_array_equal(value, other.arrays()[name], err_msg=name)


@every_kind
def test_removed_weights_do_not_come_back_with_time(device, encoding):
    array, gone = crossbar(device, 9, 6, encoding=encoding), polarities((9, 6), 5) > 0
    array.remove(gone)
    assert age(array, 0.2)
    assert (array.weights[gone] == 0).all()
    assert (array.weights[~gone] != 0).any()


@pytest.mark.parametrize("way", [1, -1])
@pytest.mark.parametrize("rest", [0.05e-6, 8e-6])
def test_a_pulse_never_moves_a_leaked_cell_the_wrong_way(rest, way):
    """Not even one that has leaked out of its range, to which it comes back step by step."""
    array = crossbar(replace(LEAK, retention=Retention(tau=0.5, rest=rest)), 9, 6)
    age(array, 2.0)
    before = array.g.copy()
    low, high = array.cell[:2, 0, 0, 0]
    assert ((before < low) | (before > high)).mean() > 0.3
    array.pulse(np.full((9, 6), way))
    moved = way * (array.g - before).astype(float)
    assert moved.min() >= -1e-13
    assert moved.max() <= array.device.step_up + 1e-12
    assert (moved > 0.1e-6).any() == ((rest < low) == (way > 0))


def test_a_drifted_device_is_raised_from_where_it_is():
    array = crossbar(replace(DRIFT, retention=Retention(nu=0.3, t0=1.0)), 9, 6, encoding=DifferentialPair())
    array.set_weights(np.full((9, 6), -1.0))
    age(array, 100.0)
    before = array.g.copy()
    assert (before[0] < array.device.g_min).all()
    array.pulse(np.ones((9, 6), int))
    assert array.g[0] - before[0] == pytest.approx(np.full((6, 9), array.device.step_up), rel=1e-4)
    array.pulse(-np.ones((9, 6), int))
    assert (array.g[0] < before[0] + array.device.step_up).all()
