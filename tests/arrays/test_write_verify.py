from dataclasses import replace

import numpy as np
import pytest

from insitu.arrays import Crossbar
from insitu.arrays.periphery import Periphery
from insitu.arrays.writing import IncrementalPulses, WriteVerify, mean_step
from insitu.cells import DifferentialPair, SingleDevice
from insitu.devices.base import Endurance, Faults, Programming, Spread
from insitu.devices.constant import ConstantStep
from insitu.devices.library import load
from insitu.devices.library.parameter_set import numbers
from insitu.errors import InputError
from insitu.kernels.philox import philox
from insitu.kernels.vmath import normal
from insitu.ledger import Counts
from insitu.random import Stream

TAOX = load("yi2022-taox").device
IDEAL = TAOX.without("all")
BAD = replace(TAOX, spread=Spread(range_cv=0.1), endurance=Endurance(writes=12, writes_cv=0.5))


def _array(device, rows=7, columns=5, encoding=None, seed=3):
    array = Crossbar(device, rows, columns, encoding=encoding or DifferentialPair(), seed=seed, index=2)
    array.set_weights(np.linspace(-1, 1, rows * columns).reshape(rows, columns))
    return array


def _naive(array, targets, written, band):
    """The slow, obvious write of a statistical closed loop; also return the sum over its pulses of g / g_max."""
    device, encoding, law = array.device, array.encoding, array.device.programming
    changed, met = 0, 0.0
    for row in range(array.rows):
        for column in range(array.columns):
            moved = abs(float(targets[row, column]) - float(written[row, column]))
            if moved * (device.g_max - device.g_min) / (encoding.w_max - encoding.w_min) <= band:
                continue
            goals = encoding.encode(targets[row, column], device)
            written[row, column] = targets[row, column]
            changed += 1
            for plane, goal in enumerate(goals):
                place = plane, column, row
                before = float(array.g[place])
                cell = np.ravel_multi_index(place, array.g.shape)
                address = (np.uint64(array.writes[place]), np.uint64(cell), np.uint64(0), np.uint64(Stream.WRITE + 32))
                limits = array.cell[:, *(place if array.cell.shape[1] > 1 else (0, 0, 0))]
                lifetime = array.lifetime[place if array.lifetime.size > 1 else (0, 0, 0)]
                if array.writes[place] < lifetime:
                    noise = (law.error_sd or 0) * normal(*philox(*address, np.uint64(array.seed)))
                    array.g[place] = np.clip(goal + noise, limits[0], limits[1])
                array.writes[place] += law.tries or 1
                met += (law.tries or 1) * (before + float(array.g[place])) / 2 / device.g_max
    array.refresh()
    return changed, met


@pytest.mark.parametrize("device", [IDEAL, TAOX, BAD], ids=["ideal", "taox", "bad"])
@pytest.mark.parametrize("encoding", [SingleDevice(), DifferentialPair()])
def test_a_write_is_that_of_the_naive_twin(device, encoding):
    array, twin = _array(device, encoding=encoding), _array(device, encoding=encoding)
    rng = np.random.default_rng(0)
    written = [array.weights.copy(), array.weights.copy()]
    targets, met = array.weights.copy(), 0.0
    for _ in range(6):
        targets = np.clip(targets + rng.normal(0, 0.1, targets.shape), -1, 1).astype(np.float32)
        band = device.programming.tolerance or 0.0
        changed = WriteVerify().write(array, targets, written[0])
        expected = _naive(twin, targets, written[1], band)
        assert changed == expected[0]
        met += expected[1]
        np.testing.assert_allclose(array.g, twin.g, rtol=1e-6)
        np.testing.assert_array_equal(array.writes, twin.writes)
        np.testing.assert_allclose(array.weights, twin.weights, atol=1e-6)
        np.testing.assert_array_equal(*written)
    assert Counts.of(array.counts).pulses == array.writes.sum()
    assert Counts.of(array.counts).conversions == array.writes.sum()  # every try is verified
    counts = Counts.of(array.counts)
    assert counts.verify_conversions == counts.verify_reads == counts.conversions
    assert (counts.conductance_up + counts.conductance_down) / 65_536 == pytest.approx(met, rel=1e-4)
    assert counts.conductance_up > 0 < counts.conductance_down


