"""Counts times coefficients: what a run costs in energy, line by line, with what no source prices said as such."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from insitu.ledger.amount import ZERO, Amount, product, total
from insitu.ledger.converters import conversion
from insitu.ledger.costset import CostSet
from insitu.ledger.counts import LEVELS
from insitu.ledger.usage import Usage

#: where energy goes; the levels of accounting are sums of these
Group = Literal[
    "cells read",
    "cells programmed",
    "lines charged",
    "cells half-selected",
    "converters and neurons",
    "verify",
    "digital periphery",
    "static power",
]
GROUPS: tuple[Group, ...] = get_args(Group)
#: how cells without a selector are biased while others are written: -> which part of the voltage those on a line that is
#: raised see, and whether all the others see it too
HALF_SELECT = {"V/2": (1 / 2, False), "V/3": (1 / 3, True)}


@dataclass(frozen=True)
class Line:
    """One event of one array.

    Parameters
    ----------
    part, phase : of the usage. group, event : what happened, ``count`` times.
    energy : J; None if not modelled.
    formula : how it follows. set_name : of the cost set.
    """

    part: str
    phase: str
    group: Group
    event: str
    count: int
    energy: Amount | None
    formula: str
    set_name: str


@dataclass(frozen=True)
class Bill:
    """All lines of a run; only events that happened have one."""

    lines: tuple[Line, ...]

    @property
    def energy(self) -> Amount:
        """The sum of all that is modelled, J."""
        return total(line.energy for line in self.lines if line.energy is not None)

    @property
    def missing(self) -> tuple[str, ...]:
        """What the sum leaves out, one sentence an event and cost set."""
        left = [(line.event, line.set_name, line.formula) for line in self.lines if line.energy is None]
        return tuple(f"{event}: {name} gives no {formula}" for event, name, formula in dict.fromkeys(left))

    def by(self, key: Callable[[Line], str]) -> dict[str, Amount]:
        """Return the energy of each group of lines, J; what is not modelled adds nothing."""
        sums: dict[str, Amount] = {}
        for line in self.lines:
            sums[key(line)] = sums.get(key(line), ZERO) + (line.energy or ZERO)
        return sums

    def unknown(self, key: Callable[[Line], str]) -> set[str]:
        """Return the groups of lines of which none is modelled."""
        return {key(line) for line in self.lines} - {key(line) for line in self.lines if line.energy is not None}

    def only(self, keep: Callable[[Line], bool]) -> Bill:
        """Return the bill of some lines."""
        return Bill(tuple(line for line in self.lines if keep(line)))


def price(
    usages: Iterable[Usage], memory: Mapping[str, CostSet], periphery: CostSet | None, half_select: str | None = None
) -> Bill:
    """Return the bill of what arrays did.

    E = sum of count x coefficient; a pulse or a read without a coefficient of its own costs V^2 G t, for a pulse with G the
    conductance of the cell before it, summed over all pulses, for a read with that of the cells on driven lines, each as long
    as its line is driven (for a look of a closed loop with the mean G of the array). Both are in units of g_max, and g_on of
    the cost set stands for g_max, so that one counted run can be priced on another memory. A line that is driven is charged,
    C V^2, with C in proportion to the cells on it. Where pulses grow, all of it grows as the square of their amplitude, from
    what coefficients say of the first. What a conversion costs goes with the bits of the ADC of the run, see
    :mod:`insitu.ledger.converters`; a look of a closed loop is converted by the same one.

    Parameters
    ----------
    memory : device -> cost set; a device without one is not modelled.
    periphery : converters, drivers and neurons; None leaves them out of the bill (not "not modelled": not asked for).
    half_select : of :data:`HALF_SELECT`: cells without a gate of their own draw current while others are written; None is
        that of no other cell.
    """
    lines: list[Line] = []
    for usage in usages:
        cells = memory.get(usage.device)
        lines += _cells(usage, cells, half_select)
        if periphery is not None:
            lines += _periphery(usage, periphery)
    return Bill(tuple(line for line in lines if line.count))


def _cells(usage: Usage, costs: CostSet | None, half_select: str | None) -> list[Line]:
    counts, verifying = usage.counts, usage.doing == "verifying"
    group: Group = "verify" if verifying else "cells read"
    met = counts.reads * usage.level if verifying else counts.conductance_read / LEVELS
    law = ("read_voltage", "read_time", "g_on")
    found = [_line(usage, costs, group, "cells read", counts.reads, [(counts.reads, ("read",)), (met, law)])]
    for way, pulses, conductance, grown in (
        ("up", counts.pulses_up, counts.conductance_up, counts.grown_up),
        ("down", counts.pulses_down, counts.conductance_down, counts.grown_down),
    ):
        law = (f"voltage_{way}", f"width_{way}", "g_on")
        ways = [(pulses + grown / LEVELS, (f"pulse_{way}",)), (conductance / LEVELS, law)]
        found.append(_line(usage, costs, "cells programmed", f"pulses {way}", pulses, ways))
    charged = [(counts.charges, ("charge",))]
    found.append(_line(usage, costs, "cells programmed", "capacitors charged", counts.charges, charged))
    return found + _lines(usage, costs) + ([] if half_select is None else _half_selected(usage, costs, half_select))


def _lines(usage: Usage, costs: CostSet | None) -> list[Line]:
    """Price the charging of lines that reads drive, and of those that pulses raise, at the amplitude of a raising pulse."""
    counts, one = usage.counts, costs.get("line_capacitance") if costs else None
    if one is not None and not one.high:  # the other energies of the set include its lines
        return []
    read = [(counts.reads, ("read_voltage", "line_capacitance"))]
    raised = counts.crossed + _grown(usage) * _crossed(usage)
    pulsed = [(raised, ("voltage_up", "line_capacitance"))] if counts.crossed else []
    return [
        _line(usage, costs, "lines charged", "cells on lines, read", counts.reads, read),
        _line(usage, costs, "lines charged", "cells on lines, pulsed", counts.crossed or counts.pulses, pulsed),
    ]


def _grown(usage: Usage) -> float:
    """Return how many pulses of the first amplitude have the squares by which those of pulses that grow exceed it."""
    return (usage.counts.grown_up + usage.counts.grown_down) / LEVELS


def _crossed(usage: Usage) -> int:
    """Return the cells on the lines that a pulse for one cell raises: its row across all planes, and its column."""
    return usage.planes * usage.columns + usage.rows


def _half_selected(usage: Usage, costs: CostSet | None, half_select: str) -> list[Line]:
    """Price the cells that a pulse for others reaches: at the mean conductance of the array, and a part of the amplitude."""
    part, everywhere = HALF_SELECT[half_select]
    counts, cells = usage.counts, usage.rows * usage.columns * usage.planes
    if (costs is not None and costs.gated) or not counts.pulses:
        return []
    reached = usage.times * usage.slots * cells - counts.pulses if everywhere else counts.crossed - 2 * counts.pulses
    more = reached / counts.pulses if everywhere else _crossed(usage) - 2  # a pulse that grows reaches
    met = (reached + more * _grown(usage)) * usage.level * part**2
    ways = [(met, ("voltage_up", "width_up", "g_on"))] if counts.crossed else []
    event = f"cells half-selected, {half_select}"
    return [_line(usage, costs, "cells half-selected", event, max(reached, 0) if ways else counts.pulses, ways)]


def _line(
    usage: Usage,
    costs: CostSet | None,
    group: Group,
    event: str,
    count: int,
    ways: Sequence[tuple[float, tuple[str, ...]]],
) -> Line:
    """Price an event by the first of the ways for which all coefficients are there; a voltage counts twice.

    Without a way it is one that an older insitu did not count.
    """
    name = costs.name if costs else f"no cost set (device {usage.device})"
    for amount, wanted in ways:
        squared = len(wanted) > 1  # all laws of several coefficients begin with a voltage
        energy = product(costs, *wanted[:squared], *wanted, times=amount)
        if energy is not None:
            law = f"{wanted[0]}^2 {' '.join(wanted[1:])}" + " g/g_max" * ("g_on" in wanted)
            return Line(usage.part, usage.phase, group, event, count, energy, law if squared else wanted[0], name)
    if not ways:
        name = "the run"
    formula = " nor ".join(" x ".join(wanted) for _, wanted in ways) or "count of them, for an older insitu made it"
    return Line(usage.part, usage.phase, group, event, count, None, formula, name)


def _periphery(usage: Usage, costs: CostSet) -> list[Line]:
    counts, verifying = usage.counts, usage.doing == "verifying"
    near: Group = "verify" if verifying else "converters and neurons"
    each, formula = conversion(costs, usage.adc_bits)
    spent = None if each is None else each * counts.conversions
    driven = [(counts.row_drives, ("row_drive",))]
    operations = [(counts.digital_ops, ("digital_op",))]
    return [
        _line(usage, costs, near, "lines driven", counts.row_drives, driven),
        *_inputs(usage, costs, near),
        Line(usage.part, usage.phase, near, "conversions", counts.conversions, spent, formula, costs.name),
        _line(usage, costs, near, "activations", counts.activations, [(counts.activations, ("neuron",))]),
        _line(usage, costs, "digital periphery", "digital operations", counts.digital_ops, operations),
    ]


def _inputs(usage: Usage, costs: CostSet, near: Group) -> list[Line]:
    """Price the DACs of a chip that has some; a look of a closed loop drives its lines in full, without them."""
    each, formula = conversion(costs, usage.dac_bits, "input")
    if usage.doing == "verifying" or usage.dac_bits is None or each is None:  # None: row_drive says what an input costs
        return []
    drives = usage.counts.row_drives
    return [Line(usage.part, usage.phase, near, "inputs", drives, each * drives, formula, costs.name)]
