"""The one read path against its slow twin, bit for bit, and against a matrix product."""

from dataclasses import replace
from functools import cache

import naive
import naive_stack
import numpy as np
import pytest
from cases import IDEAL, signals
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_cells import Cells
from numba import njit
from stack_cases import weights

from insitu.cells import DifferentialPair
from insitu.chip import Chip
from insitu.devices.base import ReadNoise, Telegraph
from insitu.kernels import lines
from insitu.kernels.state import COUNTS
from insitu.schemes import Exact

once = settings(derandomize=True, deadline=None, max_examples=40, database=None)
QUIET = IDEAL["constant"]
DEVICES = {
    "quiet": QUIET,
    "alike": replace(QUIET, read_noise=ReadNoise(sd=0.1e-6)),
    "by cell": replace(QUIET, read_noise=ReadNoise(cv=0.05, sd=0.1e-6), telegraph=Telegraph(fraction=0.5, jump=0.2)),
}
noisy_or_not = pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES)
circuits = pytest.mark.parametrize("extra", [0.0, 0.01])


@pytest.fixture(scope="module")
def reading():
    """Compiled where it is used: at the top, each process that collects tests would compile it."""
    from insitu.kernels import reading

    return reading


def placed(r):
    from insitu.kernels.memory import Placed

    return Placed(r)


@cache
def _both_ways():
    from insitu.kernels import reading

    @njit
    def both(r, x, d, number, room, counts):
        rows, columns = r.weights.shape
        z, e = np.empty(columns, np.float32), np.empty(rows - 1, np.float32)
        reading.forward(r, x, z, room, number, 0, counts)
        reading.backward(r, d, e, room, r.output_variance, number, 1, counts)
        return z, e

    return both


def both_ways(r, x, d, number):
    counts = np.zeros(len(COUNTS), np.int64)
    return _both_ways()(r, x, d, number, lines.room(sum(r.weights.shape)), counts)


def layer_of(device, rows=9, columns=4, extra=0.0):
    """What reads see of weights whose circuits add a variance to each line; and the array."""
    chip = Chip(output_noise=extra**0.5)
    one = weights(device, DifferentialPair(), Exact(), rows, columns, index=2, bias=True, chip=chip)
    return one.reading.of, one.array


@noisy_or_not
@circuits
@pytest.mark.parametrize("number", [0, 7, 2**33 + 5, 2**48 + 2**31])
def test_a_read_is_its_twin(device, extra, number):
    (r, array), rng = layer_of(device, extra=extra), np.random.default_rng(1)
    x, d = signals(8, rng), signals(4, rng, 0)
    z, e = both_ways(r, x, d, number)
    twin, extra = Cells(array), r.output_variance
    np.testing.assert_array_equal(z, naive_stack.forward(twin, x, extra, number))
    np.testing.assert_allclose(e, naive_stack.backward(twin, d, extra, number), atol=2e-6)  # its order is free


@noisy_or_not
def test_without_noise_reads_are_products_with_one_matrix(device):
    (r, array), rng = layer_of(device.without("all"), 40, 130), np.random.default_rng(2)
    x, d = signals(39, rng), signals(130, rng)
    z, e = both_ways(r, x, d, 3)
    w = array.weights.astype(float)
    assert z == pytest.approx(np.append(x, 1) @ w, abs=1e-5)
    assert e == pytest.approx((w @ d)[:-1], abs=1e-5)


@once
@given(
    batch=st.integers(1, 4),
    lines=st.integers(1, 12),
    shared=st.booleans(),
    turn=st.integers(0, 5),
    first=st.integers(0, 2**50),
)
def test_noise_of_a_batch_is_its_twin(reading, batch, lines, shared, turn, first):
    """Whatever else is in the batch: the number of the example, the line and the read address it."""
    (r, array), rng = layer_of(DEVICES["by cell"]), np.random.default_rng(lines)
    z = rng.normal(size=(batch, lines)).astype(np.float32)
    variance = rng.random((1 if shared else batch, lines)).astype(np.float32)
    numbers = np.uint64(first) + rng.integers(0, 2**20, batch).astype(np.uint64)
    wanted, twin, at = z.copy(), Cells(array), placed(r)
    for m in range(batch):
        wanted[m] += naive.noise(twin, variance[0 if shared else m], int(numbers[m]), turn)
    reading.add_noise_batch(z, variance, numbers, turn, at.address)
    np.testing.assert_array_equal(z, wanted)


def test_reads_of_one_example_and_examples_share_no_noise(reading):
    r, _ = layer_of(DEVICES["by cell"])
    found, at = [], placed(r)
    for number in (0, 1, 2**32, 2**48):
        for turn in (0, 1, 2):
            z = np.zeros((1, 9), np.float32)
            reading.add_noise_batch(z, np.ones((1, 9), np.float32), np.array([number], np.uint64), turn, at.address)
            found.append(z[0])
    assert len(np.unique(found)) == 4 * 3 * 9


def test_a_fixed_matrix_is_multiplied_as_it_is(reading):
    rng = np.random.default_rng(4)
    matrix, d, e = rng.normal(size=(6, 5)).astype(np.float32), signals(5, rng), np.empty(6, np.float32)
    reading.project(matrix, d, e)
    assert e == pytest.approx(matrix.astype(float) @ d, abs=1e-6)
