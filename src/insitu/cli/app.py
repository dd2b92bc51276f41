"""All commands together; what is heavy is imported when a command needs it."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from insitu import __version__, terminal
from insitu.errors import InputError, InsituError

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


class _Command(TyperCommand):
    """A command that refuses an option given twice where one value counts; a flag may be repeated."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        given: list[Any] = self.make_parser(ctx).parse_args(args=list(args))[2]
        for one in given:
            single = one.param_type_name == "option" and not one.multiple and not one.is_flag and one.nargs == 1
            if single and given.count(one) > 1:
                raise InputError(f"{max(one.opts, key=len)}: is given {given.count(one)} times, but one value counts")
        return super().parse_args(ctx, args)


#: in the order of the help; each is a function in a module of its name
COMMANDS = (
    *("run", "sweep", "ladder", "requirements", "tiles", "wires", "matrix", "assess", "tune", "league"),
    *("price", "costs", "energy", "fit", "report", "recipes", "devices", "doctor"),
)
for name in COMMANDS:
    app.command(cls=_Command)(getattr(import_module(f"insitu.cli.{name}"), name))


def main() -> None:
    """Entry point: errors that a user can cause are one line on standard error and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # no character that a terminal lacks ends a run
    with _stoppable() as signals, warnings.catch_warnings():
        warnings.showwarning = _say  # type: ignore[assignment]
        code = _code()
    sys.exit(128 + signals[0] if signals else code)


def _say(message: Warning | str, *_: object) -> None:
    """Print a warning as a sentence: where in the code it was raised is of no use to who has typed a command."""
    terminal.note(f"Warning: {message}")


@contextlib.contextmanager
def _stoppable() -> Iterator[list[int]]:
    """Let SIGTERM, as Ctrl-C does, raise KeyboardInterrupt; yield the list that the signals are noted in.

    Python drops what is raised where nobody can catch it, as in a destructor; then the signal is sent once more.
    """
    signals: list[int] = []
    hook = sys.unraisablehook

    def stop(number: int, _: object) -> None:
        signals.append(number)
        raise KeyboardInterrupt

    def again(dropped: sys.UnraisableHookArgs) -> None:
        if issubclass(dropped.exc_type, KeyboardInterrupt) and signals:
            threading.Timer(0.05, os.kill, (os.getpid(), signals[0])).start()
        else:
            hook(dropped)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    sys.unraisablehook = again
    try:
        yield signals
    finally:
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler)


def _code() -> Any:
    """Carry out the command and return its exit code."""
    try:
        code = app(standalone_mode=False, prog_name="insitu")
        sys.stdout.flush()
    except InsituError as error:
        terminal.error(error)
        code = 2
    except UsageError as error:
        terminal.error(error.format_message())  # type: ignore[attr-defined]
        code = 2
    except MemoryError as error:
        terminal.error(f"there is not enough memory ({error}); choose a smaller network, or fewer --workers")
        code = 2
    except (typer.Abort, KeyboardInterrupt):  # Ctrl-C, within a command or on its last line
        code = 130
    except OSError as error:  # of the system: output on a full disk, a name that is too long
        terminal.error(f"{error.filename or 'output'}: {error.strerror or error}")
        _leave_output()
        code = 2
    return code


def _leave_output() -> None:
    """Let nothing be written any more to a standard output that may be full or closed."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
