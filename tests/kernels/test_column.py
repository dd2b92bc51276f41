"""Pulses for many weights of an analogue column at once, against their slow twin, bit for bit."""

from dataclasses import replace

import numpy as np
import pytest
from cases import IDEAL, MORTAL, RANGE, WORST, crossbar, polarities, program, rule, same
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_cells import Cells
from stack_cases import QUIET_PCM

from insitu.arrays import Crossbar
from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import DifferentialPair, OneSidedPair
from insitu.devices.base import ReadNoise, Spread

QUIET = ("constant", "exponential", "switch")  # few laws without noise, since each is compiled
SINGLE = {  # one imperfection at a time, on the family that compiles fastest
    "c2c alone": replace(IDEAL["softbounds"], c2c_cv=0.5),
    "spread alone": replace(IDEAL["softbounds"], spread=Spread(range_cv=0.2)),
    "mortality alone": replace(IDEAL["softbounds"], **MORTAL),
}
DEVICES = {f"{name}, worst": device for name, device in WORST.items()}
DEVICES |= {f"{name}, ideal": IDEAL[name] for name in QUIET} | SINGLE
RARE = ("power", "table")  # laws that no other quick test compiles
devices = pytest.mark.parametrize(
    "device",
    [
        pytest.param(device, marks=[pytest.mark.slow] * name.startswith(RARE), id=name)
        for name, device in DEVICES.items()
    ],
)


def programmed(array, chances=(1.0, 1.0), rounds=8):
    """Program the columns of an array in turn, a few coincidences each, and its twin likewise."""
    twin = Cells(array)
    rng = np.random.default_rng(3)
    for spikes in range(rounds):
        for column in range(array.columns):
            up = (rng.random(array.rows) < 0.4).astype(np.uint8)
            program(array, column, up, rule(*chances), spikes)
            twin.program(column, up, rule(*chances), spikes)
    return twin


@devices
def test_program_is_its_twin(device):
    array = crossbar(device, 37, 2)
    same(array, programmed(array))


#: each is compiled once more for these
FEW = ("constant, worst", "switch, worst", "c2c alone", "exponential, ideal")


@pytest.mark.parametrize("device", [DEVICES[name] for name in FEW], ids=FEW)
def test_pulses_are_their_twin(device):
    array = crossbar(device, 11, 3, index=2)
    twin = Cells(array)
    for seed in range(10):
        wanted = polarities((11, 3), seed)
        array.pulse(wanted)
        rows, columns = np.nonzero(wanted)  # another order than the kernel's
        twin.give(rows, columns, wanted[rows, columns])
    same(array, twin)


@pytest.mark.parametrize("rows", [1, 127, 128, 129, 300])
def test_blocks_of_any_size(rows):
    array = crossbar(WORST["constant"], rows, 1)
    same(array, programmed(array, rounds=2))


@pytest.mark.parametrize("chances", [(0.3, 0.7), (1.0, 0.01), (0.0, 1.0), (0.0, 0.0)])
def test_gates_are_their_twin(chances):
    array = crossbar(WORST["constant"], 150, 2, index=1)
    same(array, programmed(array, chances, rounds=3))


def test_a_gate_opens_as_often_as_it_says():
    array = crossbar(IDEAL["constant"], 2000, 1)
    up = np.arange(2000) % 2 == 0
    for spikes in range(10):
        program(array, 0, up, rule(0.3, 0.05), spikes)
    assert int(array.writes[0, 0, up].sum()) == pytest.approx(3000, abs=4 * np.sqrt(10_000 * 0.3 * 0.7))
    assert int(array.writes[0, 0, ~up].sum()) == pytest.approx(500, abs=4 * np.sqrt(10_000 * 0.05 * 0.95))


@pytest.mark.parametrize("name", ["constant", "exponential"])
def test_pairs_are_pulsed_push_pull(name):
    array = crossbar(WORST[name], 40, 2, encoding=DifferentialPair())
    same(array, programmed(array, (0.9, 0.8)))
    assert array.counts[0] == array.counts[1]  # an up pulse on one device of a pair is a down pulse on the other


