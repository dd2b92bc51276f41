"""With every imperfection off and fine steps, every scheme does what was asked of it."""

from dataclasses import replace

import numpy as np
import pytest
from cases import BINARY, IDEAL, RANGE, rule
from stack_cases import ask_column, capacitors, weights

from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import BitSlices, DifferentialPair, OneSidedPair, ReferencedDevice, Significance, SingleDevice
from insitu.devices.base import Programming
from insitu.devices.pcm import PhaseChange
from insitu.schemes import (
    BlindPulses,
    DeterministicTrains,
    ErrorAware,
    Exact,
    MixedPrecision,
    StochasticTrains,
    TikiTaka,
    WriteVerify,
)

FINE = replace(IDEAL["constant"], step_up=2e-9, step_down=2e-9)
LAWFUL = replace(FINE, programming=Programming(error_sd=0.0))
#: of steps that hardly fall over what is used here
RISING = PhaseChange(**RANGE, step_up=2e-9, saturation=0.1)
SOFT = replace(IDEAL["softbounds"], step_up=0.5e-6, step_down=0.5e-6)
LOOP = ClosedLoop(tolerance=1e-4, iterations=200, burst=100)
CLOSED = WriteVerify(dead_band=0.0, loop=LOOP)

#: device, encoding, scheme, and by how many mean steps it may be off, besides one in a thousand
CASES = {
    "exact": (FINE, DifferentialPair(), Exact(), 0.0),
    "blind": (FINE, DifferentialPair(), BlindPulses(), None),
    "blind, one-sided": (RISING, OneSidedPair(), BlindPulses(), None),
    "blind, one device": (FINE, SingleDevice(), BlindPulses(), None),
    "mixed precision": (FINE, DifferentialPair(), MixedPrecision(burst=10_000), 1.0),
    "mixed precision, one-sided": (RISING, OneSidedPair(), MixedPrecision(burst=10_000), 1.0),
    "mixed precision, several arrays": (None, capacitors(2), MixedPrecision(burst=10_000), 1.0),
    "mixed precision, bits": (BINARY, BitSlices(bits=12), MixedPrecision(burst=10_000), 1.0),
    "error-aware": (FINE, DifferentialPair(), ErrorAware(), 20.0),
    "error-aware by law": (LAWFUL, DifferentialPair(), ErrorAware(), 0.0),
    "write-verify": (FINE, ReferencedDevice(), CLOSED, 2.0),
    "write-verify, one-sided": (RISING, OneSidedPair(), CLOSED, 2.0),
    "write-verify by law": (LAWFUL, DifferentialPair(), WriteVerify(dead_band=0.0), 0.0),
    "write-verify, bits": (BINARY, BitSlices(bits=12), WriteVerify(dead_band=0.0), 1.0),
    "write-verify, exact loop": (
        FINE,
        DifferentialPair(),
        WriteVerify(dead_band=0.0, loop=ClosedLoop(tolerance=None)),
        0.0,
    ),
}


def cases(*forms):
    """Those whose scheme takes all of these forms."""
    chosen = [name for name, (_, _, scheme, _) in CASES.items() if set(forms) <= set(scheme.takes)]
    return pytest.mark.parametrize("case", [pytest.param(CASES[n], id=n) for n in chosen])


def off_by(one, steps):
    """How far a weight may be from what was asked, in units of weight."""
    return 1e-5 + steps * one.step + 1e-3 * 0.5


@cases("factors")
def test_the_sum_of_many_outer_products_arrives(case):
    """To a step at the end where the scheme keeps what is left; on average where it throws dice."""
    device, encoding, scheme, steps = case
    one, rng = weights(device, encoding, scheme, 6, 5), np.random.default_rng(1)
    x, d = persistent(6, rng), 0.003 * persistent(5, rng)
    before, asked = one.values.astype(float), sum(np.outer(*each) for each in zip(x.astype(float), d, strict=True))
    one.add_factors(x, d)
    moved = one.values - before
    assert np.abs(asked).max() > 0.15
    if scheme.exact:
        np.testing.assert_allclose(moved, asked, atol=3e-6)
    elif steps is not None:
        np.testing.assert_allclose(moved, asked, atol=off_by(one, steps))
    else:
        assert (np.abs(moved - asked) < 5 * noise_of_trains(one, x, d)).all()


def persistent(n, rng, examples=100):
    """Signals (examples, n) that mostly say the same, so that their sum grows."""
    mean = rng.uniform(0.3, 0.9, n) * rng.choice([-1, 1], n)
    return (mean * rng.uniform(0, 2, (examples, n)) * (rng.random((examples, n)) > 0.1)).astype(np.float32)


