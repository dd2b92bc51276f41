"""The weights of a layer: what reads see and scatter, what is counted, frozen, saved and refused."""

import copy
import io
import pickle
import re
from dataclasses import replace

import numpy as np
import pytest
from cases import BINARY, IDEAL, WORST, crossbar, polarities, rule
from stack_cases import BOTH, LEAKY, PAIR, PCM, QUIET_PCM, ask_column, capacitors, stack, weights

from insitu.arrays import Budget
from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import (
    BitSlices,
    DifferentialPair,
    MultiConductance,
    OneSidedPair,
    ReferencedDevice,
    Significance,
    SingleDevice,
)
from insitu.chip import Chip
from insitu.devices.base import Faults, ReadNoise, Telegraph
from insitu.devices.library import load
from insitu.errors import BudgetError, InputError
from insitu.ledger import Counts
from insitu.random import LISTENING, content_numbers
from insitu.schemes import BlindPulses, Exact, MixedPrecision, TikiTaka, Transfer, Weights, WriteVerify

QUIET = IDEAL["constant"]
CELLS = {"both": BOTH, "one": PAIR, "three": capacitors(3)}
every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)


def pairs(device=QUIET, rows=6, columns=4, scheme=None, **kwargs):
    return weights(device, DifferentialPair(), scheme or BlindPulses(), rows, columns, **kwargs)


def numbers(n, first=0):
    return np.arange(first, first + n, dtype=np.uint64)


def inputs(batch, lines, seed=1):
    return np.random.default_rng(seed).uniform(-1, 1, (batch, lines)).astype(np.float32)


def identical(one, other):
    for name, value in one.arrays().items():
        np.testing.assert_array_equal(value, other.arrays()[name], err_msg=name)


# -- parts of one weight -----------------------------------------------------------------------------------------------


@every_cell
def test_the_weights_are_the_sum_of_all_parts(cell):
    one = stack(cell)
    if len(one.levels) > 1:
        one.array.chop[:] = [1, -1, 1, 1, -1, -1, 1]
        one.refresh()
    total = one.array.chop[:, None] * one.array.part.astype(float)
    for level in one.levels[:-1]:
        assert level.weights == pytest.approx(level.part, abs=1e-6)
        total += level.part
    assert one.values == pytest.approx(total, abs=1e-5)
    assert one.values is one.array.weights
    assert one.planes == 2 * len(one.levels)
    assert (one.low, one.high) == pytest.approx((-one.high, sum(level.encoding.w_max for level in one.levels)))


@every_cell
def test_the_noise_of_a_read_is_that_of_all_parts(cell):
    one = stack(cell)
    total = sum(level.variance * np.ones((7, 4)) for level in one.levels[:-1]) + np.zeros((7, 4))
    gains, noise = one.array.map.gains, one.array.device.read_noise
    for plane, gain in enumerate(gains):
        total += (gain * ((noise.cv or 0.0) * one.array.g[plane].T + (noise.sd or 0.0))) ** 2
    np.testing.assert_allclose(one.array.variance * np.ones((7, 4)), total, rtol=1e-4)


def test_a_pulse_of_the_least_significant_array_keeps_the_whole_weight_current():
    one = stack(BOTH)
    one.array.chop[::2] = -1
    one.refresh()
    before = one.values.copy()
    one.array.pulse(polarities((7, 4)))
    after, variance = one.values.copy(), one.array.variance.copy()
    one.refresh()
    assert after == pytest.approx(one.values, abs=1e-6)
    assert variance == pytest.approx(one.array.variance, rel=1e-5)
    assert (after != before).any()


def test_arrays_of_a_layer_and_layers_of_a_network_draw_different_numbers():
    made = [weights(None, BOTH, TikiTaka(), 3, 2, index=index) for index in (0, 1, 2)]
    assert [array.index for one in made for array in one.arrays_of_cells] == list(range(9))
    cells = [array.cell[2].tobytes() for one in made for array in one.arrays_of_cells if array.cell.size > 4]
    assert len(set(cells)) == len(cells) == 9


