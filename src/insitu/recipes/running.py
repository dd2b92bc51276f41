"""From the wishes of the command line to finished runs: resolve, make folders, execute, average."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from os import PathLike
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from insitu import datasets, terminal
from insitu.datasets import Dataset
from insitu.datasets.finding import VARIABLE
from insitu.devices import library
from insitu.devices.base import Device
from insitu.errors import InputError, RunError, require_bool, require_kind, require_whole
from insitu.kernels.cache import cache_folder
from insitu.kernels.threads import cores
from insitu.ledger import costset
from insitu.recipes import registry
from insitu.recipes.claims import require_effect
from insitu.recipes.loading import Changes, as_overrides, full_path, require_once, to_toml
from insitu.recipes.session import Session
from insitu.recipes.storage import require_storable, times
from insitu.recipes.workers import Outcome, run_all, run_here
from insitu.reports.numbers import mean_and_sd
from insitu.reports.storage import draw_storage
from insitu.runs import RunFolder, new_manifest, run_name
from insitu.runs.code import built_of, check_same, code_of, require_trusted, trust
from insitu.runs.folder import require_free
from insitu.runs.manifest import changed_versions, check_data, check_resumable
from insitu.runs.writing import disk_errors, plain
from insitu.validation import validate

if TYPE_CHECKING:
    from rich.console import Console


Finish = Callable[[RunFolder], object]


@dataclass(frozen=True)
class Job:
    """One run that is ready to be executed, here or in another process.

    Parameters
    ----------
    recipe : its name; module : dotted name of its module; table : its resolved fields, as in recipe.toml.
    then_age : times of storage after which it is tested once more, s.
    """

    recipe: str
    module: str
    table: dict[str, Any]
    dataset: Dataset
    folder: RunFolder
    resume: bool = False
    then_age: tuple[float, ...] = ()

    @property
    def seed(self) -> int:
        """The seed of the run."""
        return int(self.table["seed"])


def new_jobs(
    recipe: str,
    *,
    out: Path,
    name: str | None = None,
    seed: int | None = None,
    seeds: int = 1,
    overrides: Sequence[str] = (),
    data: registry.Given = None,
    data_dir: str | Path | None = None,
    then_age: tuple[float, ...] = (),
    announce: Callable[[str], None] = lambda _: None,
) -> list[Job]:
    """Check everything a person gave, then find the data and make one folder a seed.

    Parameters
    ----------
    out, name : folder of all runs, and the name of the new one within it; with several seeds -s0, -s1, ... are added.
    seed, seeds : the first seed (None: that of the recipe) and how many follow each other from there.
    overrides : ``key=value`` for any field of the recipe.
    data, data_dir : as :func:`insitu.run` takes them.
    then_age : times of storage, of :func:`insitu.recipes.storage.times`.
    announce : called with the sentence that says which data is used.

    Raises
    ------
    InputError, DataError, RunError : nothing new is left on the disk then.
    """
    require_whole("seeds", seeds, 1, 10_000)
    if seed is not None:
        require_once(["seed"], "--seed", overrides)
    first = registry.resolved(recipe, [*overrides, *([] if seed is None else [f"seed={seed}"])])
    require_effect(recipe, to_toml(first), overrides)
    if then_age:
        require_storable(recipe, first)
    names = [None if name is None else name + (f"-s{first.seed + i}" if seeds > 1 else "") for i in range(seeds)]
    for called in filter(None, names):
        require_free(out, called)  # before data is loaded
    recipes = [validate(type(first), {**to_toml(first), "seed": first.seed + i}) for i in range(seeds)]
    datasets.require_one(data, data_dir)
    asked = None if data is not None else data_dir or os.environ.get(VARIABLE)
    asked = os.path.abspath(os.path.expanduser(asked)) if asked else None
    dataset = registry.data_of(recipe, first, lambda: datasets.find(asked), data)
    announce(dataset.note)
    code = code_of(to_toml(first))
    trust(code)
    code |= built_of(registry.parts_of(recipe, first))
    now, jobs = datetime.now(), list[Job]()
    with ExitStack() as made:
        for one, asked_name in zip(recipes, names, strict=True):
            called = asked_name or run_name(recipe, one.seed, now)
            table = to_toml(one)
            record = new_manifest(
                recipe, one.seed, dataset, data=datasets.lasting(data), data_dir=asked, code=code, then_age=then_age
            )
            folder = RunFolder.create(out, called, table, record, unique=name is None)
            made.callback(folder.discard_if_unused)
            jobs.append(Job(recipe, registry.module_name(recipe), table, dataset, folder, then_age=then_age))
        made.pop_all()
    return jobs


def resumed_job(
    folder: RunFolder,
    *,
    data: registry.Given = None,
    data_dir: str | Path | None = None,
    then_age: tuple[float, ...] = (),
    announce: Callable[[str], None] = lambda _: None,
) -> Job:
    """Return the job that goes on with an interrupted run, on the very data it began with.

    Parameters
    ----------
    data, data_dir : where that data is now, if it has moved.
    then_age : times of storage, in place of those that the run began with.

    Raises
    ------
    RunError : the folder is damaged or names a file that nobody has trusted, or going on would not give the same bits.
    """
    began = folder.manifest
    name = str(began["recipe"])
    table = folder.read_toml("recipe.toml")
    code = code_of(table)
    check_same({path: was for path, was in began.get("code", {}).items() if os.path.isabs(path)}, code)
    require_trusted(folder.path, code)
    recipe = validate(registry.carrier(name).Recipe, table)
    check_same(began.get("code", {}), code | built_of(registry.parts_of(name, recipe)))
    then_age = then_age or times(began.get("then_age") or ())
    if then_age:
        require_storable(name, recipe)
    datasets.require_one(data, data_dir)
    where = data_dir or began["dataset"].get("data_dir")
    embedded = began["dataset"]["name"] == "digits" and data_dir is None
    data = data if data is not None or data_dir is not None else began["dataset"].get("data")
    dataset = registry.data_of(name, recipe, datasets.load_digits if embedded else lambda: datasets.find(where), data)
    check_resumable(began, dataset)
    announce(dataset.note)
    if changed := changed_versions(began):
        announce(f"Warning: the run began with {changed}; the bits of the result may differ.")
    return Job(name, registry.module_name(name), to_toml(recipe), dataset, folder, resume=True, then_age=then_age)


def require_data_of(began: Mapping[str, Any], data: registry.Given, data_dir: str | Path | None) -> None:
    """Raise an error unless what is given for the data of a run, that has ended, is found and is those data."""
    datasets.require_one(data, data_dir)
    if not isinstance(data, Dataset):
        data = datasets.find(data_dir) if data is None else datasets.load(data)
    check_data(began, data)


def execute(job: Job, console: Console | None = None, finish: Finish | None = None) -> dict[str, Any]:
    """Carry out one run and return its JSON object, which is also left in result.json.

    Parameters
    ----------
    console : None is a quiet one, as in a worker process.
    finish : called with the folder at the end, to write its page; what goes wrong there takes nothing from the run.
    """
    console = console or terminal.console(stderr=True, quiet=True)
    try:
        with job.folder.locked():
            session = Session(job.folder, console, job.resume, then_age=job.then_age)
            found = carry_out(job.recipe, job.module, job.table, job.dataset, session)
    except (InputError, RunError):
        if not job.resume:
            job.folder.discard_if_unused()
        raise
    before = job.folder.result  # of a run that had ended, and is only tested after storage
    result = (found if before is None else before | {"storage": found["storage"]}) | {"run": str(job.folder.path)}
    if len(result.get("storage", ())) > 2:
        with session.drawing():
            draw_storage(job.folder.figures, result, registry.about(job.recipe).labels)
    job.folder.write_json("result.json", result)
    if finish is not None:
        finished(job.folder, console, finish)
    return result


def finished(folder: RunFolder, console: Console, finish: Finish) -> None:
    """Write the page of a run that has a result; what goes wrong takes nothing from the run."""
    try:
        finish(folder)
    except Exception as error:
        console.print(
            f"Warning: no page was written ({error}); try insitu report {quote(str(folder.path))}", soft_wrap=True
        )


def carry_out(recipe: str, module: str, table: dict[str, Any], dataset: Dataset, session: Session) -> dict[str, Any]:
    """Carry out a recipe with resolved fields and return its result, headed by recipe, seed and data set."""
    carrier = registry.load_module(module)
    checked = validate(carrier.Recipe, table)
    cache_folder()  # refused before anything is simulated
    with disk_errors(session.folder.path):
        found = plain(carrier.execute(checked, dataset, replace(session, example=dataset.example)))
    head = {"recipe": recipe, "seed": checked.seed, "dataset": dataset.name}
    return head | {key: value for key, value in found.items() if key not in head}


def execute_all(
    jobs: Sequence[Job], console: Console, workers: int | None = None, finish: Finish | None = None
) -> list[Outcome]:
    """Carry out several runs, in as many processes as there are cores; a run that fails leaves the others alone.

    Parameters
    ----------
    workers : number of processes; None is one a core. With one, the runs follow each other in this process.
    finish : as in :func:`execute`.

    Returns
    -------
    For each job its JSON object, or the exception that ended it.
    """
    count = min(workers or cores(), len(jobs))

    def done(job: Job, outcome: Outcome) -> None:
        if len(jobs) > 1:
            end = f"failed: {outcome}" if isinstance(outcome, Exception) else "finished"
            console.print(f"Seed {job.seed} {end}", soft_wrap=True)

    if count > 1:
        threads = max(1, cores() // count)
        console.print(f"{len(jobs)} seeds, {count} at a time ...")
        return run_all(partial(execute, finish=finish), jobs, workers=count, threads=threads, done=done)
    return run_here(lambda job: execute(job, console, finish), jobs, done=done)


def summary(recipe: str, outcomes: Sequence[Outcome], seeds: Sequence[int]) -> dict[str, Any]:
    """Return the JSON object of several seeds: the runs, then mean and sample standard deviation of every number.

    A number that not all runs have is left out. The standard deviation is None for a single run; seeds that failed are
    listed with their sentence.
    """
    runs = [outcome for outcome in outcomes if isinstance(outcome, dict)]
    pairs = zip(seeds, outcomes, strict=True)
    failed = [{"seed": seed, "error": str(outcome)} for seed, outcome in pairs if isinstance(outcome, Exception)]
    mean, sd = mean_and_sd(runs, ("seed",))
    return {"recipe": recipe, "runs": runs, "mean": mean, "sd": sd, "failed": failed}


def overrides_of(
    recipe: str,
    changes: Changes | None = None,
    *,
    device: str | PathLike[str] | Device | None = None,
    quick: bool = False,
    data: object = None,
) -> list[str]:
    """Return the overrides for fields, device, data and short form together; of two for one field the later counts.

    Raises
    ------
    InputError : the recipe is unknown or has no short form, or the device has no name that a run folder could keep.
    """
    require_bool("quick", quick)
    if device is not None:
        require_once([registry.about(recipe).device], "--device", changes)
    short = quick_overrides(recipe) if quick else []
    short = [*(registry.about(recipe).data if data is not None else ()), *short]
    return [*short, *as_overrides(changes), *([] if device is None else [device_override(recipe, device)])]


def device_override(recipe: str, device: str | PathLike[str] | Device) -> str:
    """Return the override for --device; a file is given by its full path, to be found again on resume."""
    field = registry.about(recipe).device
    require_kind("device", device, (str, PathLike, Device), "insitu devices lists the names of the library")
    name = _name_of(device) if isinstance(device, Device) else full_path(os.fspath(device))
    costset.own_of(name)  # what is wrong with it is told before hours of training
    return f"{field}={json.dumps(name, ensure_ascii=False)}"


def _name_of(device: Device) -> str:
    """Return the name of a device of the library: a run folder keeps names and paths, not objects."""
    found = next((name for name in library.names() if library.load(name).device == device), None)
    if found is None:
        raise InputError(
            f"device: got a {type(device).__name__} that is not in the library; give the path of its .py file, which "
            "the run folder can keep (docs/add-a-device.md), or the result of a fit"
        )
    return found


def quick_overrides(recipe: str) -> list[str]:
    """Return the overrides for --quick: a recipe's own short form, to see that all works."""
    quick = registry.about(recipe).quick
    if not quick:
        raise InputError(f"--quick: {recipe} has no short form; set its fields with --set")
    return list(quick)


def quick_note(recipe: str) -> str:
    """Return the sentence that says what --quick leaves out."""
    return f"Quick: {', '.join(quick_overrides(recipe))}; the results are not those of the whole training."
