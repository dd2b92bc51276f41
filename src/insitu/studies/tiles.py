"""How large may a tile be? Wires lose more in large tiles, converters cost more in many small ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Unpack

from insitu.errors import require_between, require_whole
from insitu.ledger.bill import Group
from insitu.ledger.statement import statement_of
from insitu.ledger.usage import accounts_of
from insitu.recipes import registry
from insitu.reports.captions import TITLES
from insitu.reports.tile_figures import draw_tiles
from insitu.reports.tile_tables import tile_tables, tile_verdicts
from insitu.studies.axes import Case, Setting, require_each_once
from insitu.studies.compared import by_seed, compare
from insitu.studies.priced import mean
from insitu.studies.study import Study
from insitu.studies.sweep import run_cases
from insitu.studies.swept import Row, Sweep, write_rows
from insitu.studies.tables import Wishes, planned, tables

SIZES, OHMS, BITS = (16, 32, 64, 128, 256), (0.5, 1.0, 2.0, 5.0), (4, 5, 6, 7, 8)
LIMIT = 0.01  #: accuracy that may be lost, ours
_CONVERTERS: Group = "converters and neurons"


def tiles(
    recipe: str,
    *,
    sizes: Sequence[int] = SIZES,
    ohms: Sequence[float] = OHMS,
    bits: Sequence[int] = BITS,
    with_ohm: float = 1.0,
    limit: float = LIMIT,
    costs: Sequence[str] = (),
    **wishes: Unpack[Wishes],
) -> Study:
    """Train a recipe on tiles of several sizes; leave tiles.csv, tiles.json and tiles.png in a folder.

    Once with wires of several resistances between ideal converters, and once with ADCs of several bits behind wires of one;
    sums of tiles are converted one by one. What is lost is against the recipe as it stands, seed by seed.

    Parameters
    ----------
    sizes : cells along the sides of a tile. ohms : between neighbouring cells. bits : of the ADC; with_ohm : of their wires.
    limit : accuracy that may be lost. costs : sets that price the runs, see :func:`insitu.ledger.statement.choose`.
    wishes : see :class:`insitu.studies.tables.Wishes`; by default five seeds.

    Raises
    ------
    InputError : a size, a resistance or a field is unusable. RunError : the folder cannot be written.
    """
    _check(sizes, ohms, bits, with_ohm, limit)
    plan = planned(recipe, "tiles", **wishes)
    base, known = registry.resolved(recipe, plan["overrides"]), tables(recipe)
    judged = known.task(base).judged(base)
    sizes = sorted(sizes)
    settings: list[tuple[int, float, int | None]] = [(size, ohm, None) for ohm in ohms for size in sizes]
    settings += [(size, with_ohm, count) for count in bits for size in sizes]
    cases = [Case(_labels(None, None, None), known.always)]
    cases += [Case(_labels(*one), known.always | _fields(*one)) for one in settings]
    record = {"sizes": list(sizes), "ohms": list(ohms), "bits": list(bits), "with_ohm": with_ohm, "limit": limit}
    sweep = run_cases(recipe, cases, record=record, **plan)
    judged = sweep.in_words(judged)
    rows = _rows(sweep, judged.key, costs)
    about = (
        f"tiles of {sweep.title}",
        sweep.folder,
        [sweep],
        {**sweep.head, "of": judged.key, "limit": limit, "tiles": rows},
    )
    trial = wishes.get("quick", False)
    if not rows:
        return Study(*about, [], [], trial)
    write_rows(sweep.folder, rows, "tiles")
    figure = sweep.folder / "tiles.png"
    title = TITLES["tiles"].format(of=sweep.title, what=judged.named())
    draw_tiles(rows, limit, figure, title=title)
    shown = [replace(one, title=f"{sweep.title}, {judged.named()}: {one.title}") for one in tile_tables(rows)]
    places = f"Figure: {figure}; all points: tiles.csv; one row a run: rows.csv"
    return Study(*about, shown, [*tile_verdicts(rows, limit), places], trial)


def _check(sizes: Sequence[int], ohms: Sequence[float], bits: Sequence[int], with_ohm: float, limit: float) -> None:
    """Raise InputError unless tiles can be made of these."""
    for name, values in (("sizes", sizes), ("ohms", ohms), ("bits", bits)):
        require_each_once(name, values)
    for size in sizes:
        require_whole("sizes", size, 1)
    for ohm in (*ohms, with_ohm):
        require_between("ohms", ohm, 0, 1e9, unit="ohm", optional=False)
    for count in bits:
        require_whole("bits", count, 2, 24)
    require_between("limit", limit, 0, 1, optional=False)


def _labels(size: int | None, ohm: float | None, bits: int | None) -> Setting:
    return {"tile": size, "ohm": ohm, "bits": bits}


def _fields(size: int, ohm: float, bits: int | None) -> Setting:
    """Return the fields of a recipe for tiles of this size."""
    wires = {f"chip.{name}": ohm or "off" for name in ("row_ohm", "column_ohm")}
    sides = {"chip.tile_rows": size, "chip.tile_columns": size, "chip.partial_sums": "digital"}
    return wires | sides | {"chip.adc_bits": bits or "off"}


def _rows(sweep: Sweep, key: str, costs: Sequence[str]) -> list[Row]:
    """Return accuracy, loss and energy of each setting of tiles of which a run succeeded."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for place, row in enumerate(sweep.rows):
        groups.setdefault((row["tile"], row["ohm"], row["bits"]), []).append(place)
    stands = by_seed([sweep.rows[place] for place in groups.get((None, None, None), [])], key)
    found = []
    for labels, places in groups.items():
        one = compare([sweep.rows[place] for place in places], stands, key)
        if one is None:
            continue
        bills = [statement_of(accounts_of(sweep.results[at], f"{sweep.folder}"), costs).learning for at in places]
        energy = mean([bill.energy for bill in bills])
        converted = mean([bill.only(lambda line: line.group == _CONVERTERS).energy for bill in bills])
        accuracy = {name: getattr(one, name) for name in ("mean", "sd", "difference", "difference_sd")}
        joule = {"joule": energy.value, "joule_low": energy.low, "joule_high": energy.high}
        row = _labels(*labels) | {"seeds": len(one.values)} | accuracy | joule | {"converters": converted.value}
        found += [row] if row["tile"] else []
    return found
