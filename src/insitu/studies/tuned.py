"""The entries of a league, each tuned with the same number of trials on what is held back from training."""

from __future__ import annotations

from dataclasses import dataclass

from insitu import terminal
from insitu.studies.axes import Case, Setting
from insitu.studies.entries import Division, Entry
from insitu.studies.over import ranges
from insitu.studies.search import Search, best_of
from insitu.studies.sweep import run_cases
from insitu.studies.swept import Row
from insitu.studies.tables import tables
from insitu.studies.tune import held_back


@dataclass(frozen=True)
class Tuned:
    """What tuning an entry found.

    Parameters
    ----------
    changes : fields that do better than those of the recipe and the scheme; none if nothing did.
    stands, best : what is named correctly of the images held back, with the fields as they stand and with these; None
        where nothing was tried, or all trials failed.
    """

    changes: Setting
    stands: float | None = None
    best: float | None = None


def tuned(division: Division, trials: int) -> dict[str, Tuned]:
    """Return what tuning found, by case; an entry of which every trial of the first lot failed is tried no further.

    All entries are tuned at once, each by a search of its own, with one seed a trial.
    """
    plan, known = division.placed.plan, tables(division.system)
    base = division.resolved({})
    held = held_back(known.task(base).key, base, len(plan["dataset"].train_images))
    how = plan | {"overrides": [*plan["overrides"], *held], "seeds": 1, "out": plan["out"] / "tuning"}
    searches = {entry.case: _search(division, entry, held, trials) for entry in division.entries}
    key = known.task(base).judged(division.resolved({}, held)).key
    while lots := {name: lot for name, search in searches.items() if (lot := _ask(search))}:
        cases = [
            Case({"case": entry.case, "trial": number}, entry.changes | changes)
            for entry in division.entries
            for number, changes in lots.get(entry.case, {}).items()
        ]
        last = max(number for lot in lots.values() for number in lot) + 1
        terminal.note(f"{division.system}: trials up to {last} of {trials}", quiet=plan.get("quiet", False))
        sweep = run_cases(division.system, cases, **how)
        for name, lot in lots.items():
            searches[name].tell({at: [row[key] for row in sweep.only(case=name, trial=at).rows] for at in lot})
    return {name: _best(search.rows) for name, search in searches.items()}


def _search(division: Division, entry: Entry, held: list[str], trials: int) -> Search:
    base = division.resolved(entry.changes, held)
    return Search(ranges((), tables(division.system).task(base).tune, base), trials, base)


def _ask(search: Search) -> dict[int, Setting]:
    return {} if search.rows and best_of(search.rows) is None else search.ask()


def _best(rows: list[Row]) -> Tuned:
    best = best_of(rows)
    if best is None:
        return Tuned({})
    fields = {key: value for key, value in best.items() if key not in ("trial", "mean", "seeds")}
    return Tuned(fields if best["trial"] else {}, rows[0]["mean"], best["mean"])
