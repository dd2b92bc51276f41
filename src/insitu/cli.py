"""The command line; what is heavy is imported when needed."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insitu import __version__, terminal
from insitu.cli_costs import costs, price
from insitu.cli_energy import energy
from insitu.cli_fit import fit
from insitu.cli_report import report
from insitu.cli_studies import ladder, requirements
from insitu.cli_sweep import sweep
from insitu.errors import InputError, InsituError, RunError

if TYPE_CHECKING:
    from rich.console import Console

    from insitu.recipes.running import Job

app = typer.Typer(
    help="Train neural networks inside the memory that stores their weights, in simulation.",
    epilog="First steps: insitu run shi2018",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

#: what typer raises for a wrong option or argument
UsageError: type[Exception] = typer.BadParameter.__mro__[1]

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, all else on standard error.")]


@app.callback(invoke_without_command=True)
def _insitu(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        print(f"insitu {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def run(
    recipe: Annotated[str | None, typer.Argument(help="Which recipe; `insitu recipes` lists them.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all random numbers.", show_default="the recipe's")] = None,
    seeds: Annotated[int | None, typer.Option(min=1, help="Run this many seeds; report mean and spread.")] = None,
    data_dir: Annotated[str | None, typer.Option(help="Folder with the four MNIST files.")] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change any field of the recipe; may be repeated."),
    ] = None,
    device: Annotated[str | None, typer.Option(metavar="NAME|FILE", help="Memory device to train on.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="The recipe's short form, to see that all works.")] = False,
    out: Annotated[Path, typer.Option(help="Folder of all runs.")] = Path("runs"),
    name: Annotated[str | None, typer.Option(help="Name of the run folder.", show_default="recipe, time, seed")] = None,
    resume: Annotated[str | None, typer.Option(metavar="RUN", help="Go on with an interrupted run.")] = None,
    as_json: Json = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes for --seeds.", show_default="all cores")] = None,
) -> None:
    """Train as a recipe says; leave the result, the arrays and the figures in a run folder."""
    from rich.console import Console

    from insitu.recipes import registry

    console = Console(stderr=True)
    with contextlib.redirect_stdout(sys.stderr):  # standard output is for the result alone
        if resume is not None:
            refused = {"--seeds": seeds, "--set": changes, "--device": device, "--quick": quick, "--name": name}
            _refuse_with_resume(refused)
            result = _resume(resume, recipe, seed, data_dir, out, console)
        else:
            wishes = {"out": out, "name": name, "seed": seed, "data_dir": data_dir, "overrides": changes or []}
            result = _start(recipe, wishes, device, quick, seeds, workers, console)
    if as_json:
        terminal.emit_json(result)
    else:
        terminal.show_result(Console(), result.get("runs", [result]), registry.labels(result["recipe"]))
    failed = result.get("failed")
    if failed:
        first = failed[0]
        raise RunError(f"{len(failed)} of {seeds} seeds failed; seed {first['seed']}: {first['error']}")


app.command()(sweep)
app.command()(ladder)
app.command()(requirements)
app.command()(price)
app.command()(costs)
app.command()(energy)
app.command()(fit)
app.command()(report)


@app.command()
def recipes(name: Annotated[str | None, typer.Argument(help="Print the file of this recipe.")] = None) -> None:
    """List the recipes, or print one with its comments."""
    from insitu.recipes import registry

    if name is not None:
        print(registry.toml_text(name), end="")
        return
    from rich.console import Console

    from insitu.reports.tables import Table, words

    rows = [(known, registry.load_module(registry.module_name(known)).SUMMARY) for known in registry.names()]
    terminal.show(Console(), Table("Recipes", words("Name", "What it does"), rows))
    print("insitu run NAME carries one out; insitu recipes NAME prints its fields, for --set.")


@app.command()
def devices(
    name: Annotated[str | None, typer.Argument(help="Show this device: a library name or your own file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Where the picture goes.", show_default="NAME-pulses.png")] = None,
) -> None:
    """List the memory devices, or show one: its numbers with their origin, and its answer to pulses as a picture."""
    from rich.console import Console

    from insitu.devices import library
    from insitu.reports.device_tables import device_table, library_table, merit_table

    if name is None:
        known = {kind: [library.load(one) for one in group] for kind, group in library.groups().items()}
        terminal.show(Console(), library_table(known))
        return
    found = library.load(name)
    from insitu.measure.diagnosing import diagnose

    terminal.show(Console(), device_table(found), merit_table(diagnose(found.device)))
    from insitu.reports.device_plot import plot_pulse_response
    from insitu.runs.writing import disk_errors

    target = plot or Path(f"{found.name}-pulses.png")
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        terminal.say(Console(), f"Picture of its answer to pulses: {plot_pulse_response(found, target)}")


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what is installed, how many threads there are, and which data sets are found, or why not."""
    from rich.console import Console

    from insitu import doctor as examination

    with Console(stderr=True).status("Looking around ..."):
        findings = examination.examine()
    if as_json:
        terminal.emit_json(findings)
    else:
        examination.show(findings, Console())


