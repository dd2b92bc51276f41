"""Closed loops whose pulses grow: their law, their twin bit for bit, what they reach and cost, and who refuses them."""

import warnings
from dataclasses import replace
from math import ceil, log

import numpy as np
import pytest
from cases import BINARY, IDEAL, WORST, crossbar, same
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from naive_cells import Cells
from stack_cases import BOTH, PCM, QUIET_PCM, UNIT, weights

from insitu.arrays import Crossbar
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
from insitu.devices.base import Device, Programming, Pulse
from insitu.errors import InputError
from insitu.learning import SoftPruning
from insitu.ledger import Counts, costset
from insitu.ledger.bill import price
from insitu.networks.spiking import SpikingNetwork, SpikingRule
from insitu.recipes.accounts import usages_of
from insitu.schemes import BlindPulses, Transfer, WriteVerify

once = settings(derandomize=True, deadline=None, max_examples=40, database=None)
PULSE = Pulse(volts_up=1.2, volts_down=1.5, per_volt_up=3.0, per_volt_down=2.0)
FINE = replace(IDEAL["constant"], g_min=1e-6, g_max=9e-6, step_up=0.01e-6, step_down=0.01e-6, pulse=PULSE)
SPAN = FINE.g_max - FINE.g_min


def one_cell(device=FINE, start=-1.0):
    """A cell that stands at a weight, of -1 to 1."""
    array = Crossbar(device, 1, 1, encoding=SingleDevice())
    array.set_weights(np.full((1, 1), start))
    return array


def write(array, target, **loop):
    """Tune one weight; return the counts."""
    array.tune([0], [0], [target], ClosedLoop(**{"iterations": 10_000, "burst": 1, "tolerance": 0.0} | loop))
    return Counts.of(array.counts)


# -- the law ---------------------------------------------------------------------------------------------------------------


@once
@given(growth=st.floats(0.005, 0.1), turns=st.integers(1, 60), up=st.booleans())
def test_n_pulses_of_a_linear_cell_sum_up_geometrically(growth, turns, up):
    """Steps a, a r, a r^2, ... with r = exp(growth / v), whatever the direction."""
    ratio = np.exp(growth * (PULSE.per_volt_up if up else PULSE.per_volt_down))
    way = FINE.step_up * (ratio**turns - 1) / (ratio - 1)
    assume(way < SPAN)
    array = one_cell(start=-1.0 if up else 1.0)
    counts = write(array, 1.0 if up else -1.0, growth=growth, iterations=turns)
    assert (counts.pulses_up if up else counts.pulses_down) == counts.pulses == turns
    moved = abs(float(array.g[0, 0, 0]) - (FINE.g_min if up else FINE.g_max))
    assert moved == pytest.approx(way, rel=1e-5, abs=1e-11)


@once
@given(growth=st.floats(0.005, 0.1), target=st.floats(-0.9, 0.5), tolerance=st.floats(0.02, 0.1))
def test_pulses_to_a_target_are_those_of_the_sum(growth, target, tolerance):
    ratio = np.exp(growth * PULSE.per_volt_up)
    nearest = (target - 2 * tolerance + 1) / 2 * SPAN  # 2: of a range of weights of 2
    exact = log(1 + nearest * (ratio - 1) / FINE.step_up) / log(ratio)
    assume(abs(exact - round(exact)) > 1e-3)  # on the edge, single precision would decide
    assume(FINE.step_up * ratio ** ceil(exact) < 4 * tolerance * SPAN / 2)  # none jumps across the band
    counts = write(one_cell(), target, growth=growth, tolerance=tolerance)
    assert counts.pulses == counts.pulses_up == ceil(exact)
    assert counts.missed == 0


