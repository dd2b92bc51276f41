"""Write and verify, pulse by pulse and by a statistical law, against its slow twin, bit for bit; and what it gives up."""

from dataclasses import replace

import naive_methods
import numpy as np
import pytest
from cases import BAD_BINARY, BINARY, IDEAL, WORST, polarities, rule, same, signals
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_cells import Cells
from stack_cases import BOTH, PCM, ask_column, weights

from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import BitSlices, DifferentialPair, ReferencedDevice, SingleDevice
from insitu.devices.base import Endurance, Faults, Programming, Pulse, ReadNoise
from insitu.devices.library import load
from insitu.devices.library.parameter_set import numbers
from insitu.errors import InputError
from insitu.ledger import Counts
from insitu.schemes import WriteVerify

once = settings(derandomize=True, deadline=None, max_examples=8, database=None)
LAW = Programming(error_sd=0.1e-6, tolerance=0.3e-6, tries=3)
BY_LAW = replace(IDEAL["constant"], programming=LAW)
BAD = replace(WORST["constant"], programming=LAW, endurance=Endurance(writes=12, writes_cv=0.5))
NOISY = replace(WORST["constant"], read_noise=ReadNoise(cv=0.02, sd=0.02e-6))
COARSE = WriteVerify(dead_band=0.03, loop=ClosedLoop(tolerance=0.05, iterations=3, burst=4))
GROWS = replace(NOISY, pulse=Pulse(volts_up=1.0, volts_down=1.4, per_volt_up=3.0, per_volt_down=4.0))
GROWING = WriteVerify(dead_band=0.03, loop=ClosedLoop(tolerance=0.05, iterations=4, burst=2, growth=0.1, max_volts=1.6))
CASES = {
    "by law": (BY_LAW, DifferentialPair(), WriteVerify()),
    "by law, one device": (BY_LAW, SingleDevice(w_min=-0.5, w_max=1.0), WriteVerify()),
    "by law, all different and mortal": (BAD, ReferencedDevice(), WriteVerify(dead_band=0.01)),
    "by pulses": (NOISY, DifferentialPair(), COARSE),
    "by pulses that grow": (GROWS, DifferentialPair(), GROWING),
    "one-sided": (PCM, None, COARSE),
    "below another array": (None, BOTH, COARSE),
    "bits": (BAD_BINARY, BitSlices(bits=3), WriteVerify(loop=ClosedLoop(iterations=2))),
}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def made(case, rows=13, columns=5, **kwargs):
    return weights(*case, rows, columns, index=2, **kwargs)


def band_of(one):
    """How far a target may leave what was written, in units of weight."""
    (low, high), device = (one.array.encoding.w_min, one.array.encoding.w_max), one.array.device
    if one.scheme.dead_band is not None:
        return one.scheme.dead_band * (high - low)
    if device.programming.error_sd is not None:
        return device.programming.tolerance / (device.g_max - device.g_min) * (high - low)
    return one.scheme.loop.tolerance * (high - low)


def tuner(one, twin, number):
    """How the twin writes listed weights."""
    loop = one.array.loop(one.scheme.loop, number)
    if one.array.by_law:
        return lambda *lists: naive_methods.by_law(twin, one.array.encoding, *lists, loop)
    return lambda *lists: twin.tune(*lists, loop, one.scheme.loop)


def limits_of(one):
    return one.low, one.high


@every_case
def test_factors_are_their_twin(case):
    one = made(case)
    twin, memory, rng = Cells(one.array), one.memory.copy(), np.random.default_rng(0)
    for number in range(12):
        x, d = signals(13, rng, 0.5), 0.1 * signals(5, rng)
        one.add_factors(x[None], d[None])
        change, tune = naive_methods.products(x, d), tuner(one, twin, number)
        naive_methods.targets(twin, change, memory, limits_of(one), band_of(one), tune)
    same(one.array, twin)
    np.testing.assert_array_equal(one.memory, memory)
    assert one.array.writes.sum() > 100


@every_case
def test_a_dense_change_is_its_twin(case):
    one = made(case, form="dense")
    one.freeze(polarities((13, 5)) > 0)
    twin, memory, rng = Cells(one.array), one.memory.copy(), np.random.default_rng(0)
    one.updates[...] = first = 2**32 - 2
    for number in range(first, first + 4):
        change = rng.normal(0, 0.1, (13, 5)).astype(np.float32)
        one.add(change)
        naive_methods.targets(twin, change, memory, limits_of(one), band_of(one), tuner(one, twin, number))
    same(one.array, twin)
    np.testing.assert_array_equal(one.memory, memory)
    assert one.array.writes.sum() > 50


@every_case
def test_a_column_is_its_twin(case):
    one = made(case, form="column")
    one.freeze(polarities((13, 5)) > 0)
    twin, memory, rng = Cells(one.array), one.memory.copy(), np.random.default_rng(0)
    span = one.high - one.low
    stdp = rule(low=one.low, ltp=0.2 * span, decay=1 / span, ltd=0.04 * span)
    for spikes in range(20):
        up, column = (rng.random(13) < 0.3).astype(np.uint8), spikes % 5
        ask_column(one, column, up, stdp, spikes)
        tune = tuner(one, twin, spikes)
        naive_methods.targets_column(twin, column, up, stdp, memory, limits_of(one), band_of(one), tune)
    same(one.array, twin)
    np.testing.assert_array_equal(one.memory, memory)
    assert one.array.writes.sum() > 20