def test_ideal_writing_is_exact_and_ignores_the_dead_band_of_the_real_device():
    array = _array(IDEAL)
    targets = np.random.default_rng(1).uniform(-1, 1, array.weights.shape).astype(np.float32)
    WriteVerify().write(array, targets, array.weights.copy())
    np.testing.assert_allclose(array.weights, targets, atol=1e-6)


def test_error_and_stuck_cells_are_those_that_the_device_states():
    array = Crossbar(TAOX, 200, 100, encoding=SingleDevice())
    WriteVerify(dead_band=0.0).write(array, np.full((200, 100), 0.1, np.float32), np.full((200, 100), 9, np.float32))
    goal = SingleDevice().encode(np.array(0.1), TAOX)[0]
    stuck = (array.g == np.float32(TAOX.g_min)) | (array.g == np.float32(TAOX.g_max))
    assert stuck.mean() == pytest.approx(0.02, abs=0.004)
    error = (array.g - goal)[~stuck]
    assert error.std() == pytest.approx(TAOX.programming.error_sd, rel=0.03)
    assert abs(error.mean()) < 1e-7


def test_inside_the_dead_band_nothing_is_written():
    array = _array(TAOX)
    written = array.weights.copy()
    before = array.g.copy()
    unit = 2 / (TAOX.g_max - TAOX.g_min)  # of weight, a siemens of each cell of a pair
    inside, outside = (written + np.float32(f * TAOX.programming.tolerance * unit) for f in (0.98, 1.02))
    assert WriteVerify().write(array, inside, written) == 0
    np.testing.assert_array_equal(array.g, before)
    assert array.counts.sum() == 0
    assert WriteVerify().write(array, outside, written) == array.weights.size
    assert WriteVerify(dead_band=50e-6).write(array, array.weights + 0.5, written.copy()) == 0


@pytest.mark.parametrize("name", ["shi2018-cbram", "ideal"])
def test_any_device_can_be_written_closed_loop(name):
    device = load(name).device
    if name == "ideal":
        device = replace(device, faults=Faults(stuck_low=0.02))  # neither ideal nor with a law of programming
    periphery = Periphery(_array(device, 20, 10), WriteVerify(tolerance=0.03))
    targets = np.random.default_rng(2).uniform(-0.6, 0.6, (20, 10))
    periphery.set_targets(targets)
    missed = np.abs(periphery.array.weights - targets) > 0.061
    assert missed.mean() < 0.15
    assert periphery.array.writes.sum() == Counts.of(periphery.array.counts).pulses > 0


def test_increments_move_by_whole_mean_steps_and_keep_the_rest():
    device = ConstantStep(g_min=0.0, g_max=1e-5, step_up=1e-7, step_down=1e-7)
    array = Crossbar(device, 4, 3, encoding=DifferentialPair())
    step = mean_step(device, array.encoding)
    assert step == pytest.approx(0.02)
    written, targets = array.weights.copy(), np.zeros((4, 3), np.float32)
    for _ in range(7):
        targets += np.float32(0.005)
        IncrementalPulses().write(array, targets, written)
    np.testing.assert_allclose(array.weights, 0.02, atol=1e-6)  # of 0.035
    assert (array.writes == 1).all()
    targets[:] = -5.0
    IncrementalPulses(most=3).write(array, targets, written)
    assert (array.writes == 4).all()


def test_a_device_that_does_not_move_cannot_be_pulsed():
    device = ConstantStep(g_min=0.0, g_max=1e-5, step_up=1e-7, step_down=0.0)
    with pytest.raises(InputError, match="a down pulse does not move it"):
        mean_step(device, DifferentialPair())


def test_bad_options():
    for make, message in (
        (lambda: WriteVerify(dead_band=-1e-6), "dead_band"),
        (lambda: WriteVerify(tolerance=0.0), "tolerance"),
        (lambda: IncrementalPulses(most=0), "most: got 0"),
        (lambda: Programming(error_sd=-1.0), r"programming\.error_sd"),
        (lambda: Programming(tries=0), r"programming\.tries"),
    ):
        with pytest.raises(InputError, match=message):
            make()


def test_the_noise_of_writing_is_among_the_numbers_that_need_a_source():
    assert {"programming.error_sd", "telegraph.jump", "read_noise.cv"} <= numbers(TAOX).keys()
    assert TAOX.without("programming").programming == Programming()
