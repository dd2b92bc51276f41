"""What the commands of studies share: the options of all their runs, and how they tell what was found."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from insitu import terminal
from insitu.cli import options
from insitu.cli.options import quiet_output, tell

#: in the order of the help, by the names of :class:`insitu.studies.tables.Wishes`
_SHARED = {
    "seeds": options.Seeds,
    "epochs": options.Epochs,
    "set": options.Changes,
    "costs": options.Costs,
    "out": options.Study,
    "data": options.Data,
    "data_dir": options.DataDir,
    "examples": options.Examples,
    "workers": options.Workers,
    "cluster": options.Cluster,
    "quick": options.Trial,
    "as_json": options.Json,
}
_RARE = ("costs", "examples", "cluster")


def study(
    *,
    seeds: int,
    more: Collection[str] = (),
    without: Collection[str] = (),
    page: bool = False,
    complete: bool = True,
) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """Make a command of a function that carries out a study: of its own parameters, and of options that come as ``**how``.

    Options that are not given are not handed on.

    Parameters
    ----------
    seeds : the default. more, without : shared options that the command has, and that it does not have.
    page : whether the study is told on a page too. complete : whether a point that failed is an error.
    """
    default = dict.fromkeys(_SHARED) | {"seeds": seeds, "quick": False, "as_json": False}
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default[name], annotation=kind)
        for name, kind in _SHARED.items()
        if name in more or name not in (*_RARE, *without)
    ]

    def command(carry_out: Callable[..., Any]) -> Callable[..., None]:
        @wraps(carry_out)
        def told(as_json: bool, **given: Any) -> None:
            from insitu import pages

            with quiet_output():
                found = carry_out(**{name: value for name, value in given.items() if value is not None})
                written = pages.report([found.folder]) if page else None
            tell(found, as_json, found.errors)
            if page:
                terminal.say(terminal.console(stderr=as_json), f"Page: {written}")
            if complete:
                found.sweeps[0].raise_failures()

        *own, _ = inspect.signature(carry_out, eval_str=True).parameters.values()
        told.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
        return told

    return command
