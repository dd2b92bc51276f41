"""Weights that a user holds by hand: what kernels would believe is checked, and what is refused leaves no mark."""

import numpy as np
import pytest

from insitu import BlindPulses, ClosedLoop, Exact, MixedPrecision, Weights, WriteVerify, load
from insitu.errors import InputError

TAOX = load("yi2022-taox")
X, D, AT = np.ones((2, 8), np.float32), np.full((2, 4), 0.1, np.float32), np.arange(2, dtype=np.uint64)
HOLES = np.full((8, 4), 0.1)
HOLES[1, 2] = np.nan
REFUSED = [
    (lambda w: w.read(X, AT[:1]), r"numbers: got shape \(1,\) of uint64; allowed is a whole number from 0 for each of the 2"),
    (lambda w: w.read(X, [0.0, 1.0]), r"numbers: got shape \(2,\) of float64"),
    (lambda w: w.read_transposed(D, [-1, 0]), "numbers: got -1 among them"),
    (lambda w: w.read(X * np.nan, AT), "x: holds values that are no finite numbers"),
    (lambda w: w.read_transposed(D * np.inf, AT), "d: holds values that are no finite numbers"),
    (lambda w: w.read(X[:, :5], AT), r"x: got shape \(2, 5\); allowed is \(n, 8\)"),
    (lambda w: w.read("ab", AT), "x: got 'ab'; allowed is an array of numbers"),
    (lambda w: w.read([[1.0] * 8, [1.0]], AT), "x: got .*; allowed is an array of numbers"),
    (lambda w: w.add(np.zeros((4, 8))), r"change: got shape \(4, 8\); allowed is \(8, 4\)"),
    (lambda w: w.add(None), "change: got None"),
    (lambda w: w.add(HOLES), "change: holds values that are no finite numbers in single precision; .* lower its learning"),
    (lambda w: w.add_factors(X, D * np.inf), "d: holds values that are no finite .* lower its learning rate"),
    (lambda w: w.add_factors(X * np.nan, D), "x: holds values that are no finite numbers .* finite ones$"),
    (lambda w: w.add_factors(X, D[:1]), "x, d: got 2 and 1 examples"),
    (lambda w: w.add_factors(X, D, rate=-1), "rate: got -1"),
    (lambda w: w.add_factors(X, D, rate=np.nan), "rate: got nan"),
    (lambda w: w.put(HOLES), "values: holds values that are no finite numbers"),
    (lambda w: w.write(HOLES), "values: holds values that are no finite numbers"),
    (lambda w: w.write(np.zeros((4, 8))), r"values: got shape \(4, 8\); allowed is \(8, 4\)"),
    (lambda w: w.write(np.zeros((8, 4)), loop="x"), "loop: got 'x'; allowed is ClosedLoop or NoneType"),
    (lambda w: w.set_to(np.ones((8, 4), bool), np.nan, ClosedLoop()), "value: got nan"),
    (lambda w: w.freeze(np.ones((4, 8), bool)), "mask: must hold True or False"),
    (lambda w: w.remove(np.ones((8, 4))), "mask: must hold True or False"),
    (lambda w: w.age(-1.0), "seconds: got -1.0 s"),
    (lambda w: w.age(np.nan), "seconds: got nan"),
    (lambda w: w.age("1"), "seconds: got '1'"),
    (lambda w: w.restore(None), "arrays: got None"),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "sentence"), REFUSED)
def test_what_kernels_would_believe_is_refused_and_leaves_no_mark(ask, sentence):
    weights = Weights(TAOX, 8, 4, MixedPrecision(), form="dense", seed=1)
    weights.put(np.full((8, 4), 0.2))
    before = weights.arrays()
    with pytest.raises(InputError, match=f"^{sentence}"):
        ask(weights)
    after = weights.arrays()
    for name, value in before.items():
        np.testing.assert_array_equal(value, after[name], err_msg=name)


@pytest.mark.parametrize("scheme", [Exact(), MixedPrecision(), WriteVerify()], ids=lambda scheme: type(scheme).__name__)
def test_a_change_beyond_all_bounds_leaves_numbers(scheme):
    weights = Weights(TAOX, 8, 4, scheme, form="dense", seed=1)
    for change in (3e38, 3e38, -3e38, -3e38):
        weights.add(np.full((8, 4), change))
        for numbers in (weights.values, weights.memory):
            assert np.isfinite(numbers).all()


def test_lists_and_other_kinds_of_numbers_are_what_arrays_are():
    one, other = (Weights(load("li2018-3t1c"), 8, 4, BlindPulses(), form="factors", seed=1) for _ in range(2))
    for weights, kind in ((one, np.float32), (other, np.float64)):
        weights.put(np.full((8, 4), 0.2))
        weights.add_factors(X.astype(kind).tolist() if kind is np.float64 else X, D.astype(kind))
        weights.freeze(np.eye(8, 4, dtype=bool).tolist() if kind is np.float64 else np.eye(8, 4, dtype=bool))
    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(one.read(X, AT), other.read(X.astype(float).tolist(), [0, 1]))


def test_what_cannot_be_written_to_or_lies_apart_is_read_as_any_other():
    """As a memory map, a column of a table, or every second example of an array do."""

    def changed(kind):
        weights = Weights(load("li2018-3t1c"), 8, 4, BlindPulses(), form="factors", seed=1)
        weights.put(kind(np.full((8, 4), 0.2, np.float32)))
        weights.add_factors(kind(X), kind(D))
        return [weights.read(kind(X), kind(AT)), weights.read_transposed(kind(D), kind(AT)), weights.values]

    def locked(values):
        values = values.copy()
        values.setflags(write=False)
        return values

    for kind in (locked, lambda values: np.repeat(values, 2, axis=0)[::2], np.asfortranarray):
        for one, other in zip(changed(kind), changed(np.copy), strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("index", [-1, 1.5, 10**9])
def test_an_index_is_refused_as_it_was_given(index):
    with pytest.raises(InputError, match=f"index: got {index}; allowed is a whole number from 0 to 100000000"):
        Weights(TAOX, 2, 2, BlindPulses(), form="factors", index=index)
