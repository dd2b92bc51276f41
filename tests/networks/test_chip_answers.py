"""What is asked of a network leaves no trace in it, and what an example gets depends on no other one, through any chip."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_digits

from insitu import CrossbarClassifier, EnergyClassifier, SpikingClassifier
from insitu.arrays.wired import poor_wires
from insitu.cells import OneSidedPair
from insitu.chip import Chip
from insitu.devices.library import load
from insitu.errors import InputError
from insitu.kernels.state import CONDUCTANCE_READ
from insitu.schemes import Weights, WriteVerify

X, Y = load_digits(return_X_y=True)
TAOX = load("yi2022-taox").device


def made(kind):
    if kind == "spiking":
        return SpikingClassifier(20, device=load("shi2018-cbram").device, chip=Chip(adc_bits=4), random_state=0)
    if kind == "energy":
        return EnergyClassifier((8,), device=TAOX, chip=Chip(adc_bits=5), random_state=0)
    return CrossbarClassifier((8,), device=TAOX, chip=Chip(adc_bits=5), random_state=0)


@pytest.mark.parametrize("kind", ["spiking", "energy", "perceptron"])
def test_questions_between_two_lessons_do_not_set_the_range_of_the_adc(kind):
    quiet, asked = made(kind), made(kind)
    for start in range(0, 750, 250):
        part = slice(start, start + 250)
        for model in (quiet, asked):
            model.partial_fit(X[part], Y[part], classes=range(10))
        asked.predict(X[1000:1200])
    for one, other in zip(_layers(quiet), _layers(asked), strict=True):
        assert np.array_equal(one.values, other.values)
        assert np.array_equal(one.ranges, other.ranges)
        assert one.ranges.any()


def _layers(model):
    found = model.network_
    return found.layers if hasattr(found, "layers") else [found.synapses]


def weights(rows, columns, chip, **more):
    return Weights(TAOX, rows, columns, WriteVerify(), form="dense", chip=chip, seed=0, **more)


def test_drivers_give_the_same_whatever_the_gain_of_the_columns_behind():
    draw = np.random.default_rng(0)
    wanted, x = draw.uniform(-1, 1, (32, 32)).astype(np.float32), draw.uniform(-1, 1, (50, 32)).astype(np.float32)
    met = []
    for gain in (False, True):
        one = weights(32, 32, Chip(row_ohm=20.0, column_ohm=20.0, column_gain=gain, wire_tolerance=0.0))
        one.put(wanted)
        one.rewire()
        one.read(x, np.arange(50, dtype=np.uint64))
        one.meter()
        met.append(one.counts[CONDUCTANCE_READ])
    assert met[1] == pytest.approx(met[0], rel=0.02)


def test_poor_wires_are_told_behind_gains_too():
    one = weights(64, 64, Chip(row_ohm=200.0, column_ohm=200.0, column_gain=True))
    one.put(np.zeros((64, 64), np.float32))
    one.rewire()
    assert "arrives" in str(poor_wires(one.array))


@pytest.mark.parametrize("noise", [1, np.float32(1), np.int64(1)])
def test_noise_may_be_any_number(noise):
    EnergyClassifier((5,), chip=Chip(output_noise=noise), epochs=1, random_state=0).fit(X[:100], Y[:100])


def test_reads_of_either_way_scatter_apart():
    """Tiles that are not equally many in both ways: forward turn 0 and transposed turn 1 once shared a random number."""
    ideal = TAOX.without("all")
    chip = Chip(adc_bits=24, adc_range=1e3, output_noise=1.0, tile_rows=10)
    one = Weights(ideal, 41, 40, WriteVerify(), form="dense", bias=True, seed=3, chip=chip)
    one.put(np.zeros((41, 40), np.float32))
    numbers = np.arange(2000, dtype=np.uint64)
    d = np.zeros((2000, 40), np.float32)
    d[:, 0] = 1.0
    forward = one.read(np.zeros((2000, 40), np.float32), numbers, 0).ravel()
    back = one.read_transposed(d, numbers, 1).ravel()
    assert abs(np.corrcoef(forward, back)[0, 1]) < 5 / np.sqrt(forward.size)


def test_an_answer_does_not_depend_on_the_signs_of_others():
    mixed = X[:60] / 8.0 - 1.0
    mixed[::3] = np.abs(mixed[::3])
    mixed[1::6] = -np.abs(mixed[1::6])
    chip = Chip(adc_bits=8, output_noise=0.3)
    model = EnergyClassifier((8,), epochs=1, chip=chip, random_state=0).fit(mixed, Y[:60])
    alone = np.vstack([model.activities(mixed[at : at + 1]) for at in range(60)])
    assert np.allclose(model.activities(mixed), alone, atol=1e-5)


@pytest.mark.parametrize("disturb", [0.3, -0.5])
def test_cells_without_conductance_stay_so_however_often_they_are_read(disturb):
    ideal = load("ideal").device
    one = Weights(
        ideal, 2, 1, WriteVerify(), form="dense", encoding=OneSidedPair(), chip=Chip(read_disturb=disturb), seed=0
    )
    one.put(np.full((2, 1), 0.5, np.float32))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one.read(np.ones((9000, 2), np.float32), np.arange(9000, dtype=np.uint64))
        one.look()
    assert np.isfinite(one.array.g).all()
    assert (one.array.g >= 0).all()


def test_a_weight_lies_on_one_tile():
    with pytest.raises(InputError, match=r"chip.tile_columns: got 1; the 2 cells of a weight"):
        weights(4, 4, Chip(tile_columns=1))


@pytest.mark.parametrize("name", ["partial_sums", "wires_act"])
def test_arrays_are_no_words(name):
    with pytest.raises(InputError, match=f"chip.{name}: got array"):
        Chip(**{name: np.array([1, 2])})


def test_numbers_of_numpy_are_taken_as_python_s():
    chip = Chip(aging=np.uint8(64), tile_rows=np.int8(5), output_noise=np.float32(0.5))
    assert [type(one) for one in (chip.aging, chip.tile_rows, chip.output_noise)] == [int, int, float]


@pytest.mark.parametrize("bits", [{}, {"dac_bits": 16}, {"adc_bits": 20}, {"dac_bits": 16, "adc_bits": 20}])
@pytest.mark.parametrize("way", ["read", "read_transposed"])
def test_each_tile_has_the_noise_of_its_circuits_whatever_converts(bits, way):
    """8 tiles below and 3 beside each other: the noise of a sum grows with the root of how many are added."""
    chip = Chip(output_noise=0.1, tile_rows=8, tile_columns=4, **bits)
    one = Weights(TAOX.without("all"), 64, 6, WriteVerify(), form="dense", seed=3, chip=chip)
    one.put(np.zeros((64, 6), np.float32))
    read, lines, parts = (one.read, 64, 8) if way == "read" else (one.read_transposed, 6, 3)
    sums = read(np.ones((4000, lines), np.float32), np.arange(4000, dtype=np.uint64))
    assert sums.std() == pytest.approx(0.1 * np.sqrt(parts), rel=0.05)
