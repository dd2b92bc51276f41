"""All commands together; what is heavy is imported when a command needs it."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated

import typer

from insitu import __version__, terminal
from insitu.errors import InsituError

app = typer.Typer(
    help="Train neural networks inside the memory that stores their weights, in simulation.",
    epilog="First steps: insitu run shi2018",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

#: what typer raises for a wrong option or argument
UsageError: type[Exception] = typer.BadParameter.__mro__[1]


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


#: in the order of the help; each is a function in a module of its name
COMMANDS = (
    *("run", "sweep", "ladder", "requirements", "matrix", "price", "costs"),
    *("energy", "fit", "report", "recipes", "devices", "doctor"),
)
for name in COMMANDS:
    app.command()(getattr(import_module(f"insitu.cli.{name}"), name))


def main() -> None:
    """Entry point: errors that a user can cause are one line on standard error and exit code 2."""
    try:
        code = app(standalone_mode=False, prog_name="insitu")
    except InsituError as error:
        terminal.error(error)
        code = 2
    except UsageError as error:
        terminal.error(error.format_message())  # type: ignore[attr-defined]
        code = 2
    except typer.Abort:  # Ctrl-C
        code = 130
    sys.exit(code)
