"""The one read path: products, their noise, and what is counted."""

from dataclasses import replace

import numpy as np
import pytest
from cases import BINARY, IDEAL
from stack_cases import BOTH, stack, weights

from insitu.cells import BitSlices, DifferentialPair
from insitu.chip import Chip
from insitu.chip.wires import transfer
from insitu.devices.base import ReadNoise, Telegraph
from insitu.ledger import Counts
from insitu.random import LISTENING, content_numbers
from insitu.schemes import BlindPulses, WriteVerify

QUIET = IDEAL["constant"]


def pairs(device=QUIET, rows=6, columns=4, scheme=None, **kwargs):
    return weights(device, DifferentialPair(), scheme or BlindPulses(), rows, columns, **kwargs)


def numbers(n, first=0):
    return np.arange(first, first + n, dtype=np.uint64)


def inputs(batch, lines, seed=1):
    return np.random.default_rng(seed).uniform(-1, 1, (batch, lines)).astype(np.float32)


def test_reads_both_ways_are_products_of_the_same_cells():
    one = pairs(bias=True)
    x, d = inputs(3, 5), inputs(3, 4)
    np.testing.assert_allclose(one.read(x, numbers(3)), np.column_stack([x, np.ones(3)]) @ one.values, atol=1e-6)
    np.testing.assert_allclose(one.read_transposed(d, numbers(3)), (d @ one.values.T)[:, :-1], atol=1e-6)
    assert one.inputs == 5


def test_noise_of_a_batch_has_the_variance_of_independent_cells():
    """Against the obvious simulation: every cell of every read with a number of its own."""
    one = pairs(replace(QUIET, read_noise=ReadNoise(cv=0.05, sd=0.2e-6)))
    x = np.repeat(inputs(1, 6), 40_000, axis=0)
    got = one.read(x, numbers(40_000))
    rng, g, gains = np.random.default_rng(5), one.array.g.transpose(0, 2, 1), one.array.map.gains[:, None, None]
    naive = np.array(
        [x[0] @ (gains * (g + rng.normal(size=g.shape) * (0.05 * g + 0.2e-6))).sum(axis=0) for _ in range(20_000)]
    )
    np.testing.assert_allclose(got.mean(axis=0), x[0] @ one.values, atol=0.02)
    np.testing.assert_allclose(got.std(axis=0), naive.std(axis=0), rtol=0.03)
    back = one.read_transposed(np.ones((40_000, 4), np.float32), numbers(40_000), 1)
    np.testing.assert_allclose(back.std(axis=0), np.sqrt(one.array.variance.sum(axis=1)), rtol=0.03)


def test_noise_that_no_cell_has_its_own_part_in_is_one_number():
    """Constant noise of a read, and that of the circuits."""
    one = pairs(replace(QUIET, read_noise=ReadNoise(sd=0.2e-6)), chip=Chip(output_noise=0.3))
    assert one.array.variance.shape == (1, 1)
    x = np.repeat(inputs(1, 6), 40_000, axis=0)
    sd = np.sqrt(2 * (one.array.map.gains[0] * 0.2e-6) ** 2 * (x[0] ** 2).sum() + 0.3**2)
    assert one.read(x, numbers(40_000)).std(axis=0) == pytest.approx(np.full(4, sd), rel=0.03)


def test_jumping_cells_add_a_quarter_of_the_squared_jump():
    one = pairs(replace(QUIET, telegraph=Telegraph(fraction=1.0, jump=0.1)))
    wanted = ((one.array.map.gains[:, None, None] * one.array.g * 0.05) ** 2).sum(axis=0).T
    np.testing.assert_allclose(one.array.variance, wanted, rtol=1e-5)
    some = pairs(replace(QUIET, telegraph=Telegraph(fraction=0.1, jump=0.1)), 100, 50)
    assert (some.array.variance > 0).mean() == pytest.approx(1 - 0.9**2, abs=0.03)