@pytest.mark.parametrize("kind", ["by law", "by pulses", "one-sided"])
@once
@given(seed=st.integers(0, 99))
def test_what_is_counted_adds_up(kind, seed):
    one, rng = made(CASES[kind]), np.random.default_rng(seed)
    for _ in range(4):
        one.add_factors(signals(13, rng)[None], 0.2 * signals(5, rng)[None])
    counts = Counts.of(one.counts)
    assert counts.pulses == one.array.writes.sum()
    assert (counts.verify_reads, counts.verify_conversions) == (counts.reads, counts.conversions)
    assert 0 <= counts.missed <= counts.tuned > 0
    if one.array.by_law:
        assert counts.conversions == counts.pulses, "every try is verified"
    else:
        assert counts.tuned <= counts.conversions <= 4 * counts.tuned
        assert counts.reads == one.planes * counts.conversions


# -- a law of programming ----------------------------------------------------------------------------------------------

TAOX = load("yi2022-taox").device


def write(one, goals):
    """Ask for the change that makes these goals the targets."""
    one.add((goals - one.memory[0]).astype(np.float32))


@pytest.mark.parametrize("encoding", [DifferentialPair(), SingleDevice()])
def test_ideal_writing_is_exact_and_ignores_the_dead_band_of_the_real_device(encoding):
    one = weights(TAOX.without("all"), encoding, WriteVerify(), form="dense")
    goals = np.random.default_rng(1).uniform(-1, 1, one.values.shape)
    write(one, goals)
    np.testing.assert_allclose(one.values, goals, atol=1e-6)
    assert Counts.of(one.counts).missed == 0


def test_error_and_stuck_cells_are_those_that_the_device_states():
    one = weights(TAOX, SingleDevice(), WriteVerify(dead_band=0.0), 200, 100, form="dense")
    write(one, np.full((200, 100), 0.1))
    g, goal = one.array.g, SingleDevice().encode(np.array(0.1), TAOX)[0]
    stuck = (g == np.float32(TAOX.g_min)) | (g == np.float32(TAOX.g_max))
    assert stuck.mean() == pytest.approx(0.02, abs=0.004)
    error = (g - goal)[~stuck]
    assert error.std() == pytest.approx(TAOX.programming.error_sd, rel=0.03)
    assert abs(error.mean()) < 1e-7


def test_inside_the_dead_band_nothing_is_written():
    unit = 2 / (TAOX.g_max - TAOX.g_min)  # of weight, a siemens of each cell of a pair
    band = TAOX.programming.tolerance * unit
    one = weights(TAOX, DifferentialPair(), WriteVerify(), form="dense")
    before = one.array.g.copy()
    one.add(np.full((7, 4), 0.98 * band, np.float32))
    np.testing.assert_array_equal(one.array.g, before)
    assert Counts.of(one.counts).tuned == Counts.of(one.counts).pulses == 0
    one.add(np.full((7, 4), 0.04 * band, np.float32))
    assert Counts.of(one.counts).tuned == one.values.size
    wide = weights(TAOX, DifferentialPair(), WriteVerify(dead_band=0.5), form="dense")
    wide.add(np.full((7, 4), 0.5, np.float32))
    assert Counts.of(wide.counts).tuned == 0


@pytest.mark.parametrize("name", ["constant", "exponential", "switch"])
def test_any_device_can_be_written_closed_loop(name):
    """Without a law of programming, pulse by pulse."""
    device = replace(WORST[name], endurance=Endurance(writes=1e6), faults=Faults(stuck_low=0.02))
    loop = ClosedLoop(tolerance=0.03, iterations=50)
    one = weights(device, DifferentialPair(), WriteVerify(loop=loop), 20, 10, form="dense")
    goals = np.random.default_rng(2).uniform(-0.6, 0.6, (20, 10))
    write(one, goals)
    assert (np.abs(one.values - goals) > 0.0601).mean() == Counts.of(one.counts).missed / 200 < 0.25
    assert one.array.writes.sum() == Counts.of(one.counts).pulses > 0


# -- what fails --------------------------------------------------------------------------------------------------------

DEAD = {
    "by law": (replace(BY_LAW, faults=Faults(dead=1.0)), DifferentialPair(), WriteVerify()),
    "by pulses": (replace(WORST["constant"], faults=Faults(dead=1.0)), DifferentialPair(), COARSE),
    "one-sided": (replace(PCM, faults=Faults(dead=1.0), read_noise=ReadNoise()), None, COARSE),
    "bits": (replace(BAD_BINARY, faults=Faults(stuck_low=1.0)), BitSlices(bits=2), WriteVerify()),
}