def noise_of_trains(one, x, d):
    """Standard deviation (rows, columns) of a sum over examples of coincidences of random trains, in units of weight.

    In each of n slots a cell has a pulse with probability p = |x d| / (n step), so that a count has the variance n p (1 - p).
    """
    variance = np.zeros((x.shape[1], d.shape[1]))
    for a, b in zip(np.abs(x.astype(float)), np.abs(d.astype(float)), strict=True):
        slots = max(1, min(31, int(np.ceil(a.max() * b.max() / one.step))))
        p = np.minimum(np.outer(a, b) / (slots * one.step), 1)
        variance += slots * p * (1 - p)
    return one.step * np.sqrt(variance) + 1e-6


@cases("dense", "column")
def test_a_dense_change_arrives(case):
    device, encoding, scheme, steps = case
    one, rng = weights(device, encoding, scheme, 6, 5, form="dense"), np.random.default_rng(1)
    before, asked = one.values.astype(float), np.zeros((6, 5))
    for _ in range(20):
        change = rng.normal(0, 0.03, (6, 5)).astype(np.float32)
        asked += change
        one.add(change)
    assert np.abs(asked).max() > 0.1
    np.testing.assert_allclose(one.values - before, asked, atol=3e-6 if scheme.exact else off_by(one, steps))


@cases("dense", "column")
def test_a_step_of_stdp_arrives(case):
    """Up by ltp exp(-decay (w - low)) where the input was on, down by ltd where not, from what a read says."""
    device, encoding, scheme, steps = case
    one = weights(device, encoding, scheme, 6, 5, form="column")
    stdp = rule(low=one.low, ltp=0.25, decay=1.0, ltd=0.02)
    expected, up = one.values.astype(float), np.array([1, 0, 0, 1, 0, 1], np.uint8)
    for spikes in range(4):
        ask_column(one, 2, up, stdp, spikes)
        w = expected[:, 2]
        expected[:, 2] = np.clip(np.where(up, w + 0.25 * np.exp(-(w - one.low)), w - 0.02), one.low, one.high)
    np.testing.assert_allclose(one.values, expected, atol=1e-5 if scheme.exact else off_by(one, 4 * steps))


def test_counted_trains_are_right_where_the_signals_are_whole():
    """Rows of whole firings and columns of whole steps: what was asked, to the last pulse."""
    trains = DeterministicTrains(x_levels=4, delta_levels=40)
    one = weights(FINE, DifferentialPair(), BlindPulses(trains=trains), 4, 3)
    before = one.values.astype(float)
    x, d = np.array([1, -0.5, 0.25, 0], np.float32), np.float32(4 * one.step) * np.array([3, -7, 20], np.float32)
    one.add_factors(x[None], d[None])
    np.testing.assert_allclose(one.values - before, np.outer(x, d), atol=2e-6)


def test_trains_that_saturate_are_the_only_ones_that_lose():
    """A change of more steps than slots is cut to the slots: the price of one train an example."""
    one = weights(FINE, DifferentialPair(), BlindPulses(trains=StochasticTrains(slots=10)), 1, 1)
    before = float(one.values[0, 0])
    one.add_factors(np.ones((1, 1), np.float32), np.full((1, 1), 25 * one.step, np.float32))
    assert float(one.values[0, 0]) - before == pytest.approx(10 * one.step, rel=1e-3)


def test_tiki_taka_goes_where_the_mean_of_the_errors_points():
    """The fast array forgets and the slow one keeps: a constant error moves a weight steadily, one of mean 0 does not."""
    one = weights(FINE, DifferentialPair(), TikiTaka(rows=4, gain=0.1, part=Significance(device=SOFT)), 4, 3)
    wanted = np.array([[1.0, -1.0, 0.0]] * 2 + [[-1.0, 1.0, 0.0]] * 2)
    before, rate = one.values.astype(float), 0.05
    for example in range(400):
        row = example % 4
        error = 0.3 * wanted[row] + (0.3 if example // 4 % 2 else -0.3)
        x = np.zeros(4, np.float32)
        x[row] = 1
        one.add_factors(x[None], (rate * error).astype(np.float32)[None], rate)
    moved = one.values - before
    assert (np.sign(moved[:, :2]) == wanted[:, :2]).all()
    assert np.abs(moved[:, 2]).max() < 0.3 * np.abs(moved[:, :2]).min()