def test_amplitudes_end_at_the_largest_and_begin_again_on_the_way_back():
    """Cells of which each step up crosses the target; then down from V0: in the energy, amplitudes stand as they were."""
    growth, highest = 0.3, 1.7
    counts = write(one_cell(), 1.0, growth=growth, max_volts=highest, iterations=5)
    volts = np.minimum(1.2 + growth * np.arange(5), highest)
    assert counts.grown_up == pytest.approx(65_536 * ((volts / 1.2) ** 2 - 1).sum(), abs=5)
    coarse = replace(FINE, step_up=SPAN / 4, step_down=SPAN / 4)
    array = one_cell(coarse)
    counts = write(array, -0.3, growth=0.1, iterations=4, tolerance=0.001)
    # up at 1.2 and 1.3 V, across the target; down at 1.5 V, across it; up at 1.2 V
    assert (counts.pulses_up, counts.pulses_down, counts.grown_down) == (3, 1, 0)
    assert counts.grown_up == pytest.approx(65_536 * ((1.3 / 1.2) ** 2 - 1), abs=1)
    place = (1 + np.exp(0.3) - 1 + 1) / 4  # steps of the range
    assert float(array.g[0, 0, 0]) == pytest.approx(FINE.g_min + place * SPAN, rel=1e-5)


# -- the twin --------------------------------------------------------------------------------------------------------------

WAYS = {
    "pair": (WORST["constant"], DifferentialPair()),
    "referenced": (WORST["constant"], ReferencedDevice()),
    "one-sided pair": (PCM, OneSidedPair()),
}
LOOPS = {
    "a pulse a turn": {"tolerance": 0.02, "iterations": 9, "burst": 1, "growth": 0.06},
    "bursts, limited": {"tolerance": 0.03, "iterations": 6, "burst": 4, "growth": 0.2, "max_volts": 1.75},
    "RESET first": {"tolerance": 0.01, "iterations": 9, "burst": 2, "growth": 0.1, "fresh": True},
}


