"""Read disturb: cells change by a factor a read, by the lines that were driven, and only they."""

from dataclasses import replace

import numpy as np
import pytest
from cases import IDEAL
from hypothesis import given, settings
from hypothesis import strategies as st
from stack_cases import BOTH

from insitu.arrays.wired import error_of_wires
from insitu.cells import DifferentialPair, ReferencedDevice
from insitu.chip import Chip
from insitu.devices.base import Endurance, Faults, Retention
from insitu.errors import InputError
from insitu.learning.backprop import Neurons
from insitu.networks.perceptron import Perceptron
from insitu.schemes import BlindPulses, Exact, Weights
from insitu.schemes.events import carry_out, next_event

once = settings(derandomize=True, deadline=None, max_examples=20, database=None)
DEVICE = IDEAL["softbounds"]
ROWS, COLUMNS = 5, 3
VALUES = np.linspace(-0.9, 0.9, ROWS * COLUMNS).reshape(ROWS, COLUMNS)


def made(device=DEVICE, encoding=None, bias=False, **chip):
    layer = Weights(
        device, ROWS, COLUMNS, BlindPulses(), form="factors", encoding=encoding, chip=Chip(**chip), bias=bias, seed=4
    )
    layer.put(VALUES)
    return layer


def read(layer, x, d=()):
    numbers = np.arange(max(len(x), len(d)), dtype=np.uint64)
    if len(x):
        layer.read(np.asarray(x, np.float32), numbers[: len(x)])
    if len(d):
        layer.read_transposed(np.asarray(d, np.float32), numbers[: len(d)])


signals = st.integers(-2, 2).map(lambda n: n / 2)


@once
@given(
    st.lists(st.lists(signals, min_size=ROWS - 1, max_size=ROWS - 1), max_size=4),
    st.lists(st.lists(signals, min_size=COLUMNS, max_size=COLUMNS), max_size=4),
    st.floats(-0.1, 0.1),
    st.none() | st.floats(-0.1, 0.1),
)
def test_a_cell_changes_by_a_factor_a_read_of_its_lines_however_they_are_divided(x, d, by, back):
    """A line is driven for |x| over the largest of its read; the bias is driven with 1 in reads forwards, and not met by
    transposed ones."""
    whole, parts = (made(bias=True, read_disturb=by, read_disturb_negative=back) for _ in range(2))
    before, counts = whole.array.g.copy(), whole.counts
    read(whole, x, d)
    whole.look()
    for one in x:
        read(parts, [one])
        parts.look()
    for one in d:
        read(parts, [], [one])
        parts.look()
    np.testing.assert_allclose(parts.array.g, whole.array.g, rtol=1e-5)
    whole_reads = np.zeros(ROWS)
    for one in x:
        whole_reads += np.abs([*one, 1.0]) / max(1.0, *np.abs(one))
    back_reads = sum((np.abs(one) / max(np.max(np.abs(one)), 1e-9) for one in d), np.zeros(COLUMNS))
    negative = -by if back is None else back
    factor = np.tile((1 + by) ** whole_reads, (COLUMNS, 1))
    factor[:, :-1] *= ((1 + negative) ** back_reads)[:, None]
    expected = np.clip(before * factor, np.float32(DEVICE.g_min), np.float32(DEVICE.g_max))
    np.testing.assert_allclose(whole.array.g, expected, rtol=0.01 * abs(by or negative) + 1e-5)  # lines count in 256ths
    assert whole.counts[0] == counts[0] == 0
    assert not whole.array.writes.any()
    again = whole.array.g.copy()
    whole.look()
    np.testing.assert_array_equal(whole.array.g, again)


