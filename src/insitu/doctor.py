"""``insitu doctor``: versions, threads, which data sets are found or why not, and where kernels are cached."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def examine() -> dict[str, Any]:
    """Return the findings as one JSON object; takes a few seconds when there is no network, and never fails for it."""
    from insitu.kernels.threads import cores
    from insitu.runs.manifest import versions

    limit = os.environ.get("NUMBA_NUM_THREADS", "")
    return {
        "versions": versions(),
        "python": sys.executable,
        "platform": platform.platform(),
        "threads": {"cores": cores(), "limit": int(limit) if limit.isdigit() else None},
        "datasets": _datasets(),
        "kernel_cache": _kernel_cache(),
    }


def show(findings: dict[str, Any], console: Console) -> None:
    """Print the findings for a person."""
    from insitu import terminal
    from insitu.reports.tables import Table, words

    installed = [(name, found or f"not installed: pip install {name}") for name, found in findings["versions"].items()]
    terminal.show(console, Table("Versions", words("What", "Version"), installed))
    threads, cache = findings["threads"], findings["kernel_cache"]
    terminal.say(console, f"Machine: {findings['platform']}")
    limit = f", limited to {threads['limit']} by NUMBA_NUM_THREADS" if threads["limit"] else ""
    terminal.say(console, f"Threads: {threads['cores']} cores usable{limit}")
    state = f"{cache['files']} files" if cache["writable"] else f"not usable: {cache['problem']}"
    terminal.say(console, f"Kernel cache: {cache['path']} ({state})")
    console.print()
    places = [(place["where"], place["found"], place["detail"]) for place in findings["datasets"]]
    columns = words("Where", "Found", "Detail")
    terminal.show(console, Table("Data sets, in the order in which they are looked for", columns, places))
    used = next(place for place in findings["datasets"] if place["found"])
    if os.environ.get("INSITU_DATA") and used is not findings["datasets"][0]:
        terminal.say(
            console,
            "A run without --data-dir stops: INSITU_DATA is set, but its folder is not usable; correct or unset it",
        )
    else:
        terminal.say(console, f"A run without --data-dir uses: {used['where']}")


def _datasets() -> list[dict[str, Any]]:
    """Return where MNIST is looked for, in order, each with whether it is found and the reason."""
    from insitu.datasets import finding, load_digits, mirrors
    from insitu.errors import DataError

    def look(where: str, read: Any) -> dict[str, Any]:
        try:
            return {"where": where, "found": True, "detail": read().removeprefix("Data: ")}
        except DataError as error:
            return {"where": where, "found": False, "detail": str(error)}

    def variable() -> str:
        folder = os.environ.get(finding.VARIABLE)
        if not folder:
            raise DataError("not set")
        return finding.read_folder(Path(os.path.expanduser(folder))).note

    def network() -> str:
        answering = mirrors.reachable()
        if not answering:
            raise DataError(f"no mirror answers within {mirrors.PATIENCE:g} s")
        return f"{answering[0]} answers; MNIST is fetched on the first run (11 MB)"

    return [
        look(f"the folder in {finding.VARIABLE}", variable),
        look("the cache", lambda: finding.read_cache().note),
        look("a download", network),
        look("embedded digits", lambda: load_digits().note),
    ]


def _kernel_cache() -> dict[str, Any]:
    from insitu.errors import RunError
    from insitu.kernels.cache import cache_folder

    try:
        folder = cache_folder()
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        problem = (
            str(error) if isinstance(error, RunError) else "it cannot be written; set INSITU_CACHE to one that can"
        )
        return {"path": os.environ.get("INSITU_CACHE"), "writable": False, "files": 0, "problem": problem}
    files = sum(path.is_file() for path in folder.rglob("*"))
    return {"path": str(folder), "writable": True, "files": files, "problem": None}
