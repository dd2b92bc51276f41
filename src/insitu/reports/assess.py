"""What a device is good for: tables, sentences and a figure; systems as :class:`insitu.studies.assessed.System`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from insitu.measure.diagnosing import diagnose
from insitu.reports.canvas import BLACK, BLUE, ORANGE, own_style, save, titled
from insitu.reports.numbers import large
from insitu.reports.study_tables import points
from insitu.reports.tables import Column, Table, numbers, words
from insitu.units import si

#: in a note of a fit, for a number that is not known
_OPEN = ("not determined", "not measured", "bound", "the end of what was seen")


def systems_table(systems: Sequence[Any]) -> Table:
    """Return one line a system and way of writing, and one of the device most like it."""
    columns = (
        *words("System", "Written by"),
        Column("Correct"),
        Column("Energy"),
        *numbers("Time", unit="s"),
        *numbers("Writes", "Trainings"),
        *words("Verdict"),
    )
    lines = []
    for one in systems:
        for way in (*one.ways, *([one.like] if one.like else [])):
            name = f"the best, on {way.name}" if way is one.like else way.name
            lines.append([one.recipe, name, *_numbers(way), _verdict(way)])
    note = (
        "Energy and time of learning, all lines at once; writes of a cell, 99th percentile; trainings until 1 % of the "
        "cells are past their rating; *: without what no cost set prices"
    )
    return Table("Systems and ways of writing", columns, lines, note=note)


def _numbers(way: Any) -> list[Any]:
    if way.accuracy is None:
        return [None] * 5
    scored = f"{points(way.accuracy.mean, way.accuracy.sd, sign='')} %"
    energy = way.energy and si(way.energy.value, "J") + " *" * bool(way.missing)
    return [scored, energy, way.seconds and way.seconds.value, way.writes, way.trainings and way.trainings.value]


def _verdict(way: Any) -> str:
    if way.accuracy is None:
        return f"refused: {way.reason}" if way.reason else "refused"
    return "learns" if way.learns else "does not learn"


def gains_table(systems: Sequence[Any]) -> Table:
    """Return one line a system and property: its value, and what twice as good and ideal buy, points and standard error."""
    columns = (*words("System", "Property"), *numbers("Now", "Twice as good", "Ideal"))
    lines = []
    for one in systems:
        for gain in one.gains:
            bought = (_bought(gained, gain.error) for gained in (gain.better, gain.ideal))
            lines.append([one.recipe, gain.quality.what, large(gain.quality.value), *bought])
    return Table("What a better property buys (points ± standard error), the most first", columns, lines)


def _bought(gained: float | None, error: float | None) -> str | None:
    return None if gained is None else points(gained, error)


def sentences(given: Any, like: str, systems: Sequence[Any]) -> list[str]:
    """Return the decision in words: how to train, what it costs, what to improve first, what to measure next.

    Parameters
    ----------
    given : the parameter set. like : name of the device most like it.
    """
    told = [_system(one, given, like) for one in systems]
    missing = dict.fromkeys(left.partition(":")[0] for one in systems if one.chosen for left in one.chosen.missing)
    left = f"Energy leaves out what no cost set prices ({', '.join(missing)}): give a set with --costs."
    return [*told, *([left] if missing else []), *_measure_next(given, systems)]


def _system(one: Any, given: Any, like: str) -> str:
    best = one.chosen
    if best is None:
        reasons = "; ".join(dict.fromkeys(way.reason for way in one.ways if way.reason))
        return f"{one.recipe}: no way of writing runs on {given.name}: {reasons}."
    scored = f"{100 * best.accuracy.mean:.1f} % {one.judged.named()}"
    ideal = "" if one.ideal is None else f", {100 * one.ideal:.1f} % with ideal devices"
    if not best.learns:
        return f"{one.recipe}: does not learn on {given.name}: {best.name} comes to {scored}{ideal}. {_figures(given)}"
    price = (
        "" if best.energy is None or not best.energy.value else f", {Column('', unit='J').text(best.energy)} to learn"
    )
    price += ", not all of it priced" * bool(price and best.missing)
    beside = ""
    if one.like is not None and one.like.accuracy is not None:
        beside = f" The device most like it, {like}, comes to {100 * one.like.accuracy.mean:.1f} %."
    return f"{one.recipe}: train it by {best.name}: {scored}{ideal}{price}.{beside} {_improve(one)}".rstrip()


def _improve(one: Any) -> str:
    """Return what to improve first: the property that buys most, if that is more than chance; nothing if none was tried."""
    if not one.gains:
        return ""
    if one.chosen is not None and len(one.chosen.accuracy.values) < 2:
        return "One seed does not tell what to improve first."
    first = next((gain for gain in one.gains if gain.sure), None)
    if first is None:
        return "No property, made better, buys more than two standard errors."
    known = {"twice as good": first.better, "ideal": first.ideal}
    ways = [f"{way} buys {_bought(gained, first.error)} points" for way, gained in known.items() if gained is not None]
    return f"Improve first {first.quality.what}, now {large(first.quality.value)}: {', '.join(ways)}."


def _figures(given: Any) -> str:
    """Return the figures of merit that decide whether a device learns."""
    found = diagnose(given.device)
    known = {"levels that noise does not hide": found.levels, "step over its scatter": found.snr}
    known |= {"asymmetry": found.asymmetry}
    return "Its " + ", ".join(f"{name}: {large(value)}" for name, value in known.items() if value is not None) + "."


def _measure_next(given: Any, systems: Sequence[Any]) -> Iterator[str]:
    """Yield what is not known of the device, where what it stands for matters in some system first."""
    notes = {field: one.note for field, one in given.provenance.items()}
    unknown = {field: note for field, note in notes.items() if any(word in note for word in _OPEN)}
    matters = {gain.quality.name for one in systems for gain in one.gains if gain.sure}
    for field, note in sorted(unknown.items(), key=lambda item: item[0].rpartition(".")[2] not in matters):
        weight = ", and it matters" if field.rpartition(".")[2] in matters else ""
        yield f"Measure next {field}: {note}{weight}."


@own_style()
def draw_assessment(systems: Sequence[Any], path: Path, *, title: str) -> Path:
    """Draw a line of two panels a system, as a PNG file.

    Parameters
    ----------
    systems : :class:`insitu.studies.assessed.System`. Left: correct (%), mean and standard deviation over the seeds, of each
        way of writing; right, where that was tried: points that a property buys, mean and standard error, twice as good and
        ideal.
    """
    sides = 2 if any(one.gains for one in systems) else 1
    heights = [max(len(one.ways) + 1, len(one.gains)) + 2 for one in systems]
    tall = 0.6 + 0.3 * sum(heights)
    figure, grid = titled(title, 6.25 * sides, tall, len(systems), sides, squeeze=False, height_ratios=heights)
    for row, one in zip(grid, systems, strict=True):
        for draw, axes in zip((_ways, _gains), row, strict=False):
            draw(axes, one)
    return save(figure, path)


def _ways(axes: Any, one: Any) -> None:
    shown = [*one.ways, *([one.like] if one.like else [])]
    for place, way in enumerate(shown):
        if way.accuracy is None:
            axes.annotate(" refused", (0, place), xycoords=("axes fraction", "data"), va="center", fontsize=8)
            continue
        color = BLACK if way is one.like else BLUE if way.name == one.best else ORANGE
        spread = 100 * (way.accuracy.sd or 0.0)
        axes.errorbar(100 * way.accuracy.mean, place, xerr=spread, fmt="o", color=color, capsize=3)
    if one.ideal is not None:
        axes.axvline(100 * one.ideal, color=BLACK, ls="--", lw=1)
    names = [f"{way.name}, {one.best}" if way is one.like else way.name for way in shown]
    axes.set_yticks(range(len(shown)), names, fontsize=9)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_title(one.recipe, loc="left", fontsize=10)
    axes.set_xlabel(f"{one.judged.named()} (%)", fontsize=9, wrap=True)
    axes.grid(axis="x", color="0.92")


def _gains(axes: Any, one: Any) -> None:
    axes.axvline(0, color=BLACK, lw=0.8)
    for shift, way, color in ((-0.15, "better", BLUE), (0.15, "ideal", ORANGE)):
        known = [(place, getattr(gain, way)) for place, gain in enumerate(one.gains) if getattr(gain, way) is not None]
        if known:
            axes.errorbar(
                [100 * gained for _, gained in known],
                [place + shift for place, _ in known],
                xerr=100 * (one.gains[0].error or 0.0),
                fmt="o", ms=5, color=color, capsize=2, label="twice as good" if way == "better" else "ideal",
            )  # fmt: skip
    axes.set_yticks(range(len(one.gains)), [gain.quality.what for gain in one.gains], fontsize=8)
    axes.set_ylim(max(len(one.gains), 1) - 0.4, -0.6)
    axes.set_title(f"written by {one.best}" if one.best else "", loc="left", fontsize=10)
    axes.set_xlabel("what a better property buys (points)", fontsize=9)
    axes.grid(axis="x", color="0.92")
    if one.gains:
        axes.legend(fontsize=8, framealpha=0.7, edgecolor="none", loc="best")