def test_counts_are_those_of_all_levels():
    one = stack(BOTH)
    one.read(np.ones((2, 7), np.float32), numbers(2))
    one.levels[0].counts[3] += 5
    one.array.pulse(np.ones((7, 4), int))
    assert one.counts.tolist()[:8] == [28, 0, 2 * 7 * 4 * 4, 14 + 5, 8, 0, 0, 0]


# -- reading -----------------------------------------------------------------------------------------------------------


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


def test_signed_inputs_are_two_reads():
    for x, conversions in ((np.float32([[1, 0, 1, 0, 0, 0]]), 4), (np.float32([[1, 0, -1, 0, 0, 0]]), 8)):
        one = pairs()
        one.read(x, numbers(1))
        expected = Counts(reads=2 * 4 * 2, row_drives=2, conversions=conversions, products=conversions // 4)
        assert Counts.of(one.counts) == expected
    back = pairs()
    back.read_transposed(np.float32([[1, 0, 1, 0]]), numbers(1))
    assert Counts.of(back.counts) == Counts(reads=2 * 6 * 2, row_drives=2, conversions=6, products=1)


def test_a_binary_read_is_a_read_of_some_columns():
    device = replace(QUIET, read_noise=ReadNoise(cv=0.02))
    one, x, columns = pairs(device), np.sign(inputs(4000, 6)), np.array([2, 0])
    spread = one.spread_of_binary()
    np.testing.assert_allclose(spread, one.array.variance.sum(axis=0), rtol=1e-5)
    exact = x @ one.values[:, columns]
    out = exact.copy()
    one.heard_binary(out, x, spread[None, columns], numbers(4000), 0)
    np.testing.assert_allclose((out - exact).std(axis=0), np.sqrt(spread[columns]), rtol=0.06)
    counts, whole = Counts.of(one.counts), pairs(device)
    whole.read(x, numbers(4000))
    assert 2 * counts.reads == Counts.of(whole.counts).reads
    assert 2 * counts.conversions >= Counts.of(whole.counts).conversions


def test_bits_are_read_with_the_noise_of_their_sense_amplifiers():
    """The mean of a bit is the probability with which it is sensed as 1, and its variance that of a coin."""
    one = weights(replace(BINARY, read_noise=ReadNoise(sd=2e-6)), BitSlices(bits=1), WriteVerify(), 6, 4)
    one.put(np.ones((6, 4)))
    p = (one.values[0, 0] + 1) / 2  # g_max is 1.7 standard deviations above the middle
    assert p == pytest.approx(0.954, abs=0.002)
    assert one.array.variance == pytest.approx(np.full((6, 4), 4 * p * (1 - p)), rel=1e-5)


# -- frozen weights take no pulse, whoever asks ------------------------------------------------------------------------

LOOP = ClosedLoop(tolerance=0.02, iterations=3)
SCHEMES = {
    "blind": (QUIET, DifferentialPair(), BlindPulses()),
    "blind, one-sided": (PCM, OneSidedPair(), BlindPulses()),
    "mixed precision": (QUIET, DifferentialPair(), MixedPrecision()),
    "mixed precision, bits": (BINARY, BitSlices(bits=3), MixedPrecision()),
    "write-verify": (QUIET, DifferentialPair(), WriteVerify(dead_band=0.01, loop=LOOP)),
    "write-verify by law": (load("yi2022-taox").device, DifferentialPair(), WriteVerify(dead_band=0.01)),
    "write-verify, bits": (BINARY, BitSlices(bits=3), WriteVerify(dead_band=0.01)),
    "write-verify, one-sided": (QUIET_PCM, OneSidedPair(), WriteVerify(dead_band=0.01, loop=LOOP)),
    "tiki-taka": (QUIET, DifferentialPair(), TikiTaka(zero_shift=0, threshold=0.1, gain=1.0)),
    "exact": (QUIET, DifferentialPair(), Exact()),
    "several arrays": (None, BOTH, MixedPrecision()),
}
FORMS = [(name, form) for name, (_, _, scheme) in SCHEMES.items() for form in scheme.takes]


def trained(one, form, examples=12):
    """Ask for changes of all weights, up and down, in one form."""
    rng = np.random.default_rng(6)
    for m in range(examples):
        wanted = 0.11 if m % 2 else -0.2
        if form == "factors":
            one.add_factors(np.ones((1, one.rows), np.float32), np.full((1, one.columns), wanted, np.float32))
        elif form == "dense":
            one.add(np.full((one.rows, one.columns), wanted, np.float32))
        else:
            for column in range(one.columns):
                ask_column(one, column, rng.random(one.rows) < 0.5, rule(low=one.low, ltd=0.1), m)


@pytest.mark.parametrize(("name", "form"), FORMS)
@pytest.mark.parametrize("way", ["freeze", "remove"])
def test_frozen_weights_take_no_pulse_from_any_scheme_in_any_form(name, form, way):
    one, frozen = weights(*SCHEMES[name], 8, 5, form=form), polarities((8, 5), 9) > 0
    getattr(one, way)(frozen)
    before = [array.arrays() for array in one.arrays_of_cells]
    trained(one, form)
    for array, old in zip(one.arrays_of_cells, before, strict=True):
        assert (array.writes == old["writes"])[:, frozen.T].all()
        assert (array.g == old["g"])[:, frozen.T].all()
    assert (one.values == before[len(one.levels) - 1]["weights"])[frozen].all()
    if way == "remove":
        assert (one.values[frozen] == 0).all()
    assert (one.values != before[len(one.levels) - 1]["weights"])[~frozen].mean() > 0.5
    pulses = sum(int(array.writes.sum()) for array in one.arrays_of_cells)
    assert Counts.of(one.counts).pulses == pulses
    assert (pulses > 0) != one.scheme.exact


# -- charging ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", [DifferentialPair(), ReferencedDevice()])
def test_an_ideal_charge_is_a_weight_of_zero(encoding):
    array = crossbar(IDEAL["constant"], 5, 4, encoding=encoding)
    before = array.weights.copy()
    array.charge(np.array([0, 3]))
    assert (array.weights[[0, 3]] == 0).all()
    assert (array.weights[[1, 2, 4]] == before[[1, 2, 4]]).all()
    assert array.writes.sum() == 0
    array.charge()
    assert (array.weights == 0).all()


def test_a_charge_sets_every_cell_to_the_same_point_of_its_own_range():
    array = crossbar(replace(LEAKY, faults=Faults()), 5, 4, encoding=ReferencedDevice())
    array.charge()
    low, high = array.cell[0], array.cell[1]
    assert array.g == pytest.approx((low + high) / 2)
    assert (array.weights != 0).all()  # devices differ
    assert (array.g[1] == array.g[1, :, :1]).all()  # the reference is one cell


def test_faulty_cells_are_not_charged():
    array = crossbar(replace(WORST["constant"], faults=Faults(dead=0.4, stuck_high=0.4)), 9, 8)
    array.charge()
    fault = array._fault
    assert (array.g[fault == 0] == 0).all()
    assert (array.g[fault == 2] == array.cell[1][fault == 2]).all()
    assert {0, 2, 3} <= set(fault.ravel().tolist())


# -- setting and writing -----------------------------------------------------------------------------------------------


def test_weights_are_put_as_they_leave_the_factory():
    one, wanted = pairs(), np.random.default_rng(3).uniform(-1.5, 1.5, (6, 4))
    one.put(wanted)
    np.testing.assert_allclose(one.values, np.clip(wanted, -1, 1), atol=1e-6)
    assert not one.counts.any()


@pytest.mark.parametrize("scheme", [WriteVerify(), MixedPrecision()])
def test_what_a_scheme_keeps_starts_from_the_weights_that_were_put(scheme):
    one = pairs(scheme=scheme)
    one.add(np.full((6, 4), 0.3, np.float32))
    one.put(np.full((6, 4), 0.25))
    kept = one.memory if isinstance(scheme, WriteVerify) else one.memory + np.float32(0.25)
    np.testing.assert_allclose(kept, np.full(one.memory.shape, 0.25), atol=1e-6)


def test_weights_on_several_arrays_are_tuned_and_charged():
    one = stack(capacitors(2), scheme=BlindPulses(transfer=Transfer(closed_loop=ClosedLoop(tolerance=None))))
    wanted = np.random.default_rng(4).uniform(0.8 * one.low, 0.8 * one.high, (7, 4))
    one.put(wanted)
    np.testing.assert_allclose(one.values, wanted, atol=1e-4)


@pytest.mark.parametrize("case", ["write-verify", "blind, one-sided"])
def test_a_write_is_a_closed_loop_and_counted(case):
    device, encoding, scheme = SCHEMES[case]
    one = weights(replace(device, read_noise=ReadNoise()), encoding, scheme, form="factors")
    wanted = np.random.default_rng(4).uniform(-0.5, 0.5, (7, 4))
    one.write(wanted, ClosedLoop(tolerance=0.03, iterations=50))
    counts = Counts.of(one.counts)
    assert counts.tuned == 28
    assert counts.pulses == one.array.writes.sum() > 0
    assert ((np.abs(one.values - wanted) > 0.06 + 1e-6).sum()) == counts.missed < 8
    if one.scheme.kept:
        np.testing.assert_array_equal(one.memory, np.stack([one.values] * 3))


# -- time --------------------------------------------------------------------------------------------------------------


def test_time_passes_for_all_levels_and_leaves_its_mark():
    one = stack(BOTH)
    before = [level.g.copy() for level in one.levels]
    one.age(1e-3)
    assert all((level.g != old).mean() > 0.5 for level, old in zip(one.levels, before, strict=True))
    whole = one.values.copy()
    one.refresh()
    assert whole == pytest.approx(one.values, abs=1e-6)


def test_the_clock_is_looked_at_as_often_as_the_chip_says():
    chip = Chip(image_seconds=1e-5, aging=30)
    one, other = (weights(LEAKY, ReferencedDevice(), BlindPulses(transfer=None), chip=chip) for _ in range(2))
    assert one.next_event(0) == 30
    before = one.array.g.copy()
    one.events(0, 29)
    np.testing.assert_array_equal(one.array.g, before)
    one.events(29, 61)
    other.age(60 * 1e-5)
    np.testing.assert_array_equal(one.array.g, other.array.g)
    assert (one.array.g != before).any()


def test_weights_without_events_never_ask_for_one():
    one = pairs()
    assert one.next_event(5) >= 2**62
    before = one.arrays()
    one.events(0, 10**9)
    for name, value in one.arrays().items():
        np.testing.assert_array_equal(value, before[name])


# -- saving ------------------------------------------------------------------------------------------------------------

NOISY = Significance(device=replace(WORST["softbounds"], read_noise=ReadNoise(cv=0.1)))
SAVED = {
    "two levels": (None, BOTH, BlindPulses()),
    "mixed precision": (None, PAIR, MixedPrecision()),
    "write-verify": (PCM, OneSidedPair(), WriteVerify(loop=LOOP)),
    "tiki-taka": (WORST["linear"], DifferentialPair(), TikiTaka(chop=0.4, threshold=0.1, gain=1.0)),
    "tiki-taka, noisy": (WORST["linear"], DifferentialPair(), TikiTaka(part=NOISY, threshold=0.1, gain=1.0)),
    "exact, two levels": (None, capacitors(2), Exact()),
    "noisy bits": (replace(BINARY, read_noise=ReadNoise(cv=0.3)), BitSlices(bits=2), WriteVerify()),
    "exact, noisy": (replace(QUIET, read_noise=ReadNoise(cv=0.1)), DifferentialPair(), Exact()),
}


WRONG = {
    "tiki-taka, noisy": "Crossbar.restore leaves the variance of a stacked array as it is",
    "exact, two levels": "Weights.restore rounds weights that are numbers to what their cells hold",
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=name, marks=pytest.mark.xfail(strict=True, reason=WRONG[name]) if name in WRONG else ())
        for name, case in SAVED.items()
    ],
)
@pytest.mark.parametrize("way", ["arrays", "pickle", "deepcopy"])
def test_saved_weights_go_on_as_if_nothing_had_happened(case, way):
    one = weights(*case, bias=True)
    one.freeze(polarities((7, 4)) > 0)
    trained(one, "factors", 5)
    one.follow()
    one.age(1e-3)
    if way == "arrays":
        file = io.BytesIO()
        np.savez(file, **one.arrays())
        file.seek(0)
        other = weights(*case, bias=True)
        other.restore(dict(np.load(file, allow_pickle=False)))
    else:
        other = pickle.loads(pickle.dumps(one)) if way == "pickle" else copy.deepcopy(one)
    identical(one, other)
    for mine, its in zip(one.arrays_of_cells, other.arrays_of_cells, strict=True):
        np.testing.assert_array_equal(mine.variance, its.variance)
    for each in (one, other):
        trained(each, "factors", 5)
        each.follow()
        each.age(1e-3)
    identical(one, other)
    x = inputs(3, 6)
    np.testing.assert_array_equal(one.read(x, numbers(3)), other.read(x, numbers(3)))
    assert not np.shares_memory(one.values, other.values)


