"""The whole account of a finished run: energy, time, wear and area, and the same training on computers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from insitu.errors import InputError
from insitu.ledger import costset
from insitu.ledger.amount import Amount, known_total, product, total
from insitu.ledger.bill import HALF_SELECT, Bill, Line, price
from insitu.ledger.costset import CostSet
from insitu.ledger.digital import batched, digital_energy, digital_seconds
from insitu.ledger.endurance import area, trainings
from insitu.ledger.latency import SCHEDULES, seconds
from insitu.ledger.usage import Accounts, Usage, Work, Worn
from insitu.units import si

if TYPE_CHECKING:
    from pandas import DataFrame

PERIPHERY = "periphery-28nm"
COMPUTERS = ("gpu-a100", "gpu-a100-tf32", "cpu-xeon", "asic-int8-45nm")
BATCH = 128  #: examples that computers take at once too
_STANDBY = "cells standing by"  #: the event of the energy that cells draw all the time
IN_BATCHES = f", batches of {BATCH}"  #: ends the name of a computer that does


@dataclass(frozen=True)
class Costs:
    """Which sets price what.

    Parameters
    ----------
    memory : device -> set. periphery : of converters, drivers and neurons. computers : for comparison.
    half_select : see :func:`insitu.ledger.bill.price`.
    """

    memory: Mapping[str, CostSet]
    periphery: CostSet | None
    computers: tuple[CostSet, ...]
    half_select: str | None = None

    @property
    def sets(self) -> list[CostSet]:
        """The sets that price arrays and what surrounds them, each once."""
        found = [*self.memory.values(), *([self.periphery] if self.periphery is not None else [])]
        return list({one.name: one for one in found}.values())

    @property
    def names(self) -> list[str]:
        """Their names."""
        return [one.name for one in self.sets]


def choose(devices: Iterable[str], given: str | Sequence[str] = (), half_select: str | None = None) -> Costs:
    """Return the cost sets for some devices: those of the library, where ``given`` names no others.

    Parameters
    ----------
    given : name or file, or several; a memory set prices all devices, or one as ``DEVICE=SET``; one periphery set; any
        number of digital ones.

    Raises
    ------
    InputError : a set is unknown or unusable, two price the same, a device is not in the run, or there is no such scheme of
        half-selection.
    """
    if half_select is not None and half_select not in HALF_SELECT:
        raise InputError(f"half_select: got '{half_select}'; allowed are {', '.join(HALF_SELECT)}")
    devices = list(dict.fromkeys(devices))
    memory: dict[str, CostSet] = {}
    others: dict[str, list[CostSet]] = {"periphery": [], "digital": []}
    for item in [given] if isinstance(given, str) else given:
        device, equals, name = item.rpartition("=")
        found = costset.load(name)
        if equals and device not in devices:
            raise InputError(f"--costs: got '{item}'; the run has no device '{device}', it has {', '.join(devices)}")
        if equals and found.kind != "memory":
            raise InputError(f"--costs: got '{item}'; {name} is a {found.kind} set, give it without a device")
        if found.kind != "memory":
            others[found.kind].append(found)
            continue
        for one in [device] if equals else devices:
            if one in memory:
                raise InputError(f"--costs: {memory[one].name} and {found.name} both price {one}; give one of them")
            memory[one] = found
    periphery = others["periphery"] or [costset.load(PERIPHERY)]
    if len(periphery) > 1:
        both = " and ".join(one.name for one in periphery)
        raise InputError(f"--costs: {both} are both peripheries; give one of them")
    library = {device: costset.memory_of(device) for device in devices if device not in memory}
    memory |= {device: known for device, known in library.items() if known is not None}
    return Costs(memory, periphery[0], tuple(others["digital"] or map(costset.load, COMPUTERS)), half_select)


@dataclass(frozen=True, repr=False)
class Statement:
    """What a run costs.

    Parameters
    ----------
    bill : of all phases. learning : of learning alone.
    images : shown while learning.
    seconds : schedule -> doing -> time of learning, s. trainings : part -> until 1 % of its cells are past their rating.
    area : m^2. computers : name, and that in batches -> arithmetic, memory, launches, J, and ``seconds``.
    image_seconds : by which an example aged cells that leak or drift, s; None if none does.
    run : folder of the run, where it is known. example : what one of the images is called, where that is known.
    """

    costs: Costs
    bill: Bill
    learning: Bill
    images: int
    seconds: Mapping[str, Mapping[str, Amount | None]]
    trainings: Mapping[str, Amount | None]
    area: Amount | None
    computers: Mapping[str, Mapping[str, Amount | None]]
    image_seconds: float | None = None
    run: str = ""
    example: str | None = None

    @property
    def seconds_apart(self) -> str:
        """What to say where cells aged by another time than images take, three times more or less; else nothing."""
        whole = known_total([*self.seconds["parallel"].values()])
        if whole is None or self.image_seconds is None or not self.images or not whole.value:
            return ""
        takes = whole.value / self.images
        if 1 / 3 < takes / (self.image_seconds or 1e-300) < 3:
            return ""
        return (
            f"The cells aged by {si(self.image_seconds, 's')} an example, which takes {si(takes, 's')} here, all lines at "
            "once: set chip.image_seconds to that, and run again."
        )

    @property
    def energy(self) -> Amount:
        """Energy of learning, all that is modelled, J."""
        return self.learning.energy

    @property
    def standby(self) -> Amount | None:
        """What cells draw while arrays learn one after the other, all lines at once, J; None if it is not modelled."""
        return known_total(line.energy for line in self.learning.lines if line.event == _STANDBY)

    @property
    def table(self) -> DataFrame:
        """Energy of learning by what it goes into, J: ``low``, ``value``, ``high``, and ``share`` of the whole."""
        from pandas import DataFrame

        groups = self.learning.by(lambda line: line.group) | {"all that is modelled": self.energy}
        whole = self.energy.value or 1.0
        return DataFrame({name: asdict(one) | {"share": one.value / whole} for name, one in groups.items()}).T

    def __repr__(self) -> str:
        left = f", {len(self.bill.missing)} things not modelled" if self.bill.missing else ""
        return f"<energy of learning {self.energy.show('J')}, with {', '.join(self.costs.names)}{left}>"

    def __str__(self) -> str:
        return f"{self!r}\n{self.table.to_string(float_format='{:.3g}'.format)}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self)[1:-1])}</p>{self.table.to_html(float_format='{:.3g}'.format)}"

    def computer_energy(self, name: str) -> Amount:
        """Return the sum of what is modelled of a computer, J."""
        parts = self.computers[name]
        return total(amount for key, amount in parts.items() if key != "seconds" and amount is not None)

    def as_dict(self) -> dict[str, Any]:
        """Return it for a JSON file."""

        def plain(value: Any) -> Any:
            if isinstance(value, Mapping):
                return {name: plain(one) for name, one in value.items()}
            return asdict(value) if isinstance(value, Amount) else value

        found = {
            **({"run": self.run} if self.run else {}),
            "costs": self.costs.names,
            "half_select": self.costs.half_select,
            "energy": self.learning.energy,
            "energy_all_phases": self.bill.energy,
            "by_group": self.learning.by(lambda line: line.group),
            "by_part": self.learning.by(lambda line: line.part),
            "missing": list(self.bill.missing),
            "images": self.images,
            "seconds": self.seconds,
            "image_seconds": self.image_seconds,
            "trainings": self.trainings,
            "standby": self.standby,
            "area": self.area,
            "computers": {
                name: {**parts, "energy": self.computer_energy(name)} for name, parts in self.computers.items()
            },
        }
        keys = ("part", "phase", "group", "event", "count", "formula", "energy")
        lines = [plain({key: getattr(line, key) for key in keys}) | {"set": line.set_name} for line in self.bill.lines]
        return {key: plain(one) for key, one in found.items()} | {"lines": lines}


def statement(accounts: Accounts, costs: Costs) -> Statement:
    """Return what the arrays of a run cost, and the same training on computers."""
    phases: dict[str, list[Usage]] = {}
    for usage in accounts.usages:
        phases.setdefault(usage.phase, []).append(usage)
    lines = price(accounts.usages, costs.memory, costs.periphery, costs.half_select).lines
    bill = Bill((*lines, *(line for phase in phases.items() for line in _static(*phase, accounts.worn, costs))))
    learning = phases.get("learning", [])
    spent: dict[str, Mapping[str, Amount | None]] = {
        s: seconds(learning, costs.memory, costs.periphery, s) for s in SCHEDULES
    }
    works = [*accounts.work.values()]
    batches = {"": works, IN_BATCHES: [batched(work, BATCH) for work in works]}
    return Statement(
        costs,
        bill,
        bill.only(lambda line: line.phase == "learning"),
        sum(work.images for work in accounts.work.values()),
        spent,
        {worn.part: trainings(worn, costs.memory) for worn in accounts.worn},
        area(accounts.worn, costs.memory),
        {one.name + how: _in_software(some, one) for one in costs.computers for how, some in batches.items()},
        accounts.image_seconds,
        example=accounts.example,
    )


def _in_software(works: Sequence[Work], computer: CostSet) -> dict[str, Amount | None]:
    """Return what a computer spends on the arithmetic of some networks, J and s, as in :class:`Statement`."""
    parts = [digital_energy(work, computer) for work in works]
    energies = {key: known_total([part[key] for part in parts]) for key in parts[0]} if parts else {}
    return energies | {"seconds": known_total([digital_seconds(work, computer) for work in works])}


def _static(phase: str, usages: Sequence[Usage], worn: Sequence[Worn], costs: Costs) -> list[Line]:
    """Return what periphery and cells draw all the time, P t, while arrays work one after the other, all lines at once."""
    time = known_total(seconds(usages, costs.memory, costs.periphery, "parallel").values())
    found = []
    if costs.periphery is not None:
        names = "static_power x time", costs.periphery.name
        for usage in {usage.part: usage for usage in usages}.values():
            count = usage.rows + usage.planes * usage.columns
            power = product(costs.periphery, "static_power", times=count)
            drawn = None if power is None or time is None else power * time
            found.append(Line(usage.part, phase, "static power", "lines standing by", count, drawn, *names))
    for array in worn:
        power = product(costs.memory.get(array.device), "standby", times=array.cells)
        if power is not None and power.high:  # else the cells keep without it
            kept, names = None if time is None else power * time, ("standby x time", costs.memory[array.device].name)
            found.append(Line(array.part, phase, "static power", _STANDBY, array.cells, kept, *names))
    return found


def statement_of(accounts: Accounts, given: str | Sequence[str] = (), half_select: str | None = None) -> Statement:
    """Return what a run costs, with the sets of its devices where ``given`` names no others; see :func:`choose`."""
    return statement(accounts, choose((usage.device for usage in accounts.usages), given, half_select))
