"""What one has to know to repeat a run: versions, data, seed, machine."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from insitu.datasets import Dataset
from insitu.errors import RunError
from insitu.kernels.threads import cores

LIBRARIES = ("numpy", "numba", "scipy", "scikit-learn", "pandas", "matplotlib", "pydantic")


def versions() -> dict[str, str | None]:
    """Return the installed version of insitu, Python and the libraries that decide about bits; None if missing."""
    found: dict[str, str | None] = {"insitu": _version("insitu"), "python": platform.python_version()}
    return found | {name: _version(name) for name in LIBRARIES}


def new_manifest(
    recipe: str,
    seed: int,
    dataset: Dataset,
    *,
    data: str | None = None,
    data_dir: str | None = None,
    code: Mapping[str, str] | None = None,
    then_age: Sequence[float] = (),
) -> dict[str, Any]:
    """Return the manifest of a run that starts now.

    Parameters
    ----------
    data : what was asked for by option: a name, or a path.
    data_dir : the folder that was asked for by option or variable, None if the search was free.
    code : path -> SHA-256 of the files of the user's that the recipe names, and of what they make.
    then_age : times of storage, s, after which the run is to be tested.
    """
    from insitu.random import STREAM_VERSION

    return {
        "recipe": recipe,
        "seed": seed,
        "dataset": {"name": dataset.name, "sha256": dataset.sha256, "data_dir": data_dir, "note": dataset.note}
        | ({} if data is None else {"data": data})
        | dataset.record(),
        "code": dict(code or {}),
        **({"then_age": list(then_age)} if then_age else {}),
        "random_stream": STREAM_VERSION,
        "versions": versions(),
        "platform": platform.platform(),
        "cores": cores(),
        "started": datetime.now().astimezone().isoformat(timespec="seconds"),
        "argv": list(sys.argv),
    }


def changed_versions(manifest: dict[str, Any]) -> str:
    """Return which programs a run began with, and what they are now, if that is not the same."""
    began, now = manifest.get("versions"), versions()
    changed = [(name, was) for name, was in (began if isinstance(began, dict) else {}).items() if was != now.get(name)]
    return ", ".join(f"{name} {was} (now {now.get(name)})" for name, was in changed)


def check_resumable(manifest: dict[str, Any], dataset: Dataset) -> None:
    """Raise RunError unless a run with this manifest, continued now on this data set, would give the same bits."""
    from insitu.random import STREAM_VERSION

    began = manifest.get("random_stream")
    if began != STREAM_VERSION:
        raise RunError(
            f"--resume: the run drew random stream {began}, this insitu draws {STREAM_VERSION}; start it anew"
        )
    check_data(manifest, dataset)


def check_data(manifest: Mapping[str, Any], dataset: Dataset) -> None:
    """Raise RunError unless a run with this manifest learned from this data set."""
    used = manifest["dataset"]
    if used["sha256"] != dataset.sha256:
        raise RunError(
            f"--resume: the run used the data set {used['name']} ({used['sha256'][:12]}), but the one found now is "
            f"{dataset.name} ({dataset.sha256[:12]}); give the first with --data or --data-dir"
        )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
