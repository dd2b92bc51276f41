"""Devices as tables: the library, every number of one, what a network will feel of it, and how a fit found it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from insitu.reports.captions import MERITS
from insitu.reports.tables import Column, Table, numbers, words

if TYPE_CHECKING:
    from insitu.devices.library import ParameterSet
    from insitu.measure.comparing import Candidate
    from insitu.measure.diagnosing import Diagnosis
    from insitu.measure.merits import Merit
    from insitu.measure.searching import Estimate
    from insitu.measure.varying import Condition


def library_table(groups: Mapping[str, Sequence[ParameterSet]]) -> Table:
    """Return the library, one line a device, by kind of memory."""
    rows = [row for kind, sets in groups.items() for row in ((kind, ""), *((f"  {s.name}", s.summary) for s in sets))]
    note = (
        "insitu devices NAME shows one; insitu run RECIPE --device NAME trains on it; your own .py or .toml file too."
    )
    return Table("Memory devices", words("Name", "What it is"), rows, note)


def device_table(shown: ParameterSet) -> Table:
    """Return every number of a device with its origin; source and validity beneath."""
    from insitu.devices.library import numbers as numbers_of

    rows = []
    for field, value in numbers_of(shown.device).items():
        unit, origin = shown.device.units.get(field, ""), shown.provenance[field]
        column = Column("", unit, "" if unit else "g")
        values = value if isinstance(value, tuple) else (value,)
        ends = " ... ".join(column.text(end) for end in (values[0], values[-1])[: len(values)])
        rows.append((field, f"{len(values)} values, {ends}" if len(values) > 1 else ends, origin.tag, origin.note))
    columns = (*words("Parameter"), Column("Value"), *words("Origin", "Where it comes from"))
    return Table(
        f"{shown.name}: {shown.summary}", columns, rows, f"Source: {shown.source}\n\nValid: {shown.validity}\n"
    )


def merit_table(found: Diagnosis, sure: Mapping[str, Merit] | None = None) -> Table:
    """Return the figures of merit of a device, with their errors where it was fitted."""
    value, title = Column("Value", form=",.4g"), "What a network will feel"
    known = {key: given for key in MERITS if (given := getattr(found, key)) is not None or key in (sure or {})}
    if sure is None:
        return Table(title, (*words("What"), value), [(MERITS[key], given) for key, given in known.items()])
    rows = [(MERITS[key], given, sure[key].error, sure[key].remark) for key, given in known.items()]
    return Table(title, (*words("What"), value, Column("±", form=",.2g"), *words("Remark")), rows)


def estimates_table(title: str, estimates: Mapping[str, Estimate], units: Mapping[str, str]) -> Table:
    """Return every number of a fit with its error."""
    rows = []
    for key, one in estimates.items():
        column = Column("", unit := units.get(key, ""), "" if unit else ".3g")
        rows.append((key, *map(column.text, (one.value, one.error, one.start)), one.remark))
    note = "± is one standard error. Numbers without one are at a bound, not determined, or of a single device."
    return Table(title, (*words("Number"), *numbers("Value", "±", "Start"), *words("Remark")), rows, note)


def conditions_table(conditions: Sequence[Condition]) -> Table:
    """Return the steps at each amplitude and width that was fitted."""
    rows = [
        (one.where(), one.pulses, one.step, one.error, one.measured, one.measured_error) for one in conditions
    ]  # fmt: skip
    columns = (
        *words("Pulses"), Column("Number", form=",.0f"), Column("First step", "S"), Column("±", "S"),
        *numbers("Measured / law", "±", form=".2f"),
    )  # fmt: skip
    note = "Measured / law is what the pulses of that amplitude and width say by themselves."
    return Table("Steps over amplitude and width", columns, rows, note)


def laws_table(candidates: Sequence[Candidate]) -> Table:
    """Return the laws that were fitted with what they were judged by, the best first."""
    best = min(one.bic for one in candidates)
    rows = [
        (one.fit.family.name, one.compared.parameters, one.compared.log_likelihood, one.bic - best, one.held_out,
         "scatter at its limit" if one.strained else "")
        for one in candidates
    ]  # fmt: skip
    scores = *numbers("ln L", "BIC above the lowest", form=",.1f"), Column("Held out, ln L a pulse", form=".4f")
    columns = (*words("Law"), Column("Free numbers"), *scores, *words("Remark"))
    shown = [place for place, column in enumerate(columns) if any(row[place] not in (None, "") for row in rows)]
    lines = [[row[place] for place in shown] for row in rows]
    return Table("Laws, the best first", [columns[place] for place in shown], lines)
