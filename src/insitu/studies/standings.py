"""Where the entries of a league stand: a row each, with all that was counted; who is on the front; who was refused."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Unpack

from insitu.ledger.amount import Amount
from insitu.recipes.loading import as_overrides
from insitu.studies.assessed import System, Way
from insitu.studies.axes import Setting
from insitu.studies.entries import Division, Entry
from insitu.studies.swept import Row
from insitu.studies.tables import Wishes
from insitu.studies.tuned import Tuned


@dataclass(frozen=True)
class Refused:
    """An entry that cannot be run, and why."""

    system: str
    device: str
    scheme: str
    why: str

    @classmethod
    def of(cls, entry: Entry, why: str) -> Refused:
        """Return an entry that was refused."""
        return cls(entry.system, entry.device, entry.scheme, why)


def rows_of(
    division: Division, system: System, found: Mapping[str, Tuned], repeat: Callable[[Entry, Setting], str]
) -> tuple[list[Row], list[Refused]]:
    """Return a row of each entry that ran, the most accurate first, and those that did not.

    Parameters
    ----------
    repeat : returns the command that repeats an entry with the fields that tuning found.
    """
    rows, refused = [], []
    for entry, way in zip(division.entries, system.ways, strict=True):
        if way.accuracy is None:
            refused.append(Refused.of(entry, way.reason))
        else:
            tuned = found[entry.case]
            rows.append(_row(entry, way, system.ideal, tuned) | {"command": repeat(entry, tuned.changes)})
    best = front([_price(row) for row in rows])
    rows = [row | {"front": on} for row, on in zip(rows, best, strict=True)]
    return sorted(rows, key=lambda row: -row["mean"]), refused


def _row(entry: Entry, way: Way, ideal: float | None, tuned: Tuned) -> Row:
    assert way.accuracy is not None
    return {
        "system": entry.system,
        "device": entry.device,
        "scheme": entry.scheme,
        "seeds": len(way.accuracy.values),
        "mean": way.accuracy.mean,
        "sd": way.accuracy.sd,
        "ideal": ideal,
        "learns": way.learns,
        "held_back_stands": tuned.stands,
        "held_back_best": tuned.best,
        "pulses": way.pulses,
        "reads": way.reads,
        "digital_ops": way.digital_ops,
        "kept": entry.kept,
        **_flat("energy", way.energy),
        **_flat("seconds", way.seconds),
        "writes": way.writes,
        **_flat("trainings", way.trainings),
        "missing": "; ".join(way.missing),
        "tuned": ", ".join(f"{key}={value:.3g}" for key, value in tuned.changes.items()),
    }


def _flat(key: str, amount: Amount | None) -> Mapping[str, float | None]:
    return amount.columns(key) if amount is not None else dict.fromkeys((key, f"{key}_low", f"{key}_high"))


def _price(row: Row) -> tuple[float, ...] | None:
    """Return what is better small: error, energy, J, writes of a cell; None where it does not learn, or is not all priced."""
    if not row["learns"] or row["missing"]:
        return None
    return 1 - row["mean"], row["energy"], row["writes"] or 0.0


def front(points: Sequence[tuple[float, ...] | None]) -> list[bool]:
    """Return which points no other one beats: is as small in all coordinates, and smaller in one. None is no point."""

    def beaten(one: tuple[float, ...], by: tuple[float, ...]) -> bool:
        return by != one and all(b <= a for a, b in zip(one, by, strict=True))

    return [one is not None and not any(beaten(one, by) for by in points if by is not None) for one in points]


def again(
    entry: Entry, changes: Setting, *, examples: int | None, costs: Sequence[str], **wishes: Unpack[Wishes]
) -> str:
    """Return the command that runs an entry again with the fields that were found; empty where none can name its data."""
    data = wishes.get("data")
    if wishes.get("dataset") is not None or not isinstance(data, str | PathLike | None):
        return ""
    device, scheme = entry.given
    given = {"--system": entry.system, "--scheme": scheme, "--trials": 0, "--seeds": wishes["seeds"]}
    given |= {"--epochs": wishes.get("epochs"), "--examples": examples}
    given |= {"--data": data, "--data-dir": wishes.get("data_dir")}
    words = [word for option, value in given.items() if value is not None for word in (option, str(value))]
    several = {"--set": [*as_overrides(wishes.get("set")), *as_overrides(changes)], "--costs": costs}
    words += [word for option, values in several.items() for value in values for word in (option, value)]
    return shlex.join(["insitu", "league", device, *words, *(["--quick"] if wishes.get("quick") else [])])