@pytest.mark.parametrize("case", DEAD.values(), ids=DEAD)
def test_a_write_that_fails_is_counted_as_missed_and_not_taken_for_done(case):
    one = weights(*case, form="dense")
    one.array.refresh()
    one.memory[...] = one.scheme.memory(one)
    held = one.values.copy()
    one.add(np.full((7, 4), 0.4, np.float32))
    counts = Counts.of(one.counts)
    assert counts.missed == counts.tuned == 28
    np.testing.assert_array_equal(one.values, held)
    np.testing.assert_allclose(one.memory[0], held + np.float32(0.4), atol=1e-6)  # still wanted
    np.testing.assert_allclose(one.memory[2], held, atol=1e-6)  # and known not to be there


@pytest.mark.parametrize("case", DEAD.values(), ids=DEAD)
def test_a_write_that_fails_is_tried_again_when_its_target_has_moved_on_and_not_before(case):
    one = weights(*case, form="dense")
    one.memory[...] = one.scheme.memory(one)
    one.add(np.full((7, 4), 0.4, np.float32))
    small = np.full((7, 4), 0.3 * band_of(one), np.float32)
    for _ in range(3):
        one.add(small)
        assert Counts.of(one.counts).tuned == 28
    one.add(small)
    assert Counts.of(one.counts).tuned == Counts.of(one.counts).missed == 56


def test_a_target_that_comes_back_to_what_is_held_needs_no_write():
    """Whatever became of the writes between: what a verify has read is what is known."""
    one = weights(*DEAD["by pulses"], form="dense")
    for change in (0.4, -0.4):
        one.add(np.full((7, 4), change, np.float32))
    assert Counts.of(one.counts).tuned == 28


def test_a_write_that_falls_short_is_carried_on_from_where_it_ended():
    """The controller knows what the last verify has read, so that the next write asks for the rest, not for the whole."""
    slow = replace(IDEAL["constant"], step_up=0.05e-6, step_down=0.05e-6)
    loop = ClosedLoop(tolerance=0.01, iterations=2, burst=4)
    one = weights(slow, DifferentialPair(), WriteVerify(dead_band=0.02, loop=loop), form="dense")
    one.put(np.zeros((7, 4)))
    one.add(np.full((7, 4), 0.5, np.float32))
    step = 2 * 0.05e-6 / (slow.g_max - slow.g_min)
    assert one.values == pytest.approx(np.full((7, 4), 8 * step), rel=1e-4)
    np.testing.assert_allclose(one.memory[2], one.values, atol=1e-6)
    one.add(np.full((7, 4), 0.05, np.float32))
    assert one.values == pytest.approx(np.full((7, 4), 16 * step), rel=1e-4)


def test_bits_that_did_not_switch_are_known_to_be_wrong():
    one = weights(BAD_BINARY, BitSlices(bits=3), WriteVerify(loop=ClosedLoop(iterations=1)), 40, 20, form="dense")
    one.add(np.random.default_rng(3).uniform(-1, 1, (40, 20)).astype(np.float32))
    wrong = np.abs(one.memory[1] - one.values) > 1 / 7 + 1e-6
    counts = Counts.of(one.counts)
    assert 0 < wrong.sum() <= counts.missed < counts.tuned
    np.testing.assert_allclose(one.memory[2][wrong], one.values[wrong], atol=1e-5)


def test_between_two_codes_the_controller_remembers_what_the_bits_cannot_hold():
    """Half a step of a code, twice, is a whole one."""
    one = weights(BINARY, BitSlices(bits=2), WriteVerify(dead_band=0.0), 3, 2, form="dense")
    one.put(np.full((3, 2), -1 / 3))
    one.add(np.full((3, 2), 0.3, np.float32))
    assert one.values == pytest.approx(np.full((3, 2), -1 / 3))
    one.add(np.full((3, 2), 0.3, np.float32))
    assert one.values == pytest.approx(np.full((3, 2), 1 / 3))


def test_targets_stay_within_the_range_of_the_weights():
    one = weights(BY_LAW, DifferentialPair(w_max=0.7), WriteVerify(), form="dense")
    one.add(np.where(np.arange(28).reshape(7, 4) % 2, 9.0, -9.0).astype(np.float32))
    assert set(np.abs(one.memory[0]).ravel().tolist()) == {float(np.float32(0.7))}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: WriteVerify(dead_band=-0.1), "dead_band: got -0.1"),
        (lambda: WriteVerify(dead_band=1.5), "dead_band: got 1.5; allowed is a number from 0 to 1"),
        (lambda: WriteVerify(loop=0.02), r"loop: got 0.02; allowed is ClosedLoop\(...\)"),
        (lambda: Programming(error_sd=-1.0), r"programming\.error_sd"),
        (lambda: Programming(tries=0), r"programming\.tries"),
    ],
)
def test_bad_options_are_refused_in_a_sentence(make, message):
    with pytest.raises(InputError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_the_noise_of_writing_is_among_the_numbers_that_need_a_source():
    assert {"programming.error_sd", "telegraph.jump", "read_noise.cv"} <= numbers(TAOX).keys()
    assert TAOX.without("programming").programming == Programming(error_sd=0.0, tries=TAOX.programming.tries)