@pytest.mark.parametrize("name", ["0.g", "1.base", "1.chop", "0.idle", "0.seen", "1.counts", "1.frozen", "0.loops"])
def test_refuses_the_state_of_another_stack(name):
    one = stack(BOTH)
    arrays = one.arrays()
    del arrays[name]
    with pytest.raises(InputError, match=f"restore: '{name[2:]}' is missing"):
        one.restore(arrays)


def test_a_checkpoint_of_another_scheme_is_refused():
    saved = weights(*SAVED["two levels"]).arrays()
    with pytest.raises(InputError, match=r"restore: 'memory' .* resume with the scheme of the first run"):
        weights(None, BOTH, MixedPrecision()).restore(saved)


def test_a_plain_array_has_nothing_beneath_it():
    one = pairs()
    assert one.array.base.size == 0
    assert (one.array.chop == 1).all()
    assert one.array.part == pytest.approx(one.values)
    assert len(one.levels) == 1


# -- refusals ----------------------------------------------------------------------------------------------------------


def made(**changes):
    how = {"device": QUIET, "rows": 4, "columns": 3, "scheme": BlindPulses(), "form": "factors"} | changes
    return Weights(how.pop("device"), how.pop("rows"), how.pop("columns"), how.pop("scheme"), **how)


DIGITAL = {"device": BINARY, "encoding": BitSlices(bits=2)}
DEAF = {"device": replace(QUIET, step_down=0.0), "encoding": SingleDevice()}
RISING = {"device": QUIET_PCM, "scheme": WriteVerify()}
PARTS = (Significance(pair=ReferencedDevice, gain=3.0), Significance())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"device": "ideal"}, "device: got 'ideal'; allowed is a Device"),
        ({"scheme": "olt"}, "scheme: got 'olt'; allowed is a Scheme, such as BlindPulses()"),
        ({"scheme": BlindPulses}, "scheme: got <class"),
        ({"chip": 3}, "chip: got 3; allowed is a Chip"),
        ({"encoding": "pair"}, "encoding: got 'pair'; allowed is an encoding"),
        ({"budget": 100}, "budget: got 100; allowed is a Budget"),
        ({"rows": 0}, "rows: got 0"),
        ({"columns": 2.5}, "columns: got 2.5"),
        ({"seed": -1}, "seed: got -1"),
        (RISING | {"encoding": MultiConductance(parts=PARTS)}, "allowed is OneSidedPair"),
        (DIGITAL, "no step of a code of bits; allowed with BitSlices are MixedPrecision and WriteVerify"),
        (DIGITAL | {"scheme": TikiTaka()}, "allowed with BitSlices are MixedPrecision and WriteVerify"),
        ({"form": "dense"}, "BlindPulses takes a wanted change as factors or column, not dense; allowed here are"),
        ({"form": "dense", "scheme": TikiTaka()}, "TikiTaka takes a wanted change as factors or column, not dense"),
        (DEAF, "ConstantStep: a down pulse does not move a weight"),
        (DEAF | {"scheme": MixedPrecision()}, "so that MixedPrecision cannot train it"),
        (DEAF | {"scheme": TikiTaka()}, "so that TikiTaka cannot train it; allowed is a device with steps"),
        pytest.param(
            {"scheme": WriteVerify(loop=ClosedLoop(blind=True))},
            "closed_loop.blind: ConstantStep has no RESET",
            marks=pytest.mark.xfail(strict=True, reason="a blind write of devices without RESET is not refused"),
        ),
    ],
)
def test_what_cannot_work_is_refused_in_a_sentence_before_anything_runs(changes, message):
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        made(**changes)
    assert "\n" not in str(caught.value)


