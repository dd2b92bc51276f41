"""Weights that are numbers, against their slow twin, bit for bit."""

from dataclasses import replace

import naive_methods
import numpy as np
import pytest
from cases import IDEAL, polarities, rule, signals
from naive_cells import Cells
from stack_cases import ask_column, weights

from insitu.cells import DifferentialPair, SingleDevice
from insitu.devices.base import ReadNoise
from insitu.schemes import Exact

EXACT = (IDEAL["constant"], DifferentialPair(w_max=0.5), Exact())
frozen_too = pytest.mark.parametrize("frozen", [False, True])


def made(frozen, form, rows=9, columns=4):
    one = weights(*EXACT, rows, columns, form=form)
    if frozen:
        one.freeze(polarities((rows, columns)) > 0)
    return one, Cells(one.array)


@frozen_too
def test_factors_are_their_twin(frozen):
    one, twin = made(frozen, "factors")
    rng = np.random.default_rng(3)
    for _ in range(5):
        x, d = signals(9, rng), 0.2 * signals(4, rng)
        one.add_factors(x[None], d[None])
        naive_methods.exact(twin, naive_methods.products(x, d), (-0.5, 0.5))
    np.testing.assert_array_equal(one.values, twin.weights)
    assert np.abs(one.values).max() == 0.5, "some have come to the end of their range"


@frozen_too
def test_a_dense_change_is_its_twin(frozen):
    one, twin = made(frozen, "dense")
    change = np.random.default_rng(4).normal(0, 0.2, (9, 4)).astype(np.float32)
    one.add(change)
    naive_methods.exact(twin, change, (-0.5, 0.5))
    np.testing.assert_array_equal(one.values, twin.weights)


@frozen_too
def test_a_column_is_its_twin(frozen):
    one, twin = made(frozen, "column")
    stdp = rule(low=one.low, ltd=0.04)
    for spikes in range(12):
        up = (np.arange(9) % (spikes % 3 + 2) == 0).astype(np.uint8)
        ask_column(one, spikes % 4, up, stdp, spikes)
        naive_methods.exact_column(twin, spikes % 4, up, stdp, (-0.5, 0.5))
    np.testing.assert_array_equal(one.values, twin.weights)


def test_no_cell_takes_a_pulse_and_nothing_is_counted():
    one, _ = made(False, "factors")
    before = one.array.g.copy()
    one.add_factors(np.ones((3, 9), np.float32), np.full((3, 4), 0.01, np.float32))
    assert not one.counts.any()
    assert not one.array.writes.any()
    np.testing.assert_array_equal(one.array.g, before)


@pytest.mark.parametrize("noise", [ReadNoise(), ReadNoise(cv=0.1)], ids=["quiet", "noisy"])
def test_conductances_follow_when_they_are_looked_at(noise):
    one = weights(replace(IDEAL["constant"], read_noise=noise), SingleDevice(), Exact(), 9, 4)
    one.add_factors(np.ones((1, 9), np.float32), np.full((1, 4), 0.01, np.float32))
    exact = one.values.copy()
    one.follow()
    assert one.array.part == pytest.approx(exact, abs=1e-6)
    np.testing.assert_array_equal(one.values, exact)
    if noise.on:
        expected = (float(one.array.map.gains[0]) * 0.1 * one.array.g[0].T) ** 2
        np.testing.assert_allclose(one.array.variance, expected, rtol=1e-5)


def test_what_is_put_is_kept_to_the_last_bit_within_the_range():
    one, _ = made(False, "factors")
    wanted = np.linspace(-0.6, 0.6, 36).reshape(9, 4)
    one.put(wanted)
    np.testing.assert_array_equal(one.values, np.clip(wanted, -0.5, 0.5).astype(np.float32))