@pytest.mark.parametrize("device", [replace(QUIET, read_noise=ReadNoise(cv=0.1)), QUIET], ids=["cells", "circuits"])
def test_noise_is_a_function_of_the_number_of_the_example_and_of_nothing_else(device):
    """Neither of its place in a batch, nor of what was read before; each read of an example has its own."""
    x = inputs(5, 6)
    one, other = (pairs(device, chip=Chip(output_noise=0.1)) for _ in range(2))
    whole = one.read(x, numbers(5, 2**33))
    np.testing.assert_array_equal(one.read(x, numbers(5, 2**33)), whole)
    np.testing.assert_allclose(other.read(x[3:4], numbers(1, 2**33 + 3)), whole[3:4], atol=1e-6)
    exact = x @ one.values
    for again in (one.read(x, numbers(5)), one.read(x, numbers(5, 2**33), 1), one.read(x, numbers(5, 2**33 + 1))):
        assert np.abs((again - exact) - (whole - exact)).min() > 1e-5
    assert len(np.unique(np.round(whole - exact, 6))) == whole.size


def test_an_example_that_is_only_listened_to_has_the_noise_of_its_content():
    x = inputs(3, 6)
    again = content_numbers(x[::-1].copy())[::-1]
    np.testing.assert_array_equal(content_numbers(x), again)
    assert len(np.unique(again)) == 3
    assert (again >= LISTENING).all()


def test_what_is_heard_is_counted_apart():
    one = pairs()
    one.read(inputs(3, 6), numbers(3))
    learned = one.counts.copy()
    with one.listening():
        one.read(inputs(3, 6), numbers(3))
        one.read_transposed(inputs(2, 4), numbers(2))
    np.testing.assert_array_equal(one.counts, learned)
    heard = Counts.of(one.heard)
    assert heard.products == 2 * Counts.of(learned).products * 5 // 6 > 0
    one.read(inputs(1, 6), numbers(1))
    assert Counts.of(one.heard) == heard


@pytest.mark.parametrize(
    ("x", "products"),
    [([1, 0, 1, 0], 1), ([0, -1, 0, -0.5], 1), ([1, 0, -1, 0], 2), ([0, 0, 0, 0], 0)],
    ids=["positive", "negative", "both", "neither"],
)
def test_lines_of_either_sign_take_a_read_of_their_own_in_either_direction(x, products):
    x, driven = np.float32([x]), np.count_nonzero(x)
    for way, rows, columns in (("read", 4, 6), ("read_transposed", 6, 4)):
        one = pairs(rows=rows, columns=columns)
        getattr(one, way)(x, numbers(1))
        expected = Counts(
            reads=driven * 6 * 2, row_drives=driven, conversions=6 * products, products=products, vectors=1,
            activations=6 * bool(products),
        )  # fmt: skip
        assert replace(Counts.of(one.counts), conductance_read=0) == expected
    biased = pairs(rows=5, columns=6, bias=True)
    biased.read(x, numbers(1))
    assert Counts.of(biased.counts).products == 1 + (x < 0).any()  # the bias line is positive


def test_a_read_conducts_what_its_lines_drive():
    """The charge V sum_i |x_i| t sum_j G_ij, with the longest line driven for all of t: by hand, cell by cell."""
    rng = np.random.default_rng(3)
    one, x, d = pairs(rows=7, columns=4, bias=True), inputs(5, 6), 1e-3 * rng.normal(size=(5, 4)).astype(np.float32)
    one.put(rng.uniform(-1, 1, (7, 4)))
    x[4] *= 3  # beyond the whole of the bias line: all are driven for less time
    g = one.array.g.sum(axis=0).T / one.device.g_max  # (rows, columns)
    driven = np.abs(np.column_stack([x, np.ones(5)]))
    wanted = 0.0
    for lines, cells in ((driven, g), (np.abs(d), g[:-1].T)):
        wanted += float(((lines / lines.max(axis=1, keepdims=True)) @ cells).sum())
    one.read(x, numbers(5))
    one.read_transposed(d, numbers(5))
    assert Counts.of(one.counts).conductance_read / 65_536 == pytest.approx(wanted, rel=2e-3)
    before = Counts.of(one.counts).conductance_read
    one.remove(np.ones((7, 4), bool))
    assert Counts.of(one.counts).conductance_read == 0 < before  # disconnected cells conduct nothing


