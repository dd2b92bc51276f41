"""A recipe carried out, with one seed or several; and an interrupted run gone on with."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import PathLike, fspath
from pathlib import Path

from rich.console import Console

from insitu import terminal
from insitu.devices.base import Device
from insitu.errors import InputError, require_bool, require_whole
from insitu.pages import write_page
from insitu.recipes import running, storage
from insitu.recipes.kept import overrides_with
from insitu.recipes.loading import Changes
from insitu.recipes.registry import Given
from insitu.runs import RunFolder, code
from insitu.studies.opened import OpenedRun, Runs, open_run
from insitu.terminal import say


def run(
    recipe: str,
    *,
    set: Changes | None = None,
    seed: int | None = None,
    seeds: int = 1,
    device: str | PathLike[str] | Device | None = None,
    tuned: str | PathLike[str] | None = None,
    quick: bool = False,
    data: Given = None,
    data_dir: str | Path | None = None,
    out: str | Path = "runs",
    name: str | None = None,
    workers: int | None = None,
    then_age: float | str | Sequence[float | str] = (),
    quiet: bool = False,
) -> OpenedRun | Runs:
    """Train as a recipe says; leave the result, the arrays, the figures and a page in a run folder.

    Parameters
    ----------
    recipe : ``shi2018``, ``yi2022`` or ``cristiano2018``. set : its fields and values, such as ``{"pruning.fraction": 0.4}``.
    seed : of all random numbers; None is that of the recipe. seeds : how many runs, counted from it.
    device : the memory to train on: a name of the library, the path of a ``.py`` file, a device of the library, or the
        saved result of :func:`insitu.fit`.
    tuned : take what :func:`insitu.studies.tune.tune` has kept for this device and scheme in a file, or ``"library"``.
    quick : the recipe's short form. quiet : whether to say nothing on standard error.
    data : a name, a folder or a file, as :func:`insitu.datasets.load` takes it (docs/your-data.md), or a data set.
    data_dir : folder with the four MNIST files; where neither is given, it looks where docs/your-data.md says.
    out, name : folder of all runs, and the name of the new one within it; None makes one of recipe, time and seed.
    workers : processes for several seeds; None is one a core.
    then_age : times of storage, s, each from the end of training; what the test says after them is ``storage`` of the result.

    Returns
    -------
    :class:`insitu.studies.opened.OpenedRun`; with several seeds :class:`insitu.studies.opened.Runs`, which lists what failed.

    Raises
    ------
    InputError, DataError : a name or a value is unusable, or data is missing; nothing is left then. RunError : on writing.
    """
    console = terminal.console(stderr=True, quiet=quiet)
    overrides = running.overrides_of(recipe, set, device=device, quick=quick, data=data)
    if workers is not None:
        require_whole("workers", workers, 1)
    if tuned is not None:
        overrides, told = overrides_with(tuned, recipe, overrides)
        say(console, f"Tuned: {told}")
    if quick:
        say(console, running.quick_note(recipe))
    jobs = running.new_jobs(
        recipe, out=Path(out), name=name, seed=seed, seeds=seeds, overrides=overrides, data=data, data_dir=data_dir,
        then_age=storage.times(then_age), announce=lambda note: say(console, note),
    )  # fmt: skip
    with _resumable(jobs, console):
        outcomes = running.execute_all(jobs, console, workers, write_page)
    found = Runs.of(recipe, outcomes, [job.seed for job in jobs])
    if not found:
        raise found.errors[0]
    return found[0] if seeds == 1 else found


def resume(
    run: str | PathLike[str],
    *,
    recipe: str | None = None,
    seed: int | None = None,
    data: Given = None,
    data_dir: str | Path | None = None,
    out: str | Path = "runs",
    trust: bool = False,
    then_age: float | str | Sequence[float | str] = (),
    quiet: bool = False,
) -> OpenedRun:
    """Go on with an interrupted run, to the same bits as if it had never stopped; return a finished one as it is.

    Parameters
    ----------
    run : its folder, or the name of that within ``out``. recipe, seed : if given, have to be those of the run.
    then_age : times of storage, s, as in :func:`run`, in place of those that the run began with; one that has ended is
        tested after them, and nothing else of its result changes.
    data, data_dir : where its data is now, if it has moved. quiet : whether to say nothing on standard error.
    trust : whether Python files that the folder names, and that were not used here before, may be executed.

    Raises
    ------
    InputError : recipe or seed are not those of the run.
    RunError : there is no such run, it is damaged, or going on would not give the same bits.
    """
    require_bool("trust", trust)
    console = terminal.console(stderr=True, quiet=quiet)
    folder = RunFolder.open(fspath(run), Path(out))
    began = folder.manifest
    for option, given, used in (("recipe", recipe, began["recipe"]), ("--seed", seed, began["seed"])):
        if given is not None and given != used:
            raise InputError(f"--resume: the run was started with {option} {used}, not {given}; leave {option} out")
    wanted = storage.times(then_age)
    if folder.result is not None and not wanted:
        if data is not None or data_dir is not None:
            running.require_data_of(began, data, data_dir)
        say(console, f"{folder.path} is finished; this is its result.")
        if not (folder.path / "report.html").exists():  # killed between the two
            running.finished(folder, console, write_page)
        return open_run(folder.path)
    if trust:
        code.trust(code.code_of(folder.read_toml("recipe.toml")))
    job = running.resumed_job(
        folder, data=data, data_dir=data_dir, then_age=wanted, announce=lambda note: say(console, note)
    )
    with _resumable([job], console):
        running.execute(job, console, write_page)
    return open_run(folder.path)


@contextmanager
def _resumable(jobs: Sequence[running.Job], console: Console) -> Iterator[None]:
    """On Ctrl-C say how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        for path in (job.folder.path for job in jobs):
            if path.exists() and not (path / "report.html").exists():  # the last that a run leaves
                say(console, f"Stopped; to go on: insitu run --resume {shlex.quote(str(path))}")
        raise
