"""Counts times coefficients: what a run costs in energy, line by line, with what no source prices said as such."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from insitu.ledger.amount import ZERO, Amount, total
from insitu.ledger.coefficients import Coefficient
from insitu.ledger.costset import CostSet
from insitu.ledger.usage import Usage

#: where energy goes; the levels of accounting are sums of these
Group = Literal["cells read", "cells programmed", "converters and neurons", "verify", "digital periphery"]
GROUPS: tuple[Group, ...] = get_args(Group)
_LEVELS = 65_536  #: of Counts.conductance_up


@dataclass(frozen=True)
class Line:
    """One event of one array.

    Parameters
    ----------
    part, phase : of the usage. group, event : what happened, ``count`` times.
    energy : J; None if not modelled.
    formula : how it follows. set_name : of the cost set; coefficients : what was multiplied.
    """

    part: str
    phase: str
    group: Group
    event: str
    count: int
    energy: Amount | None
    formula: str
    set_name: str
    coefficients: tuple[Coefficient, ...] = ()


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

    def only(self, keep: Callable[[Line], bool]) -> Bill:
        """Return the bill of some lines."""
        return Bill(tuple(line for line in self.lines if keep(line)))


def price(usages: Iterable[Usage], memory: Mapping[str, CostSet], periphery: CostSet | None) -> Bill:
    """Return the bill of what arrays did.

    E = sum of count x coefficient; a pulse or a read without a coefficient of its own costs V^2 G t, for a pulse with G the
    conductance of the cell before it, summed over all pulses, for a read with the mean G of the array. Both are in units of
    g_max, and g_on of the cost set stands for g_max, so that one counted run can be priced on another memory.

    Parameters
    ----------
    memory : device -> cost set; a device without one is not modelled.
    periphery : converters, drivers and neurons; None leaves them out of the bill (not "not modelled": not asked for).
    """
    lines: list[Line] = []
    for usage in usages:
        cells = memory.get(usage.device)
        lines += _cells(usage, cells)
        if periphery is not None:
            lines += _periphery(usage, periphery)
    return Bill(tuple(line for line in lines if line.count))


def _cells(usage: Usage, costs: CostSet | None) -> list[Line]:
    counts, reading = usage.counts, usage.doing != "writing"
    group: Group = "verify" if usage.doing == "verifying" else "cells read" if reading else "cells programmed"

    def line(event: str, count: int, ways: Iterable[tuple[float, tuple[str, ...]]]) -> Line:
        """Price an event by the first of the ways for which all coefficients are there."""
        name = costs.name if costs else f"no cost set (device {usage.device})"
        for amount, wanted in ways:
            found = [costs.get(key) for key in wanted] if costs else [None]
            if all(found):
                given = tuple(one for one in found if one is not None)
                factors = (given[0], *given) if wanted[0].startswith(("voltage", "read_voltage")) else given  # V twice
                formula = f"{wanted[0]}^2 {' '.join(wanted[1:])} g/g_max" if len(wanted) > 1 else wanted[0]
                energy = Amount.of(*factors) * amount
                return Line(usage.part, usage.phase, group, event, count, energy, formula, name, given)
        formula = " nor ".join(" x ".join(wanted) for _, wanted in ways)
        return Line(usage.part, usage.phase, group, event, count, None, formula, name)

    def pulses(way: str, count: int, conductance: int) -> Line:
        law = (f"voltage_{way}", f"width_{way}", "g_on")
        return line(f"pulses {way}", count, [(count, (f"pulse_{way}",)), (conductance / _LEVELS, law)])

    law = ("read_voltage", "read_time", "g_on")
    return [
        pulses("up", counts.pulses_up, counts.conductance_up),
        pulses("down", counts.pulses_down, counts.conductance_down),
        line("cells read", counts.reads, [(counts.reads, ("read",)), (counts.reads * usage.level, law)]),
        line("capacitors charged", counts.charges, [(counts.charges, ("charge",))]),
    ]


def _periphery(usage: Usage, costs: CostSet) -> list[Line]:
    counts, verifying = usage.counts, usage.doing == "verifying"
    near: Group = "verify" if verifying else "converters and neurons"
    events = {
        "row_drive": ("lines driven", counts.row_drives),
        "conversion": ("conversions", counts.conversions),
        "neuron": ("activations", 0 if verifying else counts.conversions),
        "digital_op": ("digital operations", counts.digital_ops),
    }
    lines = []
    for key, (event, count) in events.items():
        one = costs.get(key)
        energy, given = (None, ()) if one is None else (Amount.of(one) * count, (one,))
        group: Group = "digital periphery" if key == "digital_op" else near
        lines.append(Line(usage.part, usage.phase, group, event, count, energy, key, costs.name, given))
    return lines
