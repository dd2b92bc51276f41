"""AGAD against its slow twin, bit for bit, and what it is for: a reference that nobody has measured."""

from dataclasses import replace

import naive_methods
import numpy as np
import pytest
from cases import WORST, polarities, same, signals
from naive_cells import Cells
from sklearn.datasets import load_digits
from stack_cases import weights
from test_tiki_taka import FAST, NOISY, RATE, trains_of

import insitu
from insitu import CrossbarClassifier
from insitu.cells import DifferentialPair
from insitu.errors import InputError
from insitu.schemes import Agad, TikiTaka

HOWS = {
    "some rows": Agad(part=NOISY, rows=4, gain=1.0, threshold=0.3, period=2),
    "now and then": Agad(part=FAST, every=2, rows=11, gain=1.0, threshold=0.3, period=5, tail=2.0, reference_error=0.2),
}


@pytest.mark.parametrize("how", HOWS.values(), ids=HOWS)
def test_factors_and_the_carry_are_their_twins(how):
    one = weights(WORST["linear"], DifferentialPair(), how, 11, 7, index=1)
    one.freeze(polarities((11, 7)) > 0)
    slow, fast = Cells(one.array), Cells(one.fast)
    h, mean, reference = one.memory.copy()
    rng = np.random.default_rng(0)
    carried = how.every, how.rows, how.gain * RATE / one.fast.encoding.w_max, how.threshold * one.step, how.period
    for number in range(60):
        x, d = signals(11, rng), RATE * np.float32(0.3) * signals(7, rng)
        one.add_factors(x[None], d[None], RATE)
        naive_methods.blind(fast, x, d, trains_of(how, RATE), number)
        measured = min(how.tail / how.period, 1.0), mean, reference
        naive_methods.carry(slow, fast, h, *carried, number, measured)
    np.testing.assert_array_equal(one.memory, [h, mean, reference])
    assert reference.any()
    for name in ("chop", "base", "weights", "g", "writes"):
        np.testing.assert_array_equal(getattr(one.fast, name), getattr(fast, name), err_msg=name)
    same(one.array, slow)
    same(one.fast, fast)
    assert one.array.writes.sum() > 0


def test_while_nothing_is_known_of_the_references_the_weights_stay():
    how = replace(HOWS["some rows"], rows=11, period=7)
    one, rng = weights(WORST["linear"], DifferentialPair(), how, 11, 7), np.random.default_rng(0)
    before = one.values.copy()
    for _ in range(7):
        one.add_factors(signals(11, rng)[None], RATE * signals(7, rng)[None], RATE)
    np.testing.assert_array_equal(one.values, before)
    assert not one.memory[0].any()
    np.testing.assert_array_equal(one.memory[2], one.memory[1])  # all rows have just turned
    assert (one.fast.chop == -1).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"period": 1}, r"agad\.period: got 1"),
        ({"tail": 0}, r"agad\.tail: got 0"),
        ({"gain": -1}, r"agad\.gain: got -1"),
    ],
)
def test_bad_options_are_refused(options, words):
    with pytest.raises(InputError, match=words):
        Agad(**options)


def test_a_training_that_ends_before_the_first_flip_says_so():
    x, y = load_digits(return_X_y=True)
    model = CrossbarClassifier((8,), device=insitu.load("gong2022-om"), scheme=Agad(rows=1), random_state=0)
    with pytest.warns(
        UserWarning, match=r"no polarity has flipped yet.*a row was read 3\.08 times, and flips after 100"
    ):
        model.partial_fit(x[:200], y[:200], classes=range(10))


@pytest.mark.slow
def test_an_error_of_the_reference_costs_less_than_with_version_2():
    x, y = load_digits(return_X_y=True)

    def lost(scheme):
        """By how much an error of half of the range lowers the accuracy, mean of three seeds."""
        found = []
        for error in (None, 0.5):
            model = CrossbarClassifier((32,), device=insitu.load("gong2022-om"), epochs=10)
            how = replace(scheme, reference_error=error)
            of = [
                model.set_params(scheme=how, random_state=seed).fit(x[:1000], y[:1000]).score(x[1000:], y[1000:])
                for seed in range(3)
            ]
            found.append(np.mean(of))
        return found[0] - found[1]

    assert lost(Agad()) < lost(TikiTaka()) - 0.02