@pytest.mark.parametrize("size", [1e-31, 1e-38, 1e-45])
@pytest.mark.parametrize(
    "chip", [{}, {"adc_bits": 8, "adc_range": 1.0}, {"adc_bits": 16, "adc_range": 1e-6}, {"adc_bits": 8, "dac_bits": 6}]
)
def test_signals_that_single_precision_all_but_lost_drive_no_line(size, chip):
    """Such as the error of a network that is sure: they conduct nothing, read as nothing, and teach an ADC nothing."""
    one = pairs(rows=7, columns=4, chip=Chip(**chip))
    one.put(np.random.default_rng(3).uniform(-1, 1, (7, 4)))
    d = np.float32([[size, 0.0, -size, size]])
    for _ in range(3):
        seen = one.read_transposed(d, numbers(1))
        assert np.abs(seen).max() <= 4 * size
    assert 0 <= Counts.of(one.counts).conductance_read < 3 * 28 * 65_536
    one.adjust() if one.adjusts else None
    assert np.isfinite(one.ranges).all()
    assert (one.ranges <= 10).all()


def test_behind_wires_a_read_draws_what_its_drivers_give():
    """The power V^2 sum_ij M_ij of the whole circuit, its wires among it, for lines that are all driven alike."""
    wires = {"row_ohm": 5e3, "column_ohm": 2e3, "source_ohm": 1e3, "sense_ohm": 1e3}
    one = pairs(rows=7, columns=4, chip=Chip(**wires, wire_tolerance=0.0))
    one.put(np.random.default_rng(3).uniform(-1, 1, (7, 4)))
    one.read(np.ones((1, 7), np.float32), numbers(1))
    cells = one.array.g.transpose(2, 1, 0).reshape(7, -1).astype(float)
    drawn = transfer(cells, one.chip.wires).sum() / one.device.g_max
    assert drawn < 0.9 * cells.sum() / one.device.g_max
    assert Counts.of(one.counts).conductance_read / 65_536 == pytest.approx(drawn, rel=1e-4)


def test_each_of_several_arrays_conducts_what_its_own_cells_do():
    one, x = stack(BOTH), np.abs(inputs(3, 7))
    one.read(x, numbers(3))
    driven = (x / x.max(axis=1, keepdims=True)).sum(axis=0)
    for level, counts in zip(one.levels, one.counts_by_array, strict=True):
        wanted = driven @ level.g.sum(axis=(0, 1)) / level.device.g_max
        assert Counts.of(counts).conductance_read / 65_536 == pytest.approx(wanted, rel=5e-3)


def test_a_binary_read_is_a_read_of_some_columns():
    device = replace(QUIET, read_noise=ReadNoise(cv=0.02))
    one, x, columns = pairs(device), np.sign(inputs(4000, 6)), np.array([2, 0])
    spread = one.spread_of_binary()
    np.testing.assert_allclose(spread, one.array.variance.sum(axis=0), rtol=1e-5)
    exact = x @ one.values[:, columns]
    out = exact.copy()
    order = np.append(columns, np.setdiff1d(np.arange(one.rows), columns))
    one.heard_binary(out, x[:, order], order, slice(0, 2), spread[None, columns], numbers(4000), 0)
    np.testing.assert_allclose((out - exact).std(axis=0), np.sqrt(spread[columns]), rtol=0.06)
    counts, whole = Counts.of(one.counts), pairs(device)
    whole.read(x, numbers(4000))
    assert 2 * counts.reads == Counts.of(whole.counts).reads
    assert 2 * counts.conversions == Counts.of(whole.counts).conversions
    wanted = 4000 * one.array.g[:, columns].sum() / device.g_max
    assert counts.conductance_read / 65_536 == pytest.approx(wanted, rel=2e-3)


def test_bits_are_read_with_the_noise_of_their_sense_amplifiers():
    """The mean of a bit is the probability with which it is sensed as 1, and its variance that of a coin."""
    one = weights(replace(BINARY, read_noise=ReadNoise(sd=2e-6)), BitSlices(bits=1), WriteVerify(), 6, 4)
    one.put(np.ones((6, 4)))
    p = (one.values[0, 0] + 1) / 2  # g_max is 1.7 standard deviations above the middle
    assert p == pytest.approx(0.954, abs=0.002)
    assert one.array.variance == pytest.approx(np.full((6, 4), 4 * p * (1 - p)), rel=1e-5)
