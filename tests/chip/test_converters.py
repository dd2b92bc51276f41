"""Reads through converters, against a plain twin that quantises one vector at a time."""

import numpy as np
import pytest
from cases import IDEAL, signals
from hypothesis import given, settings
from hypothesis import strategies as st
from stack_cases import weights

from insitu.cells import DifferentialPair
from insitu.chip import Chip
from insitu.chip.ranging import edges, learned
from insitu.errors import InputError
from insitu.ledger import Counts
from insitu.networks.classifier import SpikingClassifier
from insitu.networks.crossbar_classifier import CrossbarClassifier
from insitu.schemes import Exact

DEVICE = IDEAL["constant"]


def layer(rows=13, columns=7, bias=False, **chip):
    one = weights(DEVICE, DifferentialPair(), Exact(), rows, columns, bias=bias, chip=Chip(**chip))
    one.put(np.random.default_rng(0).uniform(-1, 1, (rows, columns)))
    return one


def twin(x, w, chip, some):
    """What a read of one vector x (lines,) says, ``some`` lines a tile: full scale is the largest input."""
    top, out = np.abs(x).max(), np.zeros(w.shape[1])
    if top == 0:
        return out
    if chip.dac_bits is not None:
        levels = 2 ** (chip.dac_bits - chip.signed_dac) - 1
        x = np.sign(x) * np.floor(np.abs(x) / top * levels + 0.5) / levels * top
    shares = [x] if chip.signed_dac else [np.maximum(x, 0), np.minimum(x, 0)]
    parts = [range(len(x))]
    if chip.partial_sums == "digital":
        parts = [range(start, min(start + some, len(x))) for start in range(0, len(x), some)]
    for part in parts:
        for share in shares:
            total = share[part] @ w[part]
            if chip.adc_bits is not None:
                levels, full = 2 ** (chip.adc_bits - 1) - 1, chip.adc_range * top
                total = np.clip(np.rint(total / full * levels), -levels, levels) * full / levels
            out += total
    return out


chips = st.builds(
    Chip,
    dac_bits=st.sampled_from([None, 2, 4, 7]),
    adc_bits=st.sampled_from([None, 3, 5, 9]),
    adc_range=st.sampled_from([0.7, 2.0, 9.0]),
    signed_dac=st.booleans(),
    tile_rows=st.sampled_from([None, 1, 4, 100]),
    tile_columns=st.sampled_from([None, 2, 5]),
    partial_sums=st.sampled_from(["digital", "currents"]),
)


