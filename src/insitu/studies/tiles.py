"""How large may a tile be? Wires lose more in large tiles, converters cost more in many small ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Unpack

from insitu.errors import require_between, require_whole
from insitu.ledger.bill import Group
from insitu.ledger.statement import statement_of
from insitu.ledger.usage import accounts_of
from insitu.recipes import registry
from insitu.reports.captions import TITLES
from insitu.reports.tiles import draw_tiles, tile_tables, tile_verdicts
from insitu.studies.axes import Case, Setting, require_each_once
from insitu.studies.compared import by_seed, compare
from insitu.studies.priced import mean
from insitu.studies.study import Study, of_one_recipe
from insitu.studies.sweep import run_cases
from insitu.studies.swept import Row, Sweep
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
    sizes = sorted(sizes)
    settings: list[Setting] = [{"tile": size, "ohm": ohm, "bits": None} for ohm in ohms for size in sizes]
    settings += [{"tile": size, "ohm": with_ohm, "bits": count} for count in bits for size in sizes]
    cases = [Case({"tile": None, "ohm": None, "bits": None}, known.always)]
    cases += [Case(labels, known.always | _fields(**labels)) for labels in settings]
    record = {"sizes": sizes, "ohms": list(ohms), "bits": list(bits), "with_ohm": with_ohm, "limit": limit}
    sweep = run_cases(recipe, cases, record=record, **plan)
    judged = sweep.in_words(known.task(base).judged(base))
    rows = _rows(sweep, settings, judged.key, costs)
    found = {"of": judged.key, "limit": limit, "tiles": rows}
    shown = [replace(one, title=f"{sweep.title}, {judged.named()}: {one.title}") for one in tile_tables(rows)]
    over = sweep.seeded("mean ± standard deviation over the seeds")
    title = TITLES["tiles"].format(of=sweep.title, what=judged.named(), seeds=over)
    draw = partial(draw_tiles, rows, limit, title=title)
    says = tile_verdicts(rows, limit)
    return of_one_recipe("tiles", sweep, rows, found, shown, draw, says=says, called="all points")


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


def _fields(tile: int, ohm: float, bits: int | None) -> Setting:
    """Return the fields of a recipe for tiles of this size."""
    wires = {f"chip.{name}": ohm or "off" for name in ("row_ohm", "column_ohm")}
    sides = {"chip.tile_rows": tile, "chip.tile_columns": tile, "chip.partial_sums": "digital"}
    return wires | sides | {"chip.adc_bits": bits or "off"}


def _rows(sweep: Sweep, settings: Sequence[Setting], key: str, costs: Sequence[str]) -> list[Row]:
    """Return accuracy, loss and energy of each setting of tiles of which a run succeeded."""
    stands = by_seed(sweep.only(tile=None).rows, key)
    found = []
    for labels in settings:
        some = sweep.only(**labels)
        one = compare(some.rows, stands, key)
        if one is not None:
            bills = [statement_of(accounts_of(result, f"{sweep.folder}"), costs).learning for result in some.results]
            energy = mean([bill.energy for bill in bills])
            converted = mean([bill.only(lambda line: line.group == _CONVERTERS).energy for bill in bills])
            found.append(labels | one.row | energy.columns("joule") | {"converters": converted.value})
    return found
