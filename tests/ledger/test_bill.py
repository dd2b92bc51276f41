"""Prices: non-negative, additive, monotone, the same for any split, and equal to the arithmetic on paper."""

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insitu.errors import InputError, RunError
from insitu.ledger import Counts, costset
from insitu.ledger.amount import Amount
from insitu.ledger.bill import price
from insitu.ledger.digital import batched, digital_energy, digital_seconds
from insitu.ledger.endurance import area, trainings
from insitu.ledger.latency import SCHEDULES, seconds
from insitu.ledger.statement import choose, statement
from insitu.ledger.usage import Accounts, Usage, Work, Worn, accounts_of

once = settings(derandomize=True, deadline=None, max_examples=40, database=None)
PCM, CBRAM, RRAM = (costset.load(name) for name in ("pcm", "subquantum-cbram", "oxide-rram"))
PERIPHERY = costset.load("periphery-28nm")
MEMORY = {"a": PCM, "b": CBRAM, "c": RRAM}
STANDBY = {"standby": costset.load("sram-45nm").get("standby")}
WORK = Work(images=10, macs=1000, changes=100, loads=500, launches=7, batch=1)

counts = st.builds(Counts, *[st.integers(1, 2**40)] * len(fields(Counts)))  # no conductance was met without a pulse


def usage(doing="reading", of=None, **changes):
    made = Usage(
        part="layer 1", phase="learning", doing=doing, device="a", rows=10, columns=5, planes=2, level=0.25,
        counts=of or Counts(), times=3, slots=2, lines=5,
    )  # fmt: skip
    return replace(made, **changes)


usages = st.builds(
    lambda doing, of, device, part, phase, bits: usage(
        doing, of, device=device, part=part, phase=phase, adc_bits=bits
    ),
    st.sampled_from(["reading", "writing", "verifying"]), counts, st.sampled_from("abc"), st.sampled_from("xy"),
    st.sampled_from(["learning", "test"]), st.none() | st.integers(2, 24),
)  # fmt: skip


def close(a, b):
    return (a.low, a.value, a.high) == pytest.approx((b.low, b.value, b.high), rel=1e-9)


@once
@given(st.lists(usages, max_size=4), st.lists(usages, max_size=4))
def test_bills_add_over_layers_phases_and_batches(first, second):
    both = price([*first, *second], MEMORY, PERIPHERY)
    a, b = price(first, MEMORY, PERIPHERY), price(second, MEMORY, PERIPHERY)
    assert close(both.energy, a.energy + b.energy)
    for key in (lambda line: line.part, lambda line: line.phase, lambda line: line.group):
        assert close(sum(both.by(key).values(), Amount(0, 0, 0)), both.energy)
    assert all(
        line.energy is None or 0 <= line.energy.low <= line.energy.value <= line.energy.high for line in both.lines
    )


@once
@given(usages, counts)
def test_a_split_costs_the_same_and_more_events_never_less(one, more):
    """Two batches of the same work, or one: the counts add, and so do the prices."""
    rest = replace(one, counts=more)
    whole = replace(one, counts=one.counts + more)
    split = price([one, rest], MEMORY, PERIPHERY).energy
    assert close(price([whole], MEMORY, PERIPHERY).energy, split)
    assert split.value >= price([one], MEMORY, PERIPHERY).energy.value