def test_cells_that_hold_what_they_have_are_left_alone():
    """Faulty ones, those that wore out, those that were removed, and references; those beyond their range stay there."""
    device = replace(
        DEVICE,
        faults=Faults(dead=0.2, stuck_low=0.2, stuck_high=0.2),
        endurance=Endurance(writes=3),
        retention=Retention(nu=0.3, t0=1e-3),
    )
    layer = made(device, ReferencedDevice(), read_disturb=0.05)
    array = layer.array
    array.writes[0, 0, :2] = 5
    removed = np.zeros((ROWS, COLUMNS), bool)
    removed[2, 1] = True
    layer.remove(removed)
    layer.age(1e3)  # far below the range, and with it the reference
    before = array.g.copy()
    read(layer, np.ones((3, ROWS)))
    layer.look()
    held = array.writes >= array.lifetime
    held[1] = held[:, 1, 2] = True
    np.testing.assert_array_equal(array.g[held], before[held])
    assert 0.3 < held.mean() < 0.9
    np.testing.assert_allclose(array.g[~held], before[~held] * 1.05**3, rtol=1e-5)
    np.testing.assert_allclose(layer.values, np.where(removed, 0, array.part), atol=1e-6)


def test_weights_of_several_arrays_and_wires_follow():
    one = Weights(
        None, ROWS, COLUMNS, BlindPulses(), form="factors", encoding=BOTH, chip=Chip(read_disturb=0.02), seed=1
    )
    before = [level.g.copy() for level in one.levels]
    read(one, np.ones((2, ROWS)))
    one.look()
    for level, was in zip(one.levels, before, strict=True):
        assert (level.g > was).any()
    now = one.values.copy()
    one.refresh()
    np.testing.assert_array_equal(one.values, now)
    wired = made(encoding=DifferentialPair(), read_disturb=-0.2, row_ohm=2e3, column_ohm=2e3, wire_tolerance=0.0)
    lost = 1 - wired.array.reach.mean()
    read(wired, np.ones((5, ROWS)))
    wired.look()
    assert 1 - wired.array.reach.mean() < 0.8 * lost
    assert error_of_wires(wired.array) < 1e-5


@pytest.mark.parametrize("by", [1e-12, 1e-6, 1e-4, 1e-3])
def test_looks_come_before_cells_have_changed_by_much_more_than_a_percent(by, monkeypatch):
    layer, changes, shown = made(read_disturb=by), [], 0
    seen = Weights.look
    monkeypatch.setattr(Weights, "look", lambda one: (changes.append(np.max(one.disturbance[0])), seen(one)))
    while shown < 4000:
        step = next_event(layer, shown) - shown
        read(layer, np.ones((min(step, 4000 - shown), ROWS)))
        carry_out(layer, shown, shown + step)
        shown += step
    assert sum(changes) == pytest.approx(4000 * np.log1p(by))
    assert max(changes) < 0.0125
    assert len(changes) <= max(2, 4000 * by / 0.01 + 2)


@pytest.mark.parametrize(
    ("chip", "words"),
    [
        ({"read_disturb": 0.7}, "chip.read_disturb: got 0.7; allowed is a number from -0.5 to 0.5"),
        ({"read_disturb_negative": 0.1}, "read_disturb_negative is set but chip.read_disturb is None"),
        ({"read_disturb": 1e-3, "signed_dac": True, "dac_bits": 4}, "chip.signed_dac: got True with chip.read_disturb"),
    ],
)
def test_what_cannot_be_is_refused(chip, words):
    with pytest.raises(InputError, match=words):
        Chip(**chip)


def test_numbers_are_not_disturbed():
    with pytest.raises(InputError, match=r"chip.read_disturb: with Exact weights are numbers, which no read disturbs"):
        Weights(DEVICE, ROWS, COLUMNS, Exact(), form="factors", chip=Chip(read_disturb=1e-3))


def test_a_checkpoint_that_does_not_tell_columns_read_apart_is_taken():
    network = Perceptron(DEVICE, (4, 3), neurons=Neurons(), scheme=BlindPulses(), seed=1)
    network.learn(np.ones((5, 4)), np.arange(5) % 3, 0.01)
    saved = network.arrays()
    again = Perceptron(DEVICE, (4, 3), neurons=Neurons(), scheme=BlindPulses(), seed=1)
    again.restore(saved | {"0.drive": saved["0.drive"][:2]})
    np.testing.assert_array_equal(again.layers[0].drive, network.layers[0].drive)
