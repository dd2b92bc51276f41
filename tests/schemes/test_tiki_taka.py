"""Tiki-Taka: its two arrays against their slow twins, bit for bit, and what it carries."""

from dataclasses import replace

import naive_methods
import numpy as np
import pytest
from cases import IDEAL, WORST, polarities, rule, same, signals
from naive_cells import Cells
from stack_cases import BOTH, QUIET_PCM, ask_column, weights

from insitu.cells import DifferentialPair, ReferencedDevice, Significance
from insitu.devices.base import ReadNoise
from insitu.errors import InputError
from insitu.ledger import Counts
from insitu.random import Stream, uniform
from insitu.schemes import DeterministicTrains, Exact, TikiTaka

FAST = Significance(device=WORST["softbounds"], pair=ReferencedDevice)
NOISY = replace(FAST, device=replace(FAST.device, read_noise=ReadNoise(cv=0.05)))
UNIFORM = replace(FAST, device=replace(FAST.device, read_noise=ReadNoise(sd=0.1e-6)))
HOWS = {
    "a row a read": TikiTaka(part=FAST, rows=1, gain=1.0, threshold=0.3),
    "now and then": TikiTaka(part=FAST, every=3, rows=1, chop=0.5, gain=1.0, threshold=0.3),
    "some rows": TikiTaka(part=NOISY, rows=4, chop=1.0, gain=3.0, threshold=0.2),
    "all rows twice": TikiTaka(part=UNIFORM, every=2, rows=22, chop=0.3, trains=DeterministicTrains(), gain=0.5),
    "its own device": TikiTaka(rows=11, reference_error=0.1, gain=0.5),
}
every_how = pytest.mark.parametrize("how", HOWS.values(), ids=HOWS)
RATE = 0.1


def made(how, *, device=WORST["linear"], encoding=None, rows=11, columns=7, **kwargs):
    """Slow weights, and fast ones with polarities of both signs."""
    one = weights(device, encoding or DifferentialPair(), how, rows, columns, index=1, **kwargs)
    one.fast.chop[::4] *= -1
    one.fast.base[::4] *= -1
    one.fast.refresh()
    return one


def trains_of(how, rate):
    """The numbers of trains whose pulses stand for ``rate / fast_pulses``."""
    step, trains = rate / how.fast_pulses, how.trains
    if isinstance(trains, DeterministicTrains):
        return step, trains.x_levels, trains.full, trains.delta_levels, 1
    return step, trains.slots, 1


@every_how
def test_factors_and_the_carry_are_their_twins(how):
    one = made(how)
    one.freeze(polarities((11, 7)) > 0)
    slow, fast = Cells(one.array), Cells(one.fast)
    h, rng = one.memory[0].copy(), np.random.default_rng(0)
    carried = how.every, how.rows, how.gain * RATE / one.fast.encoding.w_max, how.threshold * one.step, how.chop
    for number in range(60):
        x, d = signals(11, rng), RATE * np.float32(0.3) * signals(7, rng)
        one.add_factors(x[None], d[None], RATE)
        naive_methods.blind(fast, x, d, trains_of(how, RATE), number)
        naive_methods.carry(slow, fast, h, *carried, number)
    np.testing.assert_array_equal(one.memory[0], h)
    for name in ("chop", "base", "weights", "g", "writes"):
        np.testing.assert_array_equal(getattr(one.fast, name), getattr(fast, name), err_msg=name)
    same(one.array, slow)
    same(one.fast, fast)
    assert one.fast.writes.sum() > 100
    assert one.array.writes.sum() > 0


def test_above_two_significances_the_least_significant_takes_what_is_carried():
    how = HOWS["some rows"]
    one = made(how, device=None, encoding=BOTH)
    slow, fast, h, rng = Cells(one.array), Cells(one.fast), one.memory[0].copy(), np.random.default_rng(0)
    carried = how.every, how.rows, how.gain * RATE / one.fast.encoding.w_max, how.threshold * one.step, how.chop
    for number in range(30):
        x, d = signals(11, rng), RATE * np.float32(0.3) * signals(7, rng)
        one.add_factors(x[None], d[None], RATE)
        naive_methods.blind(fast, x, d, trains_of(how, RATE), number)
        naive_methods.carry(slow, fast, h, *carried, number)
    np.testing.assert_array_equal(one.array.g, slow.g)
    np.testing.assert_array_equal(one.values, slow.weights)
    assert one.array.writes.sum() > 0
    assert not one.levels[0].writes.any()


def test_a_column_pulses_the_fast_array_alone():
    one = made(TikiTaka(part=FAST, threshold=1e6), form="column")
    fast, stdp, up = Cells(one.fast), rule(0.9, 0.5), np.arange(11) % 3 == 0
    ask_column(one, 2, up, stdp, 5)
    fast.program(2, up, stdp, 5)
    np.testing.assert_array_equal(one.fast.g, fast.g)
    assert one.fast.writes.any()
    assert not one.array.writes.any()