UNFIT = {
    "bits": (QUIET, BitSlices(bits=2), "a pulse moves ConstantStep by less; allowed is a binary device"),
    "one bit": (IDEAL["softbounds"], BitSlices(bits=1), "a pulse moves SoftBounds by less; allowed is a binary device"),
    "rising bits": (QUIET_PCM, BitSlices(bits=2), "a pulse moves PhaseChange by less; allowed is a binary device"),
    "rising alone": (QUIET_PCM, SingleDevice(), "PhaseChange only rises gradually, so that SingleDevice cannot be"),
    "rising, push-pull": (
        QUIET_PCM,
        DifferentialPair(),
        "so that DifferentialPair cannot be lowered gradually; allowed is",
    ),
    "rising, one reference": (QUIET_PCM, ReferencedDevice(), "cannot be lowered gradually; allowed is OneSidedPair"),
}
SCHEMES_OF_ALL = [BlindPulses(), MixedPrecision(), TikiTaka(), WriteVerify(), Exact()]


@pytest.mark.parametrize(("device", "encoding", "message"), UNFIT.values(), ids=UNFIT)
def test_an_encoding_that_a_device_cannot_be_is_refused_with_one_that_it_can(device, encoding, message):
    """Bits want a cell that one pulse switches; what only rises wants a pair of which either device may rise."""
    with pytest.raises(InputError, match=f"^encoding: .*{re.escape(message)}") as caught:
        made(device=device, encoding=encoding, scheme=WriteVerify())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("scheme", SCHEMES_OF_ALL, ids=lambda scheme: type(scheme).__name__)