def test_frozen_rows_are_left_out():
    array = crossbar(WORST["constant"], 60, 2)
    array.freeze(polarities((60, 2)) > 0)
    same(array, programmed(array, (0.9, 0.8)))
    assert (array.writes[0].T[polarities((60, 2)) > 0] == 0).all()


@pytest.mark.parametrize("name", IDEAL)
def test_states_lie_within_the_range_that_the_law_is_told(name):
    """Single precision rounds 0.35 uS and 7.1 uS outwards; the law is told the rounded range."""
    array = crossbar(IDEAL[name], 2, 2)
    assert (array.g >= array.state.law[0]).all()
    assert (array.g <= array.state.law[1]).all()


# -- cells that time has taken out of their range ----------------------------------------------------------------------

outside = settings(derandomize=True, deadline=None, max_examples=60, database=None)


def moved(device, g, polarity, encoding=None):
    """What one pulse makes of a cell of conductance g, S, as the two ways to pulse have it."""
    after = []
    for way in ("give", "program"):
        array = Crossbar(device, 1, 1, encoding=encoding)
        array.g[0] = g
        if way == "give":
            array.pulse(np.full((1, 1), polarity))
        else:
            program(array, 0, [polarity > 0], rule(), 0)
        assert array.writes[0, 0, 0] == 1
        after.append(float(array.g[0, 0, 0]))
    assert after[0] == after[1]
    return after[0]


@outside
@given(name=st.sampled_from(QUIET), place=st.floats(-0.5, 1.5), polarity=st.sampled_from([-1, 1]))
def test_a_cell_out_of_its_range_is_never_moved_the_wrong_way(name, place, polarity):
    """Drift and leak know no bounds: a pulse down must not lift a cell from below g_min back to it."""
    low, high = RANGE["g_min"], RANGE["g_max"]
    g = float(np.float32(max(low + place * (high - low), 0.0)))
    assert (moved(IDEAL[name], g, polarity) - g) * polarity >= -1e-7 * high


@pytest.mark.parametrize("name", QUIET)
@pytest.mark.parametrize("away", [-0.3e-6, 0.4e-6])
def test_a_cell_out_of_its_range_moves_as_it_would_at_the_nearest_end(name, away):
    """So that it comes back by the pulses that training gives it, without a jump."""
    end = RANGE["g_min"] if away < 0 else RANGE["g_max"]
    inwards = 1 if away < 0 else -1
    inside, outside = (moved(IDEAL[name], g, inwards) for g in (end, end + away))
    assert abs(inside - end) > 0.1e-6
    assert outside - away == pytest.approx(inside, abs=1e-12)


@pytest.mark.parametrize("polarity", [1, -1])
def test_a_drifted_one_sided_device_is_never_lowered_by_a_set_nor_raised_by_a_reset(polarity):
    array = Crossbar(QUIET_PCM, 1, 1, encoding=OneSidedPair())
    array.g[:] = before = np.float32(0.2e-6)
    if polarity > 0:
        array.pulse(np.ones((1, 1), int))
        assert array.g[0, 0, 0] > before == array.g[1, 0, 0]
    else:
        array.tune([0], [0], [0.0], ClosedLoop(fresh=True))
        assert array.writes[:, 0, 0].tolist() == [1, 1]
        assert (array.g <= before).all()


@pytest.mark.parametrize("name", ["constant", "switch"])
def test_worst_cells_out_of_their_range_are_their_twin(name):
    array = crossbar(WORST[name], 60, 2)
    array.g *= np.random.default_rng(1).uniform(0.2, 1.6, array.g.shape).astype(np.float32)
    array.refresh()
    same(array, programmed(array))


def test_the_variance_of_a_read_follows_the_pulses():
    array = crossbar(replace(WORST["constant"], read_noise=ReadNoise(cv=0.05, sd=0.1e-6)), 40, 2)
    before = array.variance.copy()
    same(array, programmed(array, rounds=3))
    assert (array.variance != before).any()
