"""From a device to a decision: which systems can train on it, how, at what price, and what of it to improve first."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Unpack

from insitu import datasets, terminal
from insitu.devices.library import ParameterSet, load
from insitu.errors import InputError, require_bool
from insitu.recipes import registry
from insitu.recipes.axes import SCHEMES
from insitu.reports.assess import draw_assessment, gains_table, sentences, systems_table
from insitu.reports.captions import TITLES
from insitu.reports.map_figures import draw_maps
from insitu.reports.numbers import counted
from insitu.runs.code import built_of, code_of
from insitu.runs.folder import require_no_run
from insitu.studies.assessed import System, judged_systems, of_system
from insitu.studies.axes import Case
from insitu.studies.maps import pairs_of, requirement_map
from insitu.studies.neighbours import nearest
from insitu.studies.placed import SYSTEMS, placed, require_known
from insitu.studies.qualities import qualities
from insitu.studies.study import Study, for_file
from insitu.studies.sweep import run_cases
from insitu.studies.tables import Wishes, planned, tables

_TRIAL = "A trial: small networks, on the embedded digits and few words; without --quick it is whole trainings."


def assess(
    device: str | PathLike[str],
    *,
    systems: Sequence[str] = (),
    maps: Sequence[str] = (),
    costs: Sequence[str] = (),
    improve: bool = True,
    **wishes: Unpack[Wishes],
) -> Study:
    """Say what a device is good for; leave assess.json and assess.png in a folder, and below it the runs of each system.

    In each system the device takes the place of its own, and all ways of writing are tried on it. With the best one, the
    device of the library that is most like it is run too, and the device again with one property after the other twice as
    good, and ideal.

    Parameters
    ----------
    device : name in the library, or a file; see :func:`insitu.load`. Unless ``out`` is given, the folder has its name, and of
        a file the first letters of a hash of what is in it.
    systems : of :data:`insitu.studies.placed.SYSTEMS`; all if none is named.
    maps : pairs of properties such as ``steps,asymmetry``, each a map of what is lost in every system, on its trial network
        and the embedded digits, see :func:`insitu.studies.maps.requirement_map`; ``default`` are those of
        :data:`insitu.studies.maps.DEFAULT`.
    costs : sets that price the runs, see :func:`insitu.ledger.statement.choose`.
    improve : whether better devices are run too, to say what to improve first.
    wishes : see :class:`insitu.studies.tables.Wishes`; by default three seeds. ``set`` and ``epochs`` are of all systems.

    Raises
    ------
    InputError : the device, a system or a field is unusable. RunError : the folder cannot be written.
    """
    device = os.fspath(device)
    systems, given = tuple(dict.fromkeys(systems)) or SYSTEMS, load(device)
    wishes.setdefault("seeds", 3)
    pairs = pairs_of(maps, device)
    quick = wishes.get("quick", False)
    folder = Path(wishes.get("out") or Path("sweeps") / f"assess-{_called(device, given)}{'-quick' * quick}")
    require_no_run(folder)
    _check(systems, costs, improve, wishes)
    if not quick:
        _find_data(wishes)
    like = nearest(given)
    found = []
    for n, name in enumerate(systems, 1):
        turn, how = f"System {n} of {len(systems)}, {name}", wishes | {"out": folder / name}
        found.append(_system(name, device, given, like, costs, improve, turn, **how))
    shown = [systems_table(found), *([gains_table(found)] if improve else [])]
    says = [*([_TRIAL] if quick else []), *sentences(given, like.name, found)]
    facts: dict[str, Any] = {"device": given.name, "like": like.name, "title": f"{given.name}: what it is good for"}
    facts |= {"tables": list(map(for_file, shown)), "sentences": says, "systems": [one.as_dict() for one in found]}
    facts["maps"] = []
    figure, sweeps = folder / "assess.png", [one.sweep for one in found]
    places = f"Figure: {figure}; all numbers: {folder / 'assess.json'}"
    study = Study(f"assessment of {given.name}", folder, sweeps, facts, shown, [*says, places])
    study.write("assess")
    draw_assessment(found, figure, title=TITLES["assess"].format(device=given.name, like=like.name))
    for pair in pairs:
        facts["maps"].append(_mapped(pair, found, given.name, device, folder, wishes))
        study.write("assess")
    return study


def _find_data(wishes: Wishes) -> None:
    """Find the data once for all systems, where none was named."""
    if wishes.get("dataset") is None and wishes.get("data") is None:
        found = datasets.find(wishes.get("data_dir"))
        wishes["dataset"], wishes["data_dir"] = found, None
        terminal.note(found.note, quiet=wishes.get("quiet", False))


def _called(device: str, given: ParameterSet) -> str:
    """Return what the folder of a device is called: by its name, and of a file by what is in it too, for other files may
    have the same name."""
    holds = [*code_of({"device": device}).values(), *built_of({device: given.device}).values()]
    digest = hashlib.sha256("".join(holds).encode()).hexdigest()[:8]
    return Path(device).stem + (f"-{digest}" if holds else "")


def _check(systems: Sequence[str], costs: Sequence[str], improve: bool, wishes: Wishes) -> None:
    """Raise InputError about what one part of an assessment cannot take, before another one has trained for hours."""
    require_bool("improve", improve)
    require_known(systems, costs)
    for name in systems:
        try:
            registry.resolved(name, planned(name, "assess", **wishes)["overrides"])
        except InputError as error:
            one_alone = "what is set is set in all systems, so name those it is for (--system)"
            raise InputError(f"{name}: {error}; {one_alone}") from None


def _mapped(
    pair: tuple[str, str], systems: Sequence[System], name: str, device: str, folder: Path, wishes: Wishes
) -> list[dict[str, Any]]:
    """Draw a map of each system in which the device learns, and return them; small networks, on the embedded digits."""
    label = "-".join(pair)
    made = []
    for one in systems:
        if one.best is not None:
            small: Wishes = {"quick": True, "dataset": None, "data": None, "data_dir": None}
            how = wishes | small | {"out": folder / one.recipe / f"map-{label}"}
            made.append(requirement_map(one.recipe, device, one.best, pair, **how))
    if made:
        lost = counted(100 * made[0].limit, "point")
        draw_maps(made, folder / f"map-{label}.png", title=TITLES["map"].format(device=name, lost=lost), device=name)
    return [one.as_dict() for one in made]


def _system(
    recipe: str,
    device: str,
    given: ParameterSet,
    like: ParameterSet,
    costs: Sequence[str],
    improve: bool,
    turn: str,
    **wishes: Unpack[Wishes],
) -> System:
    """Carry out the runs of one system: all ways of writing, then what the best one makes of a better device."""
    quiet = wishes.get("quiet", False)
    ready, schemes = placed(recipe, device, "assess", **wishes), tables(recipe).assess.schemes
    cases = [Case({"case": "ideal"}, ready.ideal), *(Case({"case": name}, ready.written(name)) for name in schemes)]
    terminal.note(f"{turn}: ways of writing{', then better devices' if improve else ''}", quiet=quiet)
    tried = of_system(recipe, ready.judged, schemes, run_cases(recipe, cases, **ready.plan), costs)
    if tried.best is None:
        return tried
    written = ready.written(tried.best)
    by_law = SCHEMES[tried.best].by_law and given.device.programming.error_sd is not None
    looked = qualities(given.device, by_law=by_law) if improve else []
    cases += [Case({"case": like.name}, written | {registry.about(recipe).device: like.name})]
    cases += [
        Case({"case": f"{way} {one.name}"}, written | changes)
        for one in looked
        for way, changes in one.changes(ready.table).items()
    ]
    terminal.note(f"{turn}: {like.name} beside it{', and better devices' if improve else ''}", quiet=quiet)
    return judged_systems(tried, run_cases(recipe, cases, **ready.plan), looked, like.name, costs)
