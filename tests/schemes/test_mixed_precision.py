"""Schemes that decide weight by weight, against their slow twin, bit for bit: all of the library, and one of a user."""

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import ClassVar

import naive_methods
import numpy as np
import pytest
from cases import IDEAL, WORST, polarities, rule, same, signals
from naive_cells import Cells
from stack_cases import BOTH, PCM, UNIT, ask_column, weights

from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import DifferentialPair, MultiConductance, OneSidedPair, ReferencedDevice, Significance
from insitu.devices.base import Programming
from insitu.errors import InputError
from insitu.ledger import Counts
from insitu.schemes import ErrorAware, MixedPrecision, PerWeight, SignPulses


@dataclass(frozen=True, kw_only=True)
class Rounded(PerWeight):
    """A user's scheme: a change becomes a whole number of pulses, rounded by chance, and nothing is kept but its sum."""

    size: float = 0.7
    draws: ClassVar[bool] = True

    @staticmethod
    def pulses(change, kept, p, z):
        """Up by chance."""
        wanted = change / (p.size * p.step) + z
        n = float(int(wanted)) - (1.0 if wanted < 0.0 else 0.0)
        return n, kept + change


#: written by a law of its own below another array, whose rows have either polarity
LAWFUL = replace(WORST["linear"], programming=Programming(error_sd=0.1e-6, tries=3))
OVER = MultiConductance(parts=(Significance(device=PCM, gain=3.0), Significance(device=LAWFUL)), unit=UNIT)
CASES = {
    "ideal": (IDEAL["constant"], None, MixedPrecision()),
    "worst pair": (WORST["linear"], DifferentialPair(), MixedPrecision(epsilon=2.0)),
    "worst reference": (WORST["softbounds"], ReferencedDevice(), MixedPrecision(burst=1)),
    "one-sided pair": (PCM, OneSidedPair(), MixedPrecision(epsilon=0.5)),
    "below another array": (None, BOTH, MixedPrecision()),
    "a user's": (IDEAL["constant"], None, Rounded()),
    "error-aware": (WORST["linear"], DifferentialPair(), ErrorAware(threshold=1.7)),
    "error-aware by law": (LAWFUL, ReferencedDevice(), ErrorAware()),
    "error-aware by law below another array": (None, OVER, ErrorAware(threshold=0.5)),
    "signs": (WORST["linear"], DifferentialPair(), SignPulses()),
    "signs in cycles": (WORST["linear"], DifferentialPair(), SignPulses(alternate=True)),
    "signs in cycles below another array": (None, BOTH, SignPulses(alternate=True)),
}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def made(case, rows=13, columns=9, **kwargs):
    return weights(*case, rows, columns, **kwargs)


def law_of(one):
    """The law of a scheme as the twin takes it: (change, kept, z)."""
    if isinstance(one.scheme, MixedPrecision):
        size = one.scheme.epsilon * one.step

        def law(change, kept, z):
            chi = kept + change
            n = int(min(max(chi / size, -one.scheme.burst), one.scheme.burst))
            return n, chi - n * size

        return law

    fields = {name: getattr(one.scheme, name) for name in ("size", "threshold") if hasattr(one.scheme, name)}
    p = SimpleNamespace(**fields, step=one.step, low=one.low, high=one.high, whole=not lawful(one), error=error_of(one))
    return lambda change, kept, z: one.scheme.pulses(change, kept, p, z)


def lawful(one):
    return isinstance(one.scheme, ErrorAware) and one.array.by_law


def error_of(one):
    """The standard deviation that a write by law gives a weight: its cells are independent."""
    if not lawful(one):
        return one.step
    moved = [gain for gain, sign in zip(one.array.map.gains, one.array.map.signs, strict=True) if sign]
    return one.array.device.programming.error_sd * float(np.linalg.norm(moved))


def how(one, twin, number):
    """Whether the twin draws a number for each weight, and how it writes."""
    loop, written = one.array.loop(ClosedLoop(), number), None
    if lawful(one):
        written = (one.low, one.high), lambda *lists: naive_methods.by_law(twin, one.array.encoding, *lists, loop)
    return {"draws": type(one.scheme).draws, "written": written, "alternate": one.scheme.alternates}


def kept_by(one):
    return one.memory[0].copy() if one.scheme.kept else np.zeros((one.rows, one.columns), np.float32)


@every_case
def test_factors_are_their_twin(case):
    one = made(case)
    twin, kept, rng = Cells(one.array), kept_by(one), np.random.default_rng(0)
    for number in range(40):
        x, d = signals(13, rng, 0.5), np.float32(one.step) * signals(9, rng)
        one.add_factors(x[None], d[None])
        naive_methods.per_weight(
            twin, naive_methods.products(x, d), kept, law_of(one), number, **how(one, twin, number)
        )
    same(one.array, twin)
    np.testing.assert_array_equal(kept_by(one), kept)
    assert one.array.writes.sum() > 100


@every_case
def test_a_dense_change_is_its_twin(case):
    one = made(case, form="dense")
    twin, kept, rng = Cells(one.array), kept_by(one), np.random.default_rng(0)
    one.updates[...] = first = 2**32 - 2  # the number of the update passes 32 bits on the way
    for number in range(first, first + 5):
        change = (3 * one.step * rng.normal(size=(13, 9))).astype(np.float32)
        one.add(change)
        naive_methods.per_weight(twin, change, kept, law_of(one), number, **how(one, twin, number))
    same(one.array, twin)
    np.testing.assert_array_equal(kept_by(one), kept)
    assert one.array.writes.sum() > 100


