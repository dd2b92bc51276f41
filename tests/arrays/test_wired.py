"""What reads of an array see through its wires: kept current while cells are pulsed, near the exact solution at any time."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
from cases import BINARY, IDEAL, WORST
from hypothesis import example, given, settings
from hypothesis import strategies as st

from insitu.arrays import Crossbar
from insitu.arrays.closed_loop import ClosedLoop
from insitu.arrays.wired import error_of_wires, follow
from insitu.cells import BitSlices, DifferentialPair, ReferencedDevice, SingleDevice
from insitu.chip.chip import Wires
from insitu.chip.wires import transfer

OHM = 200.0  # of cells of some microsiemens in tiles of a few: far from ideal
ENCODINGS = {
    "single": SingleDevice(),
    "pair": DifferentialPair(),
    "reference": ReferencedDevice(),
    "column": ReferencedDevice(reference="column"),
}
every_encoding = pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)


def wires(ohm=OHM, **options):
    return Wires(row_ohm=ohm, column_ohm=2 * ohm, source_ohm=ohm, sense_ohm=ohm, **options)


def array(encoding, device=WORST["softbounds"], rows=20, columns=9, **options):
    made = Crossbar(device, rows, columns, encoding=encoding, seed=1, wires=wires(**options))
    made.set_weights(np.random.default_rng(2).uniform(encoding.w_min, encoding.w_max, (rows, columns)))
    return made


def exact(one):
    """The weights (rows, columns) by the exact circuit of each tile, laid out weight by weight in plain loops."""
    planes, columns, rows = one.g.shape
    tall, wide = one.wires.tile_rows or rows, (one.wires.tile_columns or columns * planes) // planes
    weights = np.full((rows, columns), float(one.map.offset))
    for top in range(0, rows, tall):
        for left in range(0, columns, wide):
            some, across = range(top, min(top + tall, rows)), range(left, min(left + wide, columns))
            tile = np.array([[one.g[plane, c, r] for c in across for plane in range(planes)] for r in some], float)
            m = transfer(tile, one.wires)
            for i, r in enumerate(some):
                for j, c in enumerate(across):
                    weights[r, c] += sum(one.map.gains[p] * m[i, j * planes + p] for p in range(planes))
    return weights


@every_encoding
@pytest.mark.parametrize("tile", [{}, {"tile_rows": 7, "tile_columns": 8}, {"tile_rows": 100, "tile_columns": 100}])
def test_weights_are_those_of_the_circuit(encoding, tile):
    one = array(encoding, tolerance=0.0, **tile)
    ideal = Crossbar(one.device, 20, 9, encoding=encoding, seed=1)
    ideal.g[:] = one.g
    ideal.refresh()
    np.testing.assert_allclose(one.weights, exact(one), atol=1e-6)
    assert np.abs(one.weights - ideal.weights).max() > 0.02
    assert error_of_wires(one) < 1e-6


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(list(ENCODINGS)), st.floats(0, 500), st.sampled_from([0.003, 0.01, 0.05]), st.integers(0, 99))
@example("reference", 425.0, 0.003, 85)  # 1.012 of the tolerance
def test_the_estimate_stays_within_its_tolerance(name, ohm, tolerance, seed):
    """Hundreds of pulses a cell between two looks, and what is learned is no noise."""
    encoding = ENCODINGS[name]
    one = array(encoding, ohm=ohm, tolerance=tolerance, tile_rows=8, tile_columns=8)
    rng = np.random.default_rng(seed)
    wanted = np.outer(rng.normal(size=one.rows), rng.normal(size=one.columns))
    for _ in range(4):
        for _ in range(10):
            one.pulse(np.sign(wanted).astype(int) * (rng.random(wanted.shape) < 0.7))
        follow(one)
        assert error_of_wires(one) <= 1.05 * tolerance  # to first order in the change since the last solution
    assert one.wire_error <= 0.25  # which had built up unseen, of the range, while cells went from end to end


@every_encoding
def test_between_two_looks_a_pulse_moves_a_weight_by_what_arrives(encoding):
    one = array(encoding, device=IDEAL["constant"], tolerance=0.0)
    before, truth = one.weights.copy(), exact(one)
    polarity = np.zeros((20, 9), int)
    polarity[4, 3] = 1
    one.pulse(polarity)
    moved, expected = one.weights[4, 3] - before[4, 3], exact(one)[4, 3] - truth[4, 3]
    assert moved == pytest.approx(expected, rel=0.05)
    assert (one.weights != before).sum() == 1


@every_encoding
def test_a_verify_sees_what_arrives(encoding):
    """So a closed loop writes around its wires, where the range allows it."""
    fine = replace(IDEAL["constant"], step_up=0.05e-6, step_down=0.05e-6)
    one = array(encoding, device=fine, ohm=20.0, tolerance=0.0)
    targets = np.random.default_rng(3).uniform(-0.5, 0.5, (20, 9))
    rows, columns = np.indices((20, 9)).reshape(2, -1)
    for _ in range(3):
        one.tune(rows, columns, targets.ravel(), ClosedLoop(tolerance=0.01, iterations=100))
        follow(one)
    assert np.abs(exact(one) - targets).max() < 0.03  # of which 0.02 are the tolerance


def test_bits_are_sensed_through_their_wires():
    near = array(BitSlices(bits=4), device=BINARY, ohm=1.0, tolerance=0.0)
    far = array(BitSlices(bits=4), device=BINARY, ohm=1e5, tolerance=0.0)
    np.testing.assert_array_equal(near.g, far.g)
    assert (near.weights >= far.weights).all()
    assert (near.weights > far.weights).any()
    np.testing.assert_allclose(far.weights, far.part, atol=1e-6)


def test_what_wires_do_is_saved_copied_and_put_back():
    one = array(DifferentialPair())
    one.pulse(np.ones((20, 9), int))
    for other in (copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        for name, value in one.arrays().items():
            np.testing.assert_array_equal(value, other.arrays()[name], err_msg=name)
        assert other.wires == one.wires


def test_cells_that_learned_behind_ideal_wires_are_read_through_others():
    ideal = Crossbar(WORST["softbounds"], 20, 9, encoding=DifferentialPair(), seed=1)
    ideal.set_weights(np.random.default_rng(2).uniform(-1, 1, (20, 9)))
    one = Crossbar(ideal.device, 20, 9, encoding=DifferentialPair(), seed=1, wires=wires(tolerance=0.0))
    one.restore(ideal.arrays())
    np.testing.assert_array_equal(one.g, ideal.g)
    np.testing.assert_allclose(one.weights, exact(one), atol=1e-6)


@every_encoding
@pytest.mark.parametrize(("tolerance", "error"), [(0.0, 1e-6), (0.01, 0.01)])
def test_a_gain_makes_up_for_what_a_column_loses_when_all_rows_are_driven(encoding, tolerance, error):
    tile = {"tile_rows": 7, "tile_columns": 8, "tolerance": tolerance}
    lost, gained = array(encoding, **tile), array(encoding, column_gain=True, **tile)
    ideal = Crossbar(lost.device, 20, 9, encoding=encoding, seed=1)
    for _ in range(2):
        ideal.g[:] = gained.g
        ideal.refresh()
        np.testing.assert_allclose(gained.weights.sum(axis=0), ideal.weights.sum(axis=0), atol=max(1e-4, 2 * error))
        off = [np.abs(one.weights - ideal.weights).mean() for one in (gained, lost)]
        assert 0 < off[0] < off[1]
        assert error_of_wires(gained) < error
        for one in (lost, gained):
            one.pulse(np.ones((20, 9), int))
            follow(one)


@pytest.mark.parametrize("gain", [False, True])
@pytest.mark.parametrize("encoding", [SingleDevice(), DifferentialPair()])
@pytest.mark.parametrize("where", [np.s_[:, -1:, :], np.s_[:, :, :1], np.s_[:, -8:, :8], np.s_[:, ::5, ::5]])
def test_few_cells_that_rise_in_a_dark_tile_are_noticed(encoding, gain, where):
    """A column, a row, a corner, or cells here and there: what the whole tile does on average says nothing of them."""
    device = WORST["softbounds"]
    one = Crossbar(device, 32, 32, encoding=encoding, seed=1, wires=wires(ohm=10.0, column_gain=gain, tolerance=0.01))
    for level in (0.0, 0.3, 1.0):
        one.g[:] = device.g_min
        one.g[where] = device.g_min + level * (device.g_max - device.g_min)
        one.refresh()
        follow(one)
        assert error_of_wires(one) <= 0.01