@pytest.mark.parametrize(("device", "encoding"), WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_pulses_that_grow_are_their_twin(device, encoding, loop):
    array = crossbar(replace(device, pulse=PULSE), 8, 5, encoding=encoding, index=2)
    twin, how, rng = Cells(array), ClosedLoop(**loop), np.random.default_rng(3)
    rows, columns = np.divmod(rng.permutation(40)[:23], 5)
    targets = rng.uniform(-1.1, 1.1, 23)
    for number in range(2):
        found = array.tune(rows, columns, targets, how)
        assert found.tolist() == twin.tune(rows, columns, targets, array.loop(how, number), how)
    same(array, twin)
    assert array.counts[:2].sum() > 40
    assert Counts.of(array.counts).grown_up > 0


def test_equal_pulses_are_the_same_bits_whatever_is_known_of_larger_ones():
    arrays = [crossbar(replace(WORST["constant"], pulse=pulse), 8, 5) for pulse in (Pulse(), PULSE)]
    for array in arrays:
        array.write_verify(np.ones((8, 5), bool), 0.3, ClosedLoop(iterations=6))
    one, other = arrays
    np.testing.assert_array_equal(one.g, other.g)
    np.testing.assert_array_equal(one.counts, other.counts)
    assert one.counts[:2].sum() > 20


def test_the_scale_of_conductances_is_arbitrary():
    arrays = []
    for scale in (1, 1024):
        siemens = {
            name: scale * getattr(WORST["constant"], name) for name in ("g_min", "g_max", "step_up", "step_down")
        }
        arrays.append(crossbar(replace(WORST["constant"], **siemens, pulse=PULSE), 8, 5))
        arrays[-1].write_verify(np.ones((8, 5), bool), 0.3, ClosedLoop(iterations=6, burst=1, growth=0.1))
    np.testing.assert_array_equal(arrays[0].g * np.float32(1024), arrays[1].g)
    np.testing.assert_array_equal(arrays[0].counts, arrays[1].counts)
    assert Counts.of(arrays[0].counts).grown_up > 0


# -- what it is good for -----------------------------------------------------------------------------------------------------


def test_growing_pulses_reach_what_equal_ones_are_too_weak_for():
    budget = {"iterations": 30, "tolerance": 0.05}
    weak, growing = one_cell(), one_cell()
    assert write(weak, 0.2, **budget).missed == 1
    assert float(weak.weights[0, 0]) == pytest.approx(-1 + 30 * 0.0025, abs=1e-5)
    counts = write(growing, 0.2, **budget, growth=0.05)
    assert counts.missed == 0
    assert counts.pulses <= 30
    assert abs(float(growing.weights[0, 0]) - 0.2) <= 0.1 + 1e-6


def test_the_larger_the_growth_the_further_cells_go_past_their_target():
    """By how much the first pulse that crosses the target does, on the mean over targets."""
    coarse, past = replace(FINE, step_up=0.1e-6), []
    for growth in (1e-9, 0.06, 0.12, 0.24):
        ratio, beyond = np.exp(growth * PULSE.per_volt_up), []
        for target in np.linspace(-0.8, -0.1, 30):
            exact = np.log1p((target + 1) / 2 * SPAN * (ratio - 1) / coarse.step_up) / np.log(ratio)
            array = one_cell(coarse)
            counts = write(array, target, growth=growth, iterations=ceil(exact))
            assert counts.pulses == counts.pulses_up
            beyond.append(float(array.weights[0, 0]) - target)
        assert min(beyond) > -1e-5
        past.append(np.mean(beyond))
    assert past == sorted(past)
    assert past[-1] > 10 * past[0]


# -- what it costs -----------------------------------------------------------------------------------------------------------


def test_energy_is_the_sum_of_v_squared_g_t():
    """Twelve pulses of one cell, by hand; with a cost of a pulse, of its lines, and of half-selected cells."""
    array, growth = one_cell(), 0.06
    counts = write(array, 1.0, growth=growth, iterations=12)
    named = {"part": "one", "phase": "learning", "device": "a"}
    (usage, *_) = [
        one for one in usages_of(array, counts, updates=1, slots=12, looks=13, **named) if one.doing == "writing"
    ]
    turns = np.arange(12)
    over = (1 + growth / 1.2 * turns) ** 2
    ratio = np.exp(growth * PULSE.per_volt_up)
    met = (FINE.g_min + FINE.step_up * (ratio**turns - 1) / (ratio - 1)) / FINE.g_max
    costs = costset.load("subquantum-cbram")
    volts, seconds, g = (costs.get(name).value for name in ("voltage_up", "width_up", "g_on"))
    bill = price([usage], {"a": costs}, None, "V/2")
    by = {line.event: line.energy.value for line in bill.lines if line.energy is not None}
    assert by["pulses up"] == pytest.approx((over * volts**2 * g * met * seconds).sum(), rel=1e-4)
    each = costset.load("pcm")
    bill = price([usage], {"a": each}, None)
    assert bill.lines[0].energy.value == pytest.approx(each.get("pulse_up").value * over.sum(), rel=1e-4)


def test_lines_and_half_selected_cells_feel_the_amplitude_too():
    rows, columns, growth = 6, 4, 0.1
    array = Crossbar(FINE, rows, columns, encoding=SingleDevice())
    array.set_weights(np.full((rows, columns), -1.0))
    places = np.divmod(np.arange(rows * columns), columns)
    array.tune(*places, np.ones(rows * columns), ClosedLoop(tolerance=0.0, iterations=7, burst=1, growth=growth))
    pulses, over = rows * columns, ((1 + growth / 1.2 * np.arange(7)) ** 2).sum()
    named = {"part": "one", "phase": "learning", "device": "a"}
    counts = Counts.of(array.counts)
    assert counts.pulses_up == 7 * pulses
    found = usages_of(array, counts, updates=7, slots=7, looks=8, **named)
    (usage,) = (one for one in found if one.doing == "writing")
    costs = costset.load("taox-tio2-neurosim")
    volts, width, g, c = (costs.get(name).value for name in ("voltage_up", "width_up", "g_on", "line_capacitance"))
    for half, part, cells in (("V/2", 1 / 2, rows + columns - 2), ("V/3", 1 / 3, 7 * rows * columns / pulses - 1)):
        energy = {line.event: line.energy.value for line in price([usage], {"a": costs}, None, half).lines}
        assert energy["cells on lines, pulsed"] == pytest.approx(
            pulses * over * (rows + columns) * volts**2 * c, rel=1e-4
        )
        reached = pulses * over * cells * usage.level * part**2
        assert energy[f"cells half-selected, {half}"] == pytest.approx(
            reached * volts**2 * width * g, rel=1e-4, abs=1e-30
        )


# -- who refuses them --------------------------------------------------------------------------------------------------------


class Deaf(Device):
    """A law of the user's own that has its step in itself."""

    @staticmethod
    def step(g, polarity, p, z):
        """A hundredth of the range."""
        return g + polarity * 0.01 * (p.g_max - p.g_min)


DEAF = Deaf(g_min=1e-6, g_max=9e-6, step_up=1e-7, step_down=1e-7, pulse=PULSE)
GROWING = ClosedLoop(growth=0.05)
KNOWN = replace(IDEAL["constant"], pulse=PULSE)
LAWFUL = replace(KNOWN, programming=Programming(error_sd=0.1e-6))
UP_ONLY = replace(KNOWN, pulse=Pulse(volts_up=1.2, per_volt_up=3.0))
FIT = r"fit pulses of several amplitudes \(insitu fit FILE --at most\)"
REFUSED = {
    "nothing known": (IDEAL["constant"], SingleDevice(), GROWING, f"not known how its steps up and down grow .*{FIT}"),
    "one direction": (
        UP_ONLY,
        SingleDevice(),
        GROWING,
        r"steps down grow .*Pulse\(volts_down=\.\.\., per_volt_down=\.\.\.\)",
    ),
    "by law": (LAWFUL, SingleDevice(), GROWING, r"programming\.error_sd.* whatever its pulses do"),
    "bits": (replace(BINARY, pulse=PULSE), BitSlices(bits=2), GROWING, "codes of bits take equal pulses"),
    "levels": (replace(BINARY, pulse=PULSE), SingleDevice(), GROWING, "takes no notice of step_up"),
    "a user's law": (DEAF, SingleDevice(), GROWING, "takes no notice of step_up"),
    "below V0": (KNOWN, SingleDevice(), ClosedLoop(growth=0.1, max_volts=1.3), r": got 1\.3 V.* from 1\.5 to"),
}


@pytest.mark.parametrize(("device", "encoding", "loop", "said"), REFUSED.values(), ids=REFUSED)
def test_who_cannot_take_them_says_so_when_made(device, encoding, loop, said):
    with pytest.raises(InputError, match=rf"^closed_loop\.(growth: got 0\.05 V|max_volts).*{said}"):
        weights(device, encoding, WriteVerify(loop=loop), 3, 2)


def test_transfers_and_pruning_ask_too():
    with pytest.raises(InputError, match="steps up grow"):  # of the one-sided pairs above
        weights(None, BOTH, BlindPulses(transfer=Transfer(closed_loop=GROWING)), 3, 2)
    with pytest.raises(InputError, match="steps up grow"):  # which are renewed
        weights(QUIET_PCM, None, BlindPulses(transfer=Transfer(closed_loop=GROWING)), 3, 2)
    rule = SpikingRule(pruning=SoftPruning(value=-0.5, loop=GROWING))
    with pytest.raises(InputError, match="steps up and down grow"):
        SpikingNetwork(IDEAL["constant"], 12, 6, rule)
    SpikingNetwork(KNOWN, 12, 6, rule)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"growth": -0.1}, r"closed_loop\.growth: got -0\.1 V; allowed is a number from 0 to 10 V"),
        ({"growth": 0.1, "blind": True}, "blind=True sends one burst, without turns"),
        ({"growth": 0.1, "tolerance": None}, "tolerance=None writes exactly, without turns"),
        ({"max_volts": 2.0}, r"max_volts: got 2 V, but pulses do not grow"),
    ],
)
def test_loops_that_make_no_sense(options, said):
    with pytest.raises(InputError, match=said):
        ClosedLoop(**options)


