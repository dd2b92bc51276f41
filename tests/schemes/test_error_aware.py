"""The error-aware update: right on average, only where it writes; and sign pulses. Their twins: test_mixed_precision."""

from dataclasses import replace

import numpy as np
import pytest
from cases import BINARY, IDEAL
from hypothesis import given, settings
from hypothesis import strategies as st
from stack_cases import weights

from insitu.cells import BitSlices, DifferentialPair, SingleDevice
from insitu.devices.base import Programming
from insitu.errors import InputError
from insitu.ledger import Counts
from insitu.schemes import ErrorAware, SignPulses, Weights

once = settings(derandomize=True, deadline=None, max_examples=25, database=None)
PLAIN = replace(IDEAL["constant"], step_up=0.02e-6, step_down=0.02e-6)
ERROR = 0.05e-6  # of a cell, S
LAWFUL = replace(PLAIN, programming=Programming(error_sd=ERROR, tries=3))
SIZE = 2**0.5 * ERROR / (PLAIN.g_max - PLAIN.g_min)  # of a pair, in units of weight
CASES = {
    "by law": (LAWFUL, DifferentialPair(), SIZE),
    "by law, one device": (LAWFUL, SingleDevice(), 2**0.5 * SIZE),
    "by pulses": (PLAIN, DifferentialPair(), None),
    "bits": (BINARY, BitSlices(bits=8), None),
}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def made(device, encoding, scheme, rows=40, columns=30):
    """Weights of 0, or of the code next to it."""
    one = Weights(device, rows, columns, scheme, form="dense", encoding=encoding, seed=3)
    one.put(np.zeros((rows, columns)))
    return one


@pytest.mark.parametrize("kind", CASES)
@once
@given(u=st.floats(0.05, 4), threshold=st.floats(0.2, 3), sign=st.sampled_from([-1, 1]))
def test_what_is_written_is_the_change_on_average_and_of_a_size_that_is_worth_it(kind, u, threshold, sign):
    """1,200 weights asked for one change, in errors of a write or in steps: the mean to five standard errors; how many."""
    device, encoding, error = CASES[kind]
    one = made(device, encoding, ErrorAware(threshold=threshold))
    error, before, n = error or one.step, one.values.copy(), one.values.size
    one.add(np.full(before.shape, sign * u * error, np.float32))
    moved, written = sign * (one.values - before) / error, Counts.of(one.counts).tuned
    least, chance = max(threshold, u), min(u / threshold, 1.0)
    noise = (1.0 if one.array.by_law else 0.25) * chance + chance * (1 - chance) * least**2
    assert moved.mean() == pytest.approx(u, abs=5 * (noise / n) ** 0.5 + 1e-4)
    if one.array.by_law:
        assert written == pytest.approx(n * chance, abs=5 * (n * chance * (1 - chance)) ** 0.5 + 1e-6)


@pytest.mark.parametrize("case", [CASES["by law"], CASES["by pulses"]], ids=["by law", "by pulses"])
def test_only_cells_that_are_written_change(case):
    one = made(*case[:2], ErrorAware())
    before = one.array.g.copy()
    one.add(np.full(one.values.shape, 0.2 * (case[2] or one.step), np.float32))
    changed = one.array.g != before
    np.testing.assert_array_equal(changed, one.array.writes > 0)
    assert changed.mean() == pytest.approx(0.2, abs=0.06)
    counts = Counts.of(one.counts)
    assert counts.pulses == one.array.writes.sum()
    if one.array.by_law:  # as write and verify counts: every try is a pulse and a look
        assert counts.pulses == counts.conversions == counts.verify_reads == 2 * 3 * counts.tuned
        assert counts.missed == 0
    else:
        assert counts.tuned == counts.reads == 0


def test_nothing_is_kept_and_no_change_leaves_no_mark():
    one = made(*CASES["by law"][:2], ErrorAware(threshold=0.0))
    one.add(np.zeros(one.values.shape, np.float32))
    assert one.memory.size == 1
    assert Counts.of(one.counts).pulses == 0


@pytest.mark.parametrize("scheme", [ErrorAware(), SignPulses()], ids=["error-aware", "signs"])
@pytest.mark.parametrize("case", [CASES["by law"], CASES["by pulses"]], ids=["by law", "by pulses"])
def test_errors_without_bound_do_not_pulse_for_ever(case, scheme):
    one = made(*case[:2], scheme, 1, 4)
    one.add(np.array([[3e38, -3e38, 0.0, 0.0]], np.float32))
    assert np.isfinite(one.values).all()
    assert one.array.writes[0, :2, 0].min() > 0
    assert (one.array.writes[:, 2:] == 0).all()


def test_the_error_is_that_of_the_device_and_a_device_without_a_law_has_none():
    """``write_error`` is not felt by what is given as pulses, nor steps by what a law writes."""
    change = np.full((40, 30), 0.3, np.float32)
    for changed, same in (
        ({"programming": Programming(error_sd=2 * ERROR, tries=3)}, False),
        ({"step_up": 0.04e-6}, True),
        ({"programming": Programming()}, False),
    ):
        one, other = (made(of, DifferentialPair(), ErrorAware()) for of in (LAWFUL, replace(LAWFUL, **changed)))
        for each in (one, other):
            each.add(change)
        assert np.array_equal(one.values, other.values) == same


def test_a_device_without_steps_wants_a_law():
    deaf = {"step_down": 0.0}
    made(replace(LAWFUL, **deaf), SingleDevice(), ErrorAware())
    for device, scheme in ((PLAIN, ErrorAware()), (PLAIN, SignPulses()), (LAWFUL, SignPulses())):
        with pytest.raises(InputError, match="a down pulse does not move a weight") as caught:
            made(replace(device, **deaf), SingleDevice(), scheme)
        assert "\n" not in str(caught.value)


def test_signs_are_one_pulse_each_above_the_threshold():
    one = weights(PLAIN, DifferentialPair(), SignPulses(threshold=0.5), 1, 5, form="dense")
    before = one.values.copy()
    one.add(np.float32(one.step) * np.array([[9, 0.6, 0.4, -0.6, -9]], np.float32))
    assert (one.values - before)[0] / one.step == pytest.approx([1, 1, 0, -1, -1], abs=1e-3)
    assert one.array.writes[0, :, 0].tolist() == [1, 1, 0, 1, 1]
