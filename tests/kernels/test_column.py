"""The programming of analogue columns against its slow twin, bit for bit."""

from dataclasses import replace

import naive
import numpy as np
import pytest
from cases import IDEAL, MORTAL, WORST, crossbar, polarities, same

from insitu.cells import DifferentialPair
from insitu.devices.base import Spread

QUIET = ("constant", "exponential", "switch")
SINGLE = {  # one imperfection at a time, on the family that compiles fastest
    "c2c alone": replace(IDEAL["softbounds"], c2c_cv=0.5),
    "spread alone": replace(IDEAL["softbounds"], spread=Spread(range_cv=0.2)),
    "mortality alone": replace(IDEAL["softbounds"], **MORTAL),
}
DEVICES = {f"{name}, worst": device for name, device in WORST.items()}
DEVICES |= {f"{name}, ideal": IDEAL[name] for name in QUIET} | SINGLE
devices = pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES)


def programmed(array, rule=(1.0, 1.0), rounds=8):
    """Program the columns of an array in turn, a few coincidences each, and its twin likewise."""
    twin = naive.Cells(array)
    rng = np.random.default_rng(3)
    for spikes in range(rounds):
        for column in range(array.columns):
            up = (rng.random(array.rows) < 0.4).astype(np.uint8)
            array.kernels.program(array.state, column, up, np.array(rule), spikes, array.counts)
            twin.program(column, up, rule, spikes)
    return twin


@devices
def test_program_is_its_twin(device):
    array = crossbar(device, 37, 2)
    same(array, programmed(array))


@devices
def test_pulses_are_their_twin(device):
    array = crossbar(device, 11, 3, index=2)
    twin = naive.Cells(array)
    for seed in range(10):
        wanted = polarities((11, 3), seed)
        array.pulse(wanted)
        for row, column in np.argwhere(wanted):  # another order than the kernel's
            twin.pulse(row, column, wanted[row, column])
    same(array, twin)


@pytest.mark.parametrize("rows", [1, 127, 128, 129, 300])
def test_blocks_of_any_size(rows):
    array = crossbar(WORST["constant"], rows, 1)
    same(array, programmed(array, rounds=2))


@pytest.mark.parametrize("rule", [(0.3, 0.7), (1.0, 0.01), (0.0, 1.0), (0.0, 0.0)])
def test_gates_are_their_twin(rule):
    array = crossbar(WORST["constant"], 150, 2, index=1)
    same(array, programmed(array, rule, rounds=3))


def test_a_gate_opens_as_often_as_it_says():
    array = crossbar(IDEAL["constant"], 2000, 1)
    up = np.arange(2000) % 2 == 0
    for spikes in range(10):
        array.kernels.program(array.state, 0, up.astype(np.uint8), np.array([0.3, 0.05]), spikes, array.counts)
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


@pytest.mark.parametrize(("name", "tolerance", "limit"), [("constant", 0.1, 60), ("constant", 0.02, 9)])
def test_write_verify_is_its_twin(name, tolerance, limit):
    array = crossbar(WORST[name], 12, 3)
    twin, mask = naive.Cells(array), polarities((12, 3)) != 0
    missed = array.write_verify(mask, 0.3, tolerance=tolerance, limit=limit)
    assert missed == sum(twin.tune(row, column, 0.3, tolerance, limit) for row, column in np.argwhere(mask))
    assert 0 < missed < mask.sum()
    same(array, twin)


@pytest.mark.parametrize("name", IDEAL)
def test_states_lie_within_the_range_that_the_law_is_told(name):
    """Single precision rounds 0.35 uS and 7.1 uS outwards; the law is told the rounded range."""
    array = crossbar(IDEAL[name], 2, 2)
    assert (array.g >= array.state.law[0]).all()
    assert (array.g <= array.state.law[1]).all()