@settings(max_examples=150, deadline=None)
@given(chips, st.integers(0, 10**6), st.booleans())
def test_a_batch_is_its_twin(chip, seed, positive):
    rng = np.random.default_rng(seed)
    one = layer(**vars(chip))
    x, d = rng.normal(size=(5, 13)).astype(np.float32), rng.normal(size=(5, 7)).astype(np.float32)
    x = np.abs(x) if positive else x
    numbers, w = np.arange(5, dtype=np.uint64), one.values.astype(float)
    step = 0.0 if chip.adc_bits is None else chip.adc_range / (2 ** (chip.adc_bits - 1) - 1)
    for found, vectors, matrix, some in (
        (one.read(x, numbers), x, w, chip.tile_rows or 13),
        (one.read_transposed(d, numbers), d, w.T, max((chip.tile_columns or 14) // 2, 1)),
    ):
        expected = np.array([twin(v.astype(float), matrix, chip, some) for v in vectors])
        off = np.abs(found - expected)
        assert (off < 1e-4).mean() > 0.95  # a sum in the middle between two levels may go either way
        assert (off < 2 * step * np.abs(vectors).max(axis=1, keepdims=True) + 1e-4).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    "chip", [{"dac_bits": 7}, {"adc_bits": 9, "adc_range": 3.0, "tile_rows": 5, "tile_columns": 4}]
)
@pytest.mark.parametrize("noise", [None, 0.05])
def test_one_at_a_time_is_what_a_batch_is(chip, noise):
    """The loops of the perceptron and BLAS, noise included."""
    from insitu.kernels import lines, reading
    from insitu.kernels.state import COUNTS

    one = layer(14, 6, bias=True, output_noise=noise, **chip)
    rng, counts = np.random.default_rng(1), np.zeros(len(COUNTS), np.int64)
    room = lines.room(40)
    for number in range(20):
        x, d = signals(13, rng), signals(6, rng, 0)
        z, e, n = np.empty(6, np.float32), np.empty(13, np.float32), np.array([number], np.uint64)
        reading.forward(one.reading.of, x, z, room, number, 0, counts)
        reading.backward(one.reading.of, d, e, room, one.chip.output_variance, number, 1, counts)
        np.testing.assert_allclose(z, one.read(x[None], n)[0], atol=1e-5)
        np.testing.assert_allclose(e, one.read_transposed(d[None], n, 1)[0], atol=1e-5)


def test_no_answer_is_between_two_levels_and_what_is_beyond_is_counted():
    one = layer(adc_bits=4, adc_range=1.5)
    x = np.random.default_rng(2).random((50, 13), np.float32)
    x[:, 0] = 1.0  # full scale
    found = one.read(x, np.arange(50, dtype=np.uint64)) / 1.5 * 7
    np.testing.assert_allclose(found, np.rint(found), atol=1e-4)
    assert np.abs(found).max() == pytest.approx(7)
    beyond = (np.abs(x @ one.values) > 1.5 * 7.5 / 7).sum()
    assert Counts.of(one.counts).saturated == beyond > 0


@pytest.mark.parametrize(("options", "conversions", "products"), [
    ({}, 14, 2),
    ({"signed_dac": True}, 7, 1),
    ({"tile_rows": 5}, 42, 2),
    ({"tile_rows": 5, "partial_sums": "currents"}, 14, 2),
])  # fmt: skip
def test_conversions_are_those_of_all_tiles(options, conversions, products):
    one = layer(**options)
    x = np.random.default_rng(3).normal(size=(1, 13)).astype(np.float32)
    one.read(x, np.zeros(1, np.uint64))
    counts = Counts.of(one.counts)
    assert (counts.conversions, counts.products, counts.activations) == (conversions, products, 7)
    assert counts.digital_ops == (conversions - 14 if "tile_rows" in options and conversions > 14 else 0)


def test_the_range_is_the_quantile_of_the_sums_that_were_seen():
    rng = np.random.default_rng(4)
    one = layer(adc_bits=8, adc_quantile=0.99)
    x = rng.random((2000, 13), np.float32)
    x[:, 0] = 1.0
    plain = one.read(x, np.arange(2000, dtype=np.uint64))
    np.testing.assert_allclose(plain, x @ one.values, rtol=1e-5)  # nothing is known yet
    one.adjust()
    assert one.ranges[0] == pytest.approx(np.quantile(np.abs(plain), 0.99), rel=0.1)  # eight bins an octave
    assert one.ranges[1] == 0.0
    with one.listening():
        assert np.abs(one.read(x, np.arange(2000, dtype=np.uint64))).max() <= one.ranges[0] * 1.001
    assert not one.sums.any()  # listening tells the range nothing


@pytest.mark.parametrize("times", [0.9, 0.05, 0.0, 30.0])
def test_a_range_follows_the_sums_and_falls_by_a_quarter_at_most(times):
    """Of sums that are not near the range a chip keeps no size."""
    rng, numbers = np.random.default_rng(4), np.arange(2000, dtype=np.uint64)
    one, x = layer(adc_bits=8, adc_quantile=0.99), rng.random((2000, 13), np.float32)
    x[:, 0] = 1.0
    one.put(one.values / 40)
    plain = np.abs(one.read(x, numbers))
    one.adjust()
    first = one.ranges[0]
    one.put(times * one.values)
    one.read(x, numbers)
    assert one.sums[0].sum() == plain.size
    one.adjust()
    wanted = max(np.quantile(times * plain, 0.99), 0.75 * first)
    assert 0.9 * wanted < one.ranges[0] < 1.13 * wanted


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=50), st.floats(0.5, 1.0))
def test_a_range_holds_its_part_of_the_sums(values, quantile):
    values = np.array(values, np.float32)
    bins = np.zeros(len(edges()), np.int64)
    np.add.at(bins, np.searchsorted(edges(), values, side="right"), 1)
    found = learned(bins, quantile)
    assert (values <= found).mean() >= quantile
    assert found <= 1.13 * values.max()


def test_many_bits_are_no_converters_at_all():
    x = np.random.default_rng(5).normal(size=(9, 13)).astype(np.float32)
    numbers = np.arange(9, dtype=np.uint64)
    fine = layer(dac_bits=20, adc_bits=20, adc_range=30.0).read(x, numbers)
    np.testing.assert_allclose(fine, layer().read(x, numbers), atol=1e-3)


@pytest.mark.parametrize(("option", "value"), [
    ("adc_bits", 0), ("adc_bits", 1), ("adc_bits", 2.5), ("dac_bits", 0), ("dac_bits", 99), ("adc_range", 0.0),
    ("adc_range", -1.0), ("adc_quantile", 0.1), ("partial_sums", "optical"), ("signed_dac", 1), ("tile_rows", 0),
    ("tile_columns", 1.5), ("row_ohm", -1.0), ("wire_tolerance", float("nan")), ("column_ohm", "1"),
])  # fmt: skip
def test_what_no_chip_is_is_refused(option, value):
    with pytest.raises(InputError, match=rf"chip\.{option}"):
        Chip(**{option: value})


@pytest.mark.parametrize(("options", "name"), [
    ({"adc_range": 3.0}, "adc_range"),
    ({"adc_quantile": 0.9}, "adc_quantile"),
    ({"adc_bits": 8, "adc_range": 3.0, "adc_quantile": 0.9}, "adc_quantile"),
    ({"wires_act": "after learning"}, "wires_act"),
    ({"column_gain": True}, "column_gain"),
    ({"partial_sums": "currents"}, "partial_sums"),
])  # fmt: skip
def test_an_option_of_an_estimator_s_chip_that_does_nothing_is_refused(options, name):
    x, y = np.eye(4), np.arange(4)
    with pytest.raises(InputError, match=rf"chip\.{name}: has no effect here"):
        CrossbarClassifier((), chip=Chip(**options)).fit(x, y)


@pytest.mark.parametrize(
    "options", [{"dac_bits": 4}, {"signed_dac": True}, {"read_disturb": 0, "read_disturb_negative": 0}]
)
def test_spikes_need_no_dac_and_nothing_is_read_transposed(options):
    with pytest.raises(InputError, match=r"has no effect here, for (inputs are driven in full|nothing is read)"):
        SpikingClassifier(4, chip=Chip(**options)).fit(np.eye(4))