def main() -> None:
    """Entry point: errors that a user can cause are one line on standard error and exit code 2."""
    try:
        code = app(standalone_mode=False)
    except InsituError as error:
        terminal.error(error)
        code = 2
    except UsageError as error:
        terminal.error(error.format_message())  # type: ignore[attr-defined]
        code = 2
    except typer.Abort:
        code = 130
    sys.exit(code)


def _start(
    recipe: str | None,
    wishes: dict[str, Any],
    device: str | None,
    quick: bool,
    seeds: int | None,
    workers: int | None,
    console: Console,
) -> dict[str, Any]:
    """Carry out one run, or several seeds; return what --json prints."""
    from insitu.recipes import running
    from insitu.reports.page import write_page

    if recipe is None:
        raise InputError("run: which recipe? For example `insitu run shi2018`; `insitu recipes` lists them all")
    if device is not None:
        wishes["overrides"] = [*wishes["overrides"], running.device_override(recipe, device)]
    if quick:
        short = running.quick_overrides(recipe)
        terminal.say(console, f"Quick: {', '.join(short)}; the results are not those of the whole training.")
        wishes["overrides"] = [*short, *wishes["overrides"]]
    jobs = running.new_jobs(recipe, **wishes, seeds=seeds or 1, announce=lambda note: terminal.say(console, note))
    with _resumable(jobs, console):
        if seeds is None:
            return running.execute(jobs[0], console, write_page)
        outcomes = running.execute_all(jobs, console, workers, write_page)
    bugs = [o for o in outcomes if isinstance(o, Exception) and not isinstance(o, InsituError)]
    for bug in bugs:
        traceback.print_exception(bug)
    result = running.summary(recipe, outcomes, [job.seed for job in jobs])
    if not result["runs"] and isinstance(outcomes[0], Exception):
        raise outcomes[0]
    return result


def _resume(
    run: str, recipe: str | None, seed: int | None, data_dir: str | None, out: Path, console: Console
) -> dict[str, Any]:
    """Go on with an interrupted run, or return the result of one that is finished."""
    from insitu.recipes import running
    from insitu.reports.page import write_page
    from insitu.runs import RunFolder

    folder = RunFolder.open(run, out)
    began = folder.manifest
    for option, given, used in (("recipe", recipe, began["recipe"]), ("--seed", seed, began["seed"])):
        if given is not None and given != used:
            raise InputError(f"--resume: the run was started with {option} {used}, not {given}; leave {option} out")
    finished = folder.result
    if finished is not None:
        terminal.say(console, f"{folder.path} is finished; this is its result.")
        head = {"recipe": began["recipe"], "seed": began["seed"], "dataset": began["dataset"]["name"]}
        return finished | head | {"run": str(folder.path)}
    job = running.resumed_job(folder, data_dir=data_dir, announce=lambda note: terminal.say(console, note))
    with _resumable([job], console):
        return running.execute(job, console, write_page)


def _refuse_with_resume(options: dict[str, Any]) -> None:
    given = [option for option, value in options.items() if value]
    if given:
        raise InputError(
            f"--resume: goes on with the settings of the run, so {' and '.join(given)} cannot be given too"
        )


@contextlib.contextmanager
def _resumable(jobs: list[Job], console: Console) -> Iterator[None]:
    """On Ctrl-C say how to go on, and exit with 130."""
    try:
        yield
    except KeyboardInterrupt:
        open_ = [str(job.folder.path) for job in jobs if job.folder.path.exists() and job.folder.result is None]
        for path in open_:
            terminal.say(console, f"Stopped; to go on: insitu run --resume {path}")
        raise typer.Exit(130) from None