def test_the_number_of_the_read_decides_which_rows_flip():
    """So that any stop and resume, or another network beside it, flips the same ones."""
    one = made(TikiTaka(part=FAST, rows=1, chop=0.4, threshold=1e6), rows=5)
    before = one.fast.chop.copy()
    one.add_factors(np.zeros((5, 5), np.float32), np.zeros((5, 7), np.float32))
    stream = Stream.CHOP + 32 * one.fast.index
    drawn = [uniform(one.fast.seed, stream, np.array([row]), row)[0] for row in range(5)]
    assert (one.fast.chop != before).tolist() == [u < 0.4 for u in drawn]
    assert 0 < (one.fast.chop != before).sum() < 5
    fresh = one.fast.weights.copy()
    one.fast.refresh()
    np.testing.assert_allclose(one.fast.weights, fresh, atol=1e-6)


def test_rows_are_read_in_turn_and_counted():
    one = made(TikiTaka(part=FAST, every=2, rows=1, gain=0.5, threshold=1e6))
    one.add_factors(np.zeros((4, 11), np.float32), np.zeros((4, 7), np.float32))
    gain = 0.5 / one.fast.encoding.w_max
    np.testing.assert_array_equal(one.memory[0, :2], (gain * one.fast.weights[:2].astype(float)).astype(np.float32))
    assert not one.memory[0, 2:].any()
    levels = np.rint(one.fast.g[:, :, :2].astype(float) * (65_536 / one.fast.device.g_max))
    slow, fast = map(Counts.of, one.counts_by_array)
    assert slow == Counts(digital_ops=3 * 2 * 7)
    assert fast == Counts(
        reads=2 * 7 * 2, row_drives=2, conversions=2 * 7, products=2, conductance_read=int(levels.sum())
    )


def test_what_is_carried_is_what_was_read():
    """The change of the slow weights and the memory together are the sum of all reads, if every pulse is one mean step."""
    fine = replace(IDEAL["constant"], step_up=20e-9, step_down=20e-9)
    soft = Significance(device=replace(IDEAL["softbounds"], step_up=0.5e-6, step_down=0.5e-6))
    one = weights(fine, DifferentialPair(), TikiTaka(part=soft, rows=6, gain=0.5), 6, 5)
    before, total, rng = one.values.copy(), 0.0, np.random.default_rng(3)
    gain = 0.5 * RATE / one.fast.encoding.w_max
    for _ in range(60):
        one.add_factors(signals(6, rng)[None], RATE * np.abs(0.3 * signals(5, rng))[None], RATE)
        total = total + gain * one.fast.weights.astype(float)
    moved = one.values - before + one.memory[0]
    assert np.abs(one.values - before).max() > 1.5 * one.step
    np.testing.assert_allclose(moved, total, atol=1e-4 * np.abs(total).max())


def test_the_fast_array_starts_at_its_symmetry_points_and_reads_as_nothing():
    one = weights(IDEAL["constant"], None, TikiTaka(part=FAST), 6, 5)
    assert np.abs(one.fast.weights).max() < 1e-7
    assert np.abs(one.fast.part).max() > 0.01
    assert not one.fast.writes.any()
    off = weights(IDEAL["constant"], None, TikiTaka(part=FAST, reference_error=0.2), 60, 50)
    assert float(off.fast.weights.std()) == pytest.approx(0.2 * off.fast.encoding.w_max, rel=0.05)


def test_of_cells_that_hold_what_was_written_before_a_flip_it_speaks():
    """With polarities that flip every few reads, cells of 1,000 steps cannot follow, and cells of ten can."""
    for step, chop, speaks in ((20e-9, 0.3, True), (20e-9, 0.0, False), (2e-6, 0.3, False)):
        part, rng = (
            Significance(device=replace(IDEAL["constant"], step_up=step, step_down=step)),
            np.random.default_rng(0),
        )
        one = made(how := TikiTaka(part=part, rows=11, chop=chop, fast_pulses=20.0))
        for _ in range(20):
            one.add_factors(signals(11, rng)[None], RATE * signals(7, rng)[None], RATE)
        said = how.warning(one, 20)
        assert ("between two flips" in (said or "")) == speaks, (step, chop, said)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: TikiTaka(fast_pulses=-1.0), "tiki_taka.fast_pulses: got -1.0"),
        (lambda: TikiTaka(gain=float("nan")), "tiki_taka.gain"),
        (lambda: TikiTaka(threshold=0.0), "tiki_taka.threshold"),
        (lambda: TikiTaka(every=0), "tiki_taka.every"),
        (lambda: TikiTaka(rows=0), "tiki_taka.rows"),
        (lambda: TikiTaka(chop=1.5), "tiki_taka.chop"),
        (lambda: TikiTaka(zero_shift=-1), "tiki_taka.zero_shift"),
        (lambda: TikiTaka(reference_error=-0.1), "tiki_taka.reference_error"),
        (lambda: TikiTaka(trains=Exact()), "tiki_taka.trains"),
        (lambda: TikiTaka(part=QUIET_PCM), "tiki_taka.part"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(make, words):
    with pytest.raises(InputError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)