def test_a_pulse_has_both_of_its_numbers():
    with pytest.raises(InputError, match="volts_up and per_volt_up belong together"):
        Pulse(volts_up=1.0)
    with pytest.raises(InputError, match=r"pulse\.volts_up: got 0\.0 V"):
        Pulse(volts_up=0.0, per_volt_up=1.0)
    with pytest.raises(InputError, match=r"pulse: got .*allowed is Pulse"):
        replace(FINE, pulse=1.2)


# -- amplitudes that were measured -------------------------------------------------------------------------------------------

MEASURED = replace(FINE, pulse=replace(PULSE, measured_up=1.4, measured_down=1.8))  # from 1.2 V up and 1.5 V down


def tuned(device, **loop):
    """What is said where a cell is tuned in this way."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        write(one_cell(device), 0.0, **loop)
    return [str(one.message) for one in said]


def test_pulses_beyond_what_was_measured_are_said():
    """Ten turns by 50 mV are 450 mV more: beyond both. By 20 mV, 180 mV: within."""
    (said,) = tuned(MEASURED, growth=0.05, iterations=10)
    assert "up up to 1.65 V, measured from 1.2 to 1.4 V; down up to 1.95 V, measured from 1.5 to 1.8 V" in said
    assert "set a smaller closed_loop.growth" in said  # 1.4 V is less than what pulses down begin at
    assert tuned(MEASURED, growth=0.02, iterations=10) == []
    assert tuned(MEASURED, growth=0.0, iterations=10) == []
    assert tuned(FINE, growth=0.05, iterations=10) == []  # of which nobody has said what was measured


def test_the_largest_amplitude_that_keeps_within_is_named():
    known = replace(FINE, pulse=replace(PULSE, measured_up=1.6, measured_down=1.8))
    (said,) = tuned(known, growth=0.05, iterations=10)
    assert "set closed_loop.max_volts to 1.6," in said
    assert tuned(known, growth=0.05, iterations=10, max_volts=1.6) == []
    (said,) = tuned(known, growth=0.05, iterations=10, max_volts=1.7)
    assert "(up up to 1.65 V" in said
    assert "down" not in said


def test_a_network_says_so_too():
    for pulse, heard in ((MEASURED.pulse, True), (replace(PULSE, measured_up=5.0), False)):
        network = SpikingNetwork(replace(KNOWN, pulse=pulse), 12, 6, SpikingRule(), scheme=WriteVerify(loop=GROWING))
        network.warm_up()
        assert ("measured from 1.2 to 1.4 V" in (network.warning or "")) == heard


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"measured_up": 1.1}, r"measured_up: got 1\.1 V; allowed is at least volts_up, which is 1\.2 V"),
        (
            {"volts_up": None, "per_volt_up": None, "measured_up": 2.0},
            r"measured_up: got 2 V; allowed is a value beside",
        ),
    ],
)
def test_what_was_measured_has_to_hold_the_first_pulse(numbers, said):
    with pytest.raises(InputError, match=said):
        replace(PULSE, **numbers)


# -- through the schemes -----------------------------------------------------------------------------------------------------


def test_transfers_write_with_pulses_that_grow():
    """The parts of a weight that transfers write: the loop is theirs as it is that of the scheme."""
    coarse = replace(FINE, step_up=0.2e-6, step_down=0.2e-6)
    both = MultiConductance(
        parts=(Significance(device=coarse, gain=3.0), Significance(device=IDEAL["constant"], pair=ReferencedDevice)),
        unit=UNIT,
    )
    grown = []
    for growth in (0.0, 0.05):
        how = Transfer(every=5, closed_loop=ClosedLoop(tolerance=0.01, burst=1, growth=growth))
        one = weights(None, both, BlindPulses(transfer=how), 6, 3)
        one.levels[0].set_weights(np.full((6, 3), -0.5))
        one.refresh()
        from insitu.schemes.transfer import transfer

        transfer(one, how, 1, np.arange(6))
        grown.append(Counts.of(one.levels[0].counts).grown_up + Counts.of(one.levels[0].counts).grown_down)
    assert grown[0] == 0 < grown[1]
