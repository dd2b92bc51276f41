from dataclasses import replace

import numpy as np
import pytest

from insitu.arrays import Crossbar
from insitu.arrays.periphery import Periphery
from insitu.arrays.writing import WriteVerify
from insitu.cells import BitSlices, DifferentialPair
from insitu.devices.base import ReadNoise, Telegraph
from insitu.devices.library import load
from insitu.errors import InputError
from insitu.ledger import Counts

TAOX = load("yi2022-taox").device
IDEAL = TAOX.without("all")


def _periphery(device, rows=6, columns=4, *, bias=False, seed=1):
    periphery = Periphery(
        Crossbar(device, rows, columns, encoding=DifferentialPair(), seed=seed), WriteVerify(), bias=bias
    )
    periphery.set_targets(np.random.default_rng(0).uniform(-1, 1, (rows, columns)))
    periphery.array.counts[:] = 0
    return periphery


def _inputs(batch, units, seed=1):
    return np.random.default_rng(seed).uniform(-1, 1, (batch, units)).astype(np.float32)


def test_reads_both_ways_are_products_of_the_same_cells():
    p = _periphery(IDEAL, bias=True)
    x, d = _inputs(3, 5), _inputs(3, 4)
    w = p.array.weights
    np.testing.assert_allclose(p.read(x), np.column_stack([x, np.ones(3)]) @ w, atol=1e-6)
    np.testing.assert_allclose(p.read_transposed(d), (d @ w.T)[:, :-1], atol=1e-6)
    assert p.inputs == 5


def test_noise_of_a_batch_has_the_variance_of_independent_cells():
    """Against the obvious simulation: every cell of every read with a number of its own."""
    noisy = replace(IDEAL, read_noise=ReadNoise(cv=0.05, sd=1e-6))
    p = _periphery(noisy)
    x = np.repeat(_inputs(1, 6), 40_000, axis=0)
    exact, got = x[:1] @ p.array.weights, p.read(x)
    rng = np.random.default_rng(5)
    g = p.array.g.transpose(0, 2, 1)
    gains = p.array.map.gains[:, None, None]
    naive = np.array(
        [x[0] @ (gains * (g + rng.normal(size=g.shape) * (0.05 * g + 1e-6))).sum(axis=0) for _ in range(20_000)]
    )
    np.testing.assert_allclose(got.mean(axis=0), exact[0], atol=0.02)
    np.testing.assert_allclose(got.std(axis=0), naive.std(axis=0), rtol=0.03)
    back = p.read_transposed(np.ones((40_000, 4), np.float32))
    np.testing.assert_allclose(back.std(axis=0), np.sqrt(p.variance().sum(axis=1)), rtol=0.03)


def test_jumping_cells_add_a_quarter_of_the_squared_jump():
    jumpy = replace(IDEAL, telegraph=Telegraph(fraction=1.0, jump=0.1))
    p = _periphery(jumpy)
    wanted = ((p.array.map.gains[:, None, None] * p.array.g * 0.05) ** 2).sum(axis=0).T
    np.testing.assert_allclose(p.variance(), wanted, rtol=1e-5)
    some = _periphery(replace(IDEAL, telegraph=Telegraph(fraction=0.1, jump=0.1)), 100, 50)
    assert (some.variance() > 0).mean() == pytest.approx(1 - 0.9**2, abs=0.03)


def test_noise_is_a_function_of_seed_and_reads_so_far():
    x = _inputs(3, 6)
    first, second = _periphery(TAOX), _periphery(TAOX)
    a, b = first.read(x), first.read(x)
    assert (a != b).all()
    kept = second.arrays()
    np.testing.assert_array_equal(second.read(x), a)
    second.restore(kept)
    np.testing.assert_array_equal(second.read(x), a)


def test_signed_inputs_are_two_reads():
    p = _periphery(IDEAL)
    for x, conversions in ((np.float32([[1, 0, 1, 0, 0, 0]]), 4), (np.float32([[1, 0, -1, 0, 0, 0]]), 8)):
        p.array.counts[:] = 0
        p.read(x)
        counts = Counts.of(p.array.counts)
        assert counts.conversions == conversions
        assert counts.row_drives == 2
        assert counts.reads == 2 * 4 * 2


def test_a_binary_read_is_a_read_of_some_columns():
    p = _periphery(TAOX)
    x = np.sign(_inputs(5, 6))
    columns = np.array([2, 0])
    noise = p.variance().sum(axis=0)[None, columns]
    got = p.read_binary(x, p.array.weights[:, columns], noise)
    np.testing.assert_allclose(got, x @ p.array.weights[:, columns], atol=6 * noise.max() ** 0.5)
    whole = _periphery(TAOX)
    whole.read(x)
    assert 2 * Counts.of(p.array.counts).reads == Counts.of(whole.array.counts).reads
    assert 2 * Counts.of(p.array.counts).conversions == Counts.of(whole.array.counts).conversions


def test_bit_slices_are_refused():
    array = Crossbar(load("shi2018-cbram-binary").device, 3, 3, encoding=BitSlices(bits=2))
    with pytest.raises(InputError, match="bit slices cannot be read with graded inputs"):
        Periphery(array, WriteVerify())


def test_an_array_with_frozen_weights_is_refused():
    p = _periphery(IDEAL)
    p.array.freeze(np.arange(24).reshape(6, 4) < 3)
    with pytest.raises(InputError, match="freeze: 3 weights of this array are frozen"):
        p.update(np.zeros((6, 4), np.float32), 1)
