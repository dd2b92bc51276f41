"""What a recipe gets besides its data: where to write, where to talk, whether to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from insitu.errors import RunError
from insitu.runs import RunFolder

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class Session:
    """The surroundings of one run.

    Parameters
    ----------
    folder : where everything is written.
    console : talks to a person, on standard error; quiet in worker processes.
    resume : whether to go on from the checkpoint in ``folder``, if there is one.
    result_only : there is no folder, so looks on the way, checkpoints, arrays and figures are left out. What a recipe
        returns must not depend on it.
    then_age : times of storage after which to test once more, when all else is written, s; see
        :mod:`insitu.recipes.storage`.
    example : what one example of the data is called.
    """

    folder: RunFolder
    console: Console
    resume: bool = False
    result_only: bool = False
    then_age: tuple[float, ...] = ()
    example: str = "image"

    def warn(self, sentence: str | None, of: str = "") -> None:
        """Print a warning, if there is one, and ``of`` which part of the run it is."""
        if sentence:
            head = f"Warning, {of}: " if of else "Warning: "
            self.console.print(f"{head}{sentence}.", soft_wrap=True)

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Draw figures in it: one that fails takes nothing from the run, unless the disk is full."""
        try:
            yield
        except RunError:
            raise
        except Exception as error:
            self.warn(f"not all figures were drawn ({error})")

    @contextmanager
    def progress(
        self, description: str, total: int, unit: str | None = None, done: int = 0
    ) -> Iterator[Callable[..., None]]:
        """Show a bar with rate and time left; call what it yields with the number of units done since the last call, and
        if you like a note to stand beside the description, and the rate, units a second.

        Parameters
        ----------
        total : number of units, of which ``done`` were done by an earlier, interrupted run. unit : examples unless given.
        """
        from rich.progress import BarColumn, Progress, Task, TextColumn, TimeRemainingColumn
        from rich.text import Text

        what = unit or f"{self.example}s"

        class Rate(TextColumn):
            def render(self, task: Task) -> Text:
                rate = task.fields["rate"]
                return Text(f"{rate:,.0f} {what}/s" if rate else "")

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:3.0f} %"),
            Rate(""),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
        )
        with Progress(*columns, console=self.console, disable=self.console.quiet) as bar:
            task = bar.add_task(description, total=total, completed=done, rate=0.0)

            def advance(units: int, note: str = "", rate: float = 0.0) -> None:
                said = f"{description}, {note}" if note else description
                bar.update(task, advance=units, description=said, rate=rate)

            yield advance