@every_case
def test_a_column_is_its_twin(case):
    one = made(case, form="column")
    one.freeze(polarities((13, 9)) > 0)
    twin, kept, rng = Cells(one.array), kept_by(one), np.random.default_rng(0)
    stdp = rule(low=one.low, ltp=0.5, ltd=0.05)
    for spikes in range(60):
        up, column = (rng.random(13) < 0.3).astype(np.uint8), spikes % 9
        ask_column(one, column, up, stdp, spikes)
        naive_methods.per_weight_column(twin, column, up, stdp, kept, law_of(one), spikes, **how(one, twin, spikes))
    same(one.array, twin)
    np.testing.assert_array_equal(kept_by(one), kept)
    assert one.array.writes.sum() > 20


def test_what_is_not_pulsed_waits():
    """The sum of all pulses and of the memory is the sum of all that was wanted, to round-off."""
    device = replace(IDEAL["constant"], g_max=1e-3, step_down=IDEAL["constant"].step_up)
    one = weights(device, DifferentialPair(), MixedPrecision(burst=1000), 6, 5)
    before, wanted, rng = one.values.copy(), np.zeros((6, 5)), np.random.default_rng(1)
    for _ in range(50):
        x, d = signals(6, rng), 2 * np.float32(one.step) * signals(5, rng)
        one.add_factors(x[None], d[None])
        wanted += np.outer(x, d).astype(float)
    assert np.abs(one.memory).max() < one.step
    assert np.abs(one.values - before).max() > 3 * one.step
    np.testing.assert_allclose(one.values - before + one.memory[0], wanted, atol=1e-5)


def test_a_burst_sends_no_more_and_the_rest_waits():
    one = weights(IDEAL["constant"], DifferentialPair(), MixedPrecision(burst=3), 1, 1, form="dense")
    one.add(np.full((1, 1), -5.5 * one.step, np.float32))
    assert one.array.writes.tolist() == [[[3]], [[3]]]
    one.add(np.zeros((1, 1), np.float32))
    assert one.array.writes.tolist() == [[[5]], [[5]]]
    assert float(one.memory[0, 0, 0]) == pytest.approx(-0.5 * one.step, rel=1e-3)


def test_the_digital_memory_holds_what_no_pulse_stands_for():
    one = weights(IDEAL["constant"], DifferentialPair(), MixedPrecision(epsilon=1000.0), 6, 5)
    before, rng = one.values.copy(), np.random.default_rng(2)
    for _ in range(20):
        one.add_factors(signals(6, rng)[None], np.float32(one.step) * signals(5, rng)[None])
    assert Counts.of(one.counts).pulses == 0
    np.testing.assert_array_equal(one.values, before)
    assert np.abs(one.memory).max() > one.step


def test_errors_without_bound_do_not_pulse_for_ever():
    one = weights(IDEAL["constant"], DifferentialPair(), MixedPrecision(burst=5), 3, 2)
    one.add_factors(np.ones((1, 3), np.float32), np.array([[1e38, 0.0]], np.float32))
    assert one.array.writes.tolist() == [[[5, 5, 5], [0, 0, 0]]] * 2
    assert one.memory[0, :, 0] == pytest.approx(one.high - one.low - 5 * one.step)


def test_digital_work_is_counted():
    """Three operations for each weight of an active row, and one for each that is pulsed."""
    one = weights(IDEAL["constant"], DifferentialPair(), MixedPrecision(), 6, 5)
    x, d = np.array([1, 0, -1, 0, 0.5, 0], np.float32), np.float32(one.step) * np.array([1.5, 0, 0, 0, 0], np.float32)
    one.add_factors(x[None], d[None])
    counts = Counts.of(one.counts)
    assert counts.digital_ops == 3 * 3 * 5 + 2
    assert (counts.pulses, counts.reads) == (4, 0)


def test_a_user_s_scheme_that_does_not_compile_is_refused_in_a_sentence():
    @dataclass(frozen=True, kw_only=True)
    class Odd(PerWeight):
        @staticmethod
        def pulses(change, kept, p, z):
            return f"{change}", kept

    one = weights(IDEAL["constant"], None, Odd(), 2, 2)
    with pytest.raises(InputError, match=r"^Odd\.pulses cannot be compiled: ") as caught:
        one.add_factors(np.ones((1, 2), np.float32), np.ones((1, 2), np.float32))
    assert "\n" not in str(caught.value)


def test_what_a_user_s_scheme_raises_in_a_loop_ends_learning_in_a_sentence():
    @dataclass(frozen=True, kw_only=True)
    class Picky(PerWeight):
        @staticmethod
        def pulses(change, kept, p, z):
            if change > 5.0:
                raise ValueError("too much")
            return change, kept

    one = weights(IDEAL["constant"], None, Picky(), 2, 2)
    one.add_factors(np.ones((1, 2), np.float32), np.ones((1, 2), np.float32))
    with pytest.raises(InputError, match=r"Picky\.pulses raised ValueError during learning: too much; allowed is"):
        one.add_factors(np.ones((1, 2), np.float32), np.full((1, 2), 6, np.float32))
    one.add_factors(np.ones((1, 2), np.float32), np.ones((1, 2), np.float32))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: MixedPrecision(epsilon=0.0), "epsilon: got 0.0"),
        (lambda: MixedPrecision(epsilon=None), "epsilon"),
        (lambda: MixedPrecision(burst=0), "burst: got 0"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(make, words):
    with pytest.raises(InputError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)