def test_a_pulse_costs_what_paper_says():
    """V^2 G t of the state before each pulse for CBRAM; a fixed energy for PCM."""
    got = price([usage("writing", Counts(pulses_up=3, conductance_up=65_536 // 2), device="b")], MEMORY, None)
    v, t, g = (CBRAM.get(name).value for name in ("voltage_up", "width_up", "g_on"))
    assert got.energy.value == pytest.approx(v * v * t * g / 2)
    assert got.lines[0].formula == "voltage_up^2 width_up g_on g/g_max"
    got = price([usage("writing", Counts(pulses_down=4, conductance_down=1))], MEMORY, None)
    assert got.energy.value == pytest.approx(4 * PCM.get("pulse_down").value)


def test_a_read_costs_the_conductance_that_its_lines_drive():
    counts = Counts(reads=100, conversions=7, row_drives=2, conductance_read=25 * 65_536, activations=3)
    got = price([usage("reading", counts, device="c")], MEMORY, PERIPHERY)
    v, t, g = (RRAM.get(name).value for name in ("read_voltage", "read_time", "g_on"))
    groups = got.by(lambda line: line.group)
    assert groups["cells read"].value == pytest.approx(25 * v * v * t * g)
    parts = {"conversion": 7, "neuron": 3, "row_drive": 2}
    assert groups["converters and neurons"].value == pytest.approx(
        sum(PERIPHERY.get(name).value * n for name, n in parts.items())
    )


@pytest.mark.parametrize("doing", ["reading", "verifying"])
@pytest.mark.parametrize(
    ("name", "bits", "ends", "words"),
    [
        ("periphery-28nm", None, (1, 2, 6), "conversion, of 8 bits for an ideal one"),
        ("periphery-28nm", 8, (1, 2, 6), "conversion x conversion_growth^(8 - 8 bits)"),
        ("periphery-28nm", 10, (1 * 1.19**2, 2 * 1.3**2, 6 * 2**2), "conversion x conversion_growth^(10 - 8 bits)"),
        ("periphery-65nm", 6, (3.8 / 2**2, 6.5 / 1.3**2, 16 / 1.19**2), "conversion x conversion_growth^(6 - 8 bits)"),
        ("periphery-giordano2019", 4, (19.4, 19.4, 19.4), "conversion, whatever its bits"),
    ],
)
def test_a_conversion_costs_by_its_bits(doing, name, bits, ends, words):
    got = price([usage(doing, Counts(conversions=7), adc_bits=bits)], MEMORY, costset.load(name))
    line = next(line for line in got.lines if line.event == "conversions")
    assert (line.energy.low, line.energy.value, line.energy.high) == pytest.approx([7e-12 * end for end in ends])
    assert line.formula == words


def test_an_input_costs_by_the_bits_of_its_dac_and_a_look_none():
    def inputs(doing, bits, name="periphery-28nm"):
        bill = price([usage(doing, Counts(row_drives=100), dac_bits=bits)], MEMORY, costset.load(name))
        return [line for line in bill.lines if line.event == "inputs"]

    (line,) = inputs("reading", 10)
    ends = (37.5e-15, 37.5e-15 * 1.41**2, 0.291e-12 * 2**2)
    assert (line.energy.low, line.energy.value, line.energy.high) == pytest.approx([100 * end for end in ends])
    assert line.count == 100
    assert line.formula == "input_conversion x input_growth^(10 - 8 bits)"
    assert inputs("reading", None) == inputs("verifying", 10) == inputs("reading", 10, "periphery-65nm") == []


def test_a_sar_takes_a_step_a_bit():
    """100 ns to settle, then 8 columns of 1 ns at 8 bits, one after the other; without bits in the set always the same."""
    reading, functional = usage(of=Counts(reads=1)), costset.load("periphery-giordano2019")
    for bits, converting in ((None, 8), (8, 8), (4, 4), (12, 12)):
        one = replace(reading, adc_bits=bits)
        assert seconds([one], MEMORY, PERIPHERY, "parallel")["reading"].value == pytest.approx(
            3 * 2 * (100 + converting) * 1e-9
        )
        assert seconds([one], MEMORY, functional, "parallel") == seconds([reading], MEMORY, functional, "parallel")


def test_a_look_is_no_neuron_and_its_own_group():
    """Its cells are taken to conduct as the array does in the mean."""
    got = price([usage("verifying", Counts(reads=8, conversions=4))], MEMORY, PERIPHERY)
    assert {line.group for line in got.lines} == {"verify", "lines charged"}
    v, t, g = (PCM.get(name).value for name in ("read_voltage", "read_time", "g_on"))
    assert got.lines[0].energy.value == pytest.approx(8 * 0.25 * v * v * t * g)
    assert "activations" not in {line.event for line in got.lines}


def test_what_has_no_source_is_said_and_is_not_zero():
    got = price([usage("writing", Counts(pulses_up=3, charges=5), device="mine.py")], MEMORY, PERIPHERY)
    assert got.lines[0].energy is None
    assert [sentence.split(":")[0] for sentence in got.missing] == [
        "pulses up", "capacitors charged", "cells on lines, pulsed",
    ]  # fmt: skip
    assert "no cost set (device mine.py)" in got.missing[0]
    bare = replace(PERIPHERY, coefficients={})
    assert price([usage("reading", Counts(conversions=1))], MEMORY, bare).missing[0] == (
        "conversions: periphery-28nm gives no conversion"
    )


def test_lines_are_charged_in_proportion_to_the_cells_on_them():
    """C V^2: 20 cells on lines that reads drive, 500 on those that pulses raise."""
    usages = [
        usage("reading", Counts(reads=20), device="b"),
        usage("writing", Counts(pulses_up=2, crossed=500), device="b"),
    ]
    got = price(usages, MEMORY, None).by(lambda line: line.group)["lines charged"]
    c, read, raised = (CBRAM.get(name) for name in ("line_capacitance", "read_voltage", "voltage_up"))
    for end in ("low", "value", "high"):
        c_end, read_end, raised_end = (getattr(one, end) for one in (c, read, raised))
        assert getattr(got, end) == pytest.approx(c_end * (20 * read_end**2 + 500 * raised_end**2))
    sram = price(usages, {"b": costset.load("sram-45nm")}, None)
    assert "lines charged" not in sram.by(lambda line: line.group)  # the energies of a macro have them in
    assert not sram.missing


def test_cells_without_a_selector_draw_current_while_others_are_written():
    """A column of 10 rows by 5 columns by 2 devices is pulsed: all 100 cells lie on a row that is raised, 20 of them on the
    column too."""
    g, t, v = (CBRAM.get(name).value for name in ("g_on", "width_up", "voltage_up"))
    one = usage("writing", Counts(pulses_up=15, pulses_down=5, crossed=120), device="b", times=1, slots=1)
    for scheme, cells, part in (("V/2", 80, 1 / 4), ("V/3", 80, 1 / 9)):
        half = price([one], MEMORY, None, scheme).by(lambda line: line.group)["cells half-selected"]
        assert half.value == pytest.approx(cells * 0.25 * part * v * v * t * g)
    few = replace(one, counts=Counts(pulses_up=2, crossed=10 + 20))  # one row and one column
    found = {scheme: price([few], MEMORY, None, scheme).lines[-1] for scheme in ("V/2", "V/3")}
    assert {scheme: line.count for scheme, line in found.items()} == {"V/2": 26, "V/3": 98}
    assert "cells half-selected" not in price([one], MEMORY, None).by(lambda line: line.group)
    gated = price([one], {"b": costset.load("capacitor-3t1c")}, None, "V/2")
    assert "cells half-selected" not in gated.by(lambda line: line.group)
    with pytest.raises(InputError, match="half_select: got 'V/4'; allowed are V/2, V/3"):
        choose(["x"], (), "V/4")


def test_lines_that_stand_by_draw_power_all_the_time():
    """15 lines, a row and two columns of devices a weight, for as long as all arrays take, one after the other."""
    usages = (usage("reading", Counts(reads=1)), usage("writing", Counts(pulses_up=1), part="layer 2"))
    found = statement(Accounts(usages, (), {}), choose(["a"], ["a=pcm"]))
    spent = [amount.value for amount in found.seconds["parallel"].values()]
    power = PERIPHERY.get("static_power").value
    assert len(spent) == 2
    assert found.learning.by(lambda line: line.group)["static power"].value == pytest.approx(
        2 * (10 + 2 * 5) * power * sum(spent)
    )
    unknown = statement(Accounts(usages, (), {}), choose(["a"], ["a=pcm", "periphery-65nm"]))
    assert "lines standing by: periphery-65nm gives no static_power x time" in unknown.bill.missing


def test_a_run_of_an_older_insitu_is_priced_by_the_mean_conductance_and_without_the_lines_it_did_not_count():
    old = (usage("reading", Counts(reads=100), device="b"), usage("writing", Counts(pulses_up=2), device="b"))
    found = Accounts(old, (), {}).as_dict()
    for one in found["usage"]:
        del one["adc_bits"]
    again = accounts_of(found, "run")
    got = price(again.usages, MEMORY, None)
    v, t, g = (CBRAM.get(name).value for name in ("read_voltage", "read_time", "g_on"))
    assert got.by(lambda line: line.group)["cells read"].value == pytest.approx(100 * 0.25 * v * v * t * g, rel=1e-6)
    assert got.missing == ("cells on lines, pulsed: the run gives no count of them, for an older insitu made it",)


def test_serial_schedules_take_as_many_turns_as_there_are_lines():
    writing = usage("writing", Counts(pulses_up=1, pulses_down=1))
    spent = {s: seconds([writing], MEMORY, PERIPHERY, s)["writing"] for s in SCHEDULES}
    both = PCM.get("width_up").value + PCM.get("width_down").value
    assert spent["parallel"].value == pytest.approx(3 * 2 * both)
    assert spent["row-serial"].value == pytest.approx(10 * spent["parallel"].value)
    assert spent["column-serial"].value == pytest.approx(5 * spent["parallel"].value)
    reading = usage("reading", Counts(reads=1))
    assert len({seconds([reading], MEMORY, PERIPHERY, s)["reading"].value for s in SCHEDULES}) == 1
    assert seconds([usage("writing", Counts(pulses_up=1), device="?")], MEMORY, PERIPHERY, "parallel") == {
        "writing": None
    }


def test_trainings_and_area():
    worn = Worn(part="x", device="a", cells=1000, mean=5.0, p99=50.0, maximum=99)
    rated, size, feature = (PCM.get(name).value for name in ("endurance", "cell_area", "feature"))
    assert trainings(worn, MEMORY).value == pytest.approx(rated / 50)
    assert trainings(replace(worn, p99=0.0), MEMORY) is None
    assert trainings(replace(worn, device="?"), MEMORY) is None
    assert area([worn], MEMORY).value == pytest.approx(1000 * size * feature**2)
    assert area([worn, replace(worn, device="?")], MEMORY) is None


def test_cells_that_draw_power_draw_it_all_the_time():
    sram, worn = costset.load("sram-45nm"), Worn(part="x", device="s", cells=1000, mean=5.0, p99=50.0, maximum=99)
    accounts = Accounts((usage("reading", Counts(reads=1), device="s"),), (worn,), {})
    found = statement(accounts, choose(["s"], ["s=sram-45nm"]))
    (spent,) = found.seconds["parallel"].values()
    assert found.standby.value == pytest.approx(spent.value * 1000 * sram.get("standby").value)
    unknown = statement(
        accounts, replace(found.costs, memory={"s": replace(sram, coefficients=STANDBY)}, periphery=None)
    )
    assert unknown.seconds["parallel"] == {"reading": None}
    assert unknown.standby is None
    keeps = statement(accounts, choose(["s"], ["s=pcm"]))
    assert keeps.standby == Amount(0, 0, 0)


def test_the_computers_do_the_same_arithmetic():
    gpu, asic = costset.load("gpu-a100"), costset.load("asic-int8-45nm")
    spent = digital_energy(WORK, gpu)
    assert spent["arithmetic"].value == pytest.approx(2 * 1100 * gpu.get("op").value)
    assert spent["memory"].value == pytest.approx(700 * gpu.get("weight_bytes").value * gpu.get("byte").value)
    assert spent["launches"].value == pytest.approx(7 * gpu.get("launch_time").value * gpu.get("idle_power").value)
    assert digital_energy(WORK, asic)["launches"].value == 0
    assert digital_seconds(WORK, asic) is None
    slow = digital_seconds(WORK, gpu)
    assert slow.low <= slow.value <= slow.high
    assert slow.value > 7 * gpu.get("launch_time").value
    unpriced = replace(gpu, coefficients={k: v for k, v in gpu.coefficients.items() if k != "idle_power"})
    assert digital_energy(WORK, unpriced)["launches"] is None


def test_a_batch_shares_launches_and_weights_not_products():
    many, gpu = batched(WORK, 10), costset.load("gpu-a100")
    assert (many.macs, many.changes, many.loads, many.launches, many.batch) == (1100, 10, 50, 1, 10)
    one, ten = digital_energy(WORK, gpu), digital_energy(many, gpu)
    assert ten["arithmetic"].value >= one["arithmetic"].value
    assert ten["launches"].value == pytest.approx(one["launches"].value / 7)


def test_sets_are_chosen_by_the_device_and_by_wish():
    chosen = choose(["ambrogio2018-pcm", "ambrogio2018-3t1c", "mine.py"])
    assert {k: v.name for k, v in chosen.memory.items()} == {
        "ambrogio2018-pcm": "pcm",
        "ambrogio2018-3t1c": "capacitor-3t1c",
    }
    assert chosen.periphery == PERIPHERY
    chosen = choose(["x", "y"], ["y=fefet", "periphery-65nm", "gpu-h100"])
    assert {k: v.name for k, v in chosen.memory.items()} == {"y": "fefet"}
    assert (chosen.periphery.name, [c.name for c in chosen.computers]) == ("periphery-65nm", ["gpu-h100"])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["pcm", "fefet"], "pcm and fefet both price x"),
        (["z=pcm"], "the run has no device 'z'"),
        (["x=gpu-a100"], "gpu-a100 is a digital set"),
        (["periphery-28nm", "periphery-65nm"], "both peripheries"),
    ],
)
def test_wishes_that_contradict_are_refused(given, words):
    with pytest.raises(InputError, match=words):
        choose(["x"], given)


@pytest.mark.parametrize("aged", [None, 3e-8, 4e-8, 1e-7, 3e-7, 4e-7])
def test_cells_that_aged_by_another_time_than_images_take_are_said(aged):
    """Four products for four images: 108 ns each, 50 to settle and the rest to convert."""
    one = usage(of=Counts(reads=24, products=4), times=4, slots=1, lines=3)
    accounts = Accounts((one,), (), {"network": replace(WORK, images=4)}, aged)
    found = statement(accounts, choose(["a"], ["a=pcm"]))
    takes = found.seconds["parallel"]["reading"].value / 4
    assert takes == pytest.approx(108e-9)
    apart = aged is not None and not takes / 3 < aged < 3 * takes
    assert ("an example, which takes 108 ns here" in found.seconds_apart) is apart
    assert bool(found.seconds_apart) is apart


@once
@given(st.lists(usages, max_size=3))
def test_accounts_come_back_from_their_file(found):
    worn = Worn(part="x", device="a", cells=3, mean=1.0, p99=2.0, maximum=3)
    found = [
        replace(one, counts=replace(one.counts, conductance_read=one.counts.conductance_read or 1)) for one in found
    ]
    accounts = Accounts(tuple(found), (worn,), {"network": WORK}, 1e-5)
    again = accounts_of(accounts.as_dict(), "run")
    assert again == accounts
    assert statement(again, choose("abc")).as_dict() == statement(accounts, choose("abc")).as_dict()


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({}, "older insitu"),
        ({"usage": [{}], "wear": [], "work": {}}, "damaged"),
        ({"usage": 3, "wear": [], "work": {}}, "damaged"),
    ],
)
def test_results_without_accounts_are_refused(result, words):
    with pytest.raises(RunError, match=words):
        accounts_of(result, "runs/x")
