"""The folder that a run leaves behind, and the only code that knows what is called what in it."""

from __future__ import annotations

import errno
import os
import secrets
import shlex
import shutil
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import tomli_w
from numpy.typing import NDArray

from insitu.errors import InputError, RunError
from insitu.runs import writing

FORMAT = 1  #: of the folder; raised when an older insitu could not read it


def run_name(recipe: str, seed: int, when: datetime) -> str:
    """Return a folder name such as ``shi2018-20261122-154501-s0``."""
    return f"{recipe}-{when:%Y%m%d-%H%M%S}-s{seed}"


@dataclass(frozen=True)
class RunFolder:
    """One run on the disk: recipe.toml, manifest.json, metrics.jsonl, result.json, arrays, figures, checkpoint.

    Every file is written atomically; whatever cannot be written or read back raises RunError with one sentence.

    Parameters
    ----------
    path : the folder; use :meth:`create` or :meth:`open` to get one that exists.
    """

    path: Path

    @classmethod
    def create(
        cls, out: Path, name: str, recipe: Mapping[str, Any], manifest: Mapping[str, Any], *, unique: bool = False
    ) -> RunFolder:
        """Make the folder ``out/name`` with its recipe and manifest in it, in one step.

        Parameters
        ----------
        out : folder of all runs, made if need be.
        name : of the new folder, without any separator.
        recipe, manifest : written to recipe.toml, so that it must not contain None, and to manifest.json.
        unique : add -2, -3, ... to a name that is taken, instead of refusing it.

        Raises
        ------
        RunError : the name would leave ``out`` or is taken, or ``out`` cannot be written.
        """
        target = out / name
        require_free(out, name, unique=unique)
        staging = out / f".{name}.{secrets.token_hex(8)}.tmp"
        try:
            staging.mkdir(parents=True)
            writing.atomic_write(staging / "recipe.toml", tomli_w.dumps(recipe))
            cls(staging).write_json("manifest.json", {"format": FORMAT, **manifest})
            return cls(_move(staging, target, unique))
        except OSError as error:
            shutil.rmtree(staging, ignore_errors=True)
            raise error if isinstance(error, RunError) else writing.cannot_write(out, error) from error

    @classmethod
    def open(cls, run: str | Path, out: Path | None = None) -> RunFolder:
        """Return the folder of an earlier run, by path, or by its name within ``out``.

        Raises
        ------
        RunError : it does not exist, is not a run folder, or was written by a newer insitu.
        """
        path = Path(run)
        if not os.path.isdir(path) and out is not None and os.path.isdir(out / path):
            path = out / path
        if not os.path.isdir(path):
            raise RunError(f"{run}: no such run folder")
        if not os.path.isfile(path / "manifest.json"):
            raise RunError(f"{run}: not a run folder, it holds no manifest.json")
        version = writing.read_json(path / "manifest.json").get("format")
        if not isinstance(version, int):
            raise RunError(f"{path / 'manifest.json'}: damaged, its format is {version!r}, not a number")
        if version > FORMAT:
            raise RunError(
                f"{run}: written by a newer insitu (format {version}, this one reads {FORMAT}); update insitu"
            )
        return cls(path)

    @property
    def figures(self) -> Path:
        """The folder of pictures, made on first use."""
        folder = self.path / "figures"
        if folder.is_symlink():
            raise RunError(f"{folder}: is a link, and nothing is written outside of a run folder; delete it")
        writing.make_folder(folder)
        return folder

    @property
    def manifest(self) -> dict[str, Any]:
        """What :func:`insitu.runs.new_manifest` wrote when the run began; RunError if a part of it is missing or wrong."""
        found = writing.read_json(self.path / "manifest.json")
        data = found.get("dataset")
        data = data if isinstance(data, dict) else {}
        names = [found.get("recipe"), *(data.get(key) for key in ("name", "sha256"))]
        names += [data.get(key) or "" for key in ("data_dir", "data")]
        whole = all(isinstance(name, str) for name in names) and isinstance(found.get("code", {}), dict)
        if not whole or not all(type(found.get(key)) is int for key in ("seed", "random_stream")):
            raise RunError(f"{self.path / 'manifest.json'}: damaged, it does not say recipe, seed, data set and stream")
        return found

    @property
    def result(self) -> dict[str, Any] | None:
        """The result of a finished run; None while it is not finished."""
        path = self.path / "result.json"
        return writing.read_json(path) if path.exists() else None

    def finished(self) -> dict[str, Any]:
        """Return the result; RunError, with the way to go on, while the run is not finished."""
        found = self.result
        if found is None:
            raise RunError(
                f"{self.path}: the run is not finished, it has no result.json; go on with: insitu run --resume "
                f"{shlex.quote(str(self.path))}"
            )
        return found

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from carrying out the same run; RunError if one does so already."""
        try:
            import fcntl
        except ImportError:  # Windows
            yield
            return
        folder = os.open(self.path, os.O_RDONLY)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RunError(f"{self.path}: the run is being carried out by another process; wait for it") from None
            except OSError:  # a file system that has no locks
                pass
            yield
        finally:
            os.close(folder)

    def discard_if_unused(self) -> None:
        """Remove the folder if the run wrote nothing into it, because its settings were refused."""
        with suppress(OSError):  # a folder too many does no harm
            if {entry.name for entry in self.path.iterdir()} <= {"recipe.toml", "manifest.json"}:
                shutil.rmtree(self.path)

    def write_json(self, name: str, value: Mapping[str, Any]) -> None:
        """Write a JSON object; NaN and infinity become null."""
        writing.write_json(self.path / name, value)

    def read_toml(self, name: str) -> dict[str, Any]:
        """Return the table in a TOML file."""
        return writing.read_toml(self.path / name)

    def write_npz(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Write arrays of numbers, no pickle."""
        writing.atomic_write(self.path / name, writing.pack_npz(arrays))

    def read_npz(self, name: str) -> dict[str, NDArray[Any]]:
        """Return the arrays that :meth:`write_npz` wrote."""
        path = self.path / name
        return writing.unpack_npz(writing.read_bytes(path), path)

    def write_metrics(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Replace all rows of metrics.jsonl, such as ``{"images": 5000, "accuracy": 0.91}``.

        A resumed run begins with the rows of its checkpoint.
        """
        lines = (writing.to_json(row, indent=None) + "\n" for row in rows)
        writing.atomic_write(self.path / "metrics.jsonl", "".join(lines))


def require_no_run(folder: Path) -> Path:
    """Return a folder that a study will write into; InputError if it is that of a run."""
    if (folder / "manifest.json").exists():
        raise InputError(f"--out: {folder} is the folder of a run, and holds nothing else; choose another one")
    return folder


def require_free(out: Path, name: str, *, unique: bool = False) -> None:
    """Raise RunError unless a name is a plain one, of one line and of no folder in ``out`` (unless ``unique``)."""
    if not name or name.startswith(".") or any(c in name for c in "/\\:\0") or name != name.strip():
        raise RunError(
            f"--name: got {name!r}; a run name has no '/', '\\' or ':' and no leading '.', it stays inside {out}"
        )
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in name):
        raise RunError(f"--name: got {name!r}; a run name is one line, without control characters")
    if (out / name).exists() and not unique:
        again = shlex.quote(str(out / name))
        raise RunError(f"{out / name}: exists already; choose another --name, or go on with --resume {again}")


def _move(staging: Path, target: Path, unique: bool) -> Path:
    """Rename the finished folder to the first free name."""
    names = (target.with_name(f"{target.name}-{i}" if i > 1 else target.name) for i in range(1, 1000 if unique else 2))
    for free in names:
        if not free.exists():
            try:
                os.rename(staging, free)
            except OSError as error:
                if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):  # another process was quicker
                    raise
            else:
                return free
    raise RunError(f"{target}: exists already; choose another --name")