@pytest.mark.parametrize(("device", "encoding", "message"), UNFIT.values(), ids=UNFIT)
def test_no_scheme_makes_up_for_an_encoding_that_does_not_fit(device, encoding, message, scheme):
    with pytest.raises(InputError) as caught:
        made(device=device, encoding=encoding, scheme=scheme)
    assert "\n" not in str(caught.value)


@pytest.mark.xfail(strict=True, reason="the scheme is checked before the encoding, and offers WriteVerify instead")
def test_a_refusal_offers_nothing_that_would_be_refused_in_turn():
    with pytest.raises(InputError, match="allowed is OneSidedPair"):
        made(device=QUIET_PCM, encoding=SingleDevice())


def test_a_network_that_does_not_fit_is_refused_with_the_arithmetic():
    with pytest.raises(BudgetError, match="4 inputs x 3 neurons x 4 cell"):
        made(device=None, encoding=BOTH, budget=Budget(47))
    assert made(device=None, encoding=BOTH, budget=Budget(48)).planes == 4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda w: w.read(np.ones((2, 3), np.float32), numbers(2)), r"x: got shape \(2, 3\); allowed is \(batch, 4\)"),
        (lambda w: w.read_transposed(np.ones((1, 4), np.float32), numbers(1)), r"d: got shape .* \(batch, 3\)"),
        (lambda w: w.add(np.zeros((4, 3), np.float32)), "takes a wanted change as factors or column, not dense"),
        (lambda w: w.add(np.zeros((3, 4), np.float32)), r"change: got shape \(3, 4\)"),
        (
            lambda w: w.add_factors(np.ones((2, 4), np.float32), np.ones((3, 3), np.float32)),
            r"factors: got \(2, 4\) and \(3, 3\)",
        ),
        (lambda w: w.freeze(np.ones((3, 4), bool)), "mask"),
        (lambda w: w.remove(np.ones((4, 3))), "mask"),
        (lambda w: w.put(np.zeros((3, 4))), "weights: got shape"),
    ],
)
def test_what_is_asked_wrongly_is_refused_and_changes_nothing(call, message):
    one = made()
    before = one.arrays()
    with pytest.raises(InputError, match=message) as caught:
        call(one)
    assert "\n" not in str(caught.value)
    for name, value in one.arrays().items():
        np.testing.assert_array_equal(value, before[name], err_msg=name)
