"""Files that are either the old ones or the new ones, never half of each; and reading them back with a clear word."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import math
import os
import secrets
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.errors import RunError
from insitu.parsing import parse_json, parse_toml

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_WAY = "choose another folder with --out"


def atomic_write(path: Path, *content: bytes | str, way: str = _WAY) -> None:
    """Write a file through a temporary one in the same folder, flushed to the disk and then moved into place.

    ``way`` is what a person can do where it cannot be written.

    Raises
    ------
    RunError : the folder cannot be written or the disk is full; a file that was there before is untouched.
    """
    temporary = _beside(path)
    try:
        with open(temporary, "xb") as file:  # never one that is there, nor through a link
            for part in content:
                file.write(part.encode(errors="replace") if isinstance(part, str) else part)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error, way) from error
    finally:
        with contextlib.suppress(OSError):  # the error that matters is already on its way
            temporary.unlink(missing_ok=True)


def require_writable(path: Path, way: str = _WAY) -> None:
    """Make the folder of a file that is to be written later, after minutes of work; what stands there stays as it is.

    Raises
    ------
    RunError : the folder cannot be made or written, or a folder has that name.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = _beside(path)
        temporary.touch(exist_ok=False)
        temporary.unlink()
    except OSError as error:
        raise cannot_write(path, error, way) from error


def _beside(path: Path) -> Path:
    """Return the name of a file that is written before it takes the place of another."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")


def cannot_write(path: Path, error: OSError, way: str = _WAY) -> RunError:
    """Return the sentence for a failed write."""
    if error.errno in _FULL:
        way = "free some space, then resume the run, or start it again if it has no folder"
        return RunError(f"{path}: cannot be written, the disk is full; {way}")
    return RunError(f"{path}: cannot be written ({error.strerror or error}); {way}")


def make_folder(folder: Path, told: Path | None = None) -> None:
    """Make a folder and those above it where they are missing; RunError, about ``told`` if given, where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(told or folder, error) from error


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn a full disk or an unwritable folder into a RunError, around code that writes files of any kind."""
    try:
        yield
    except OSError as error:
        if isinstance(error, RunError) or error.errno not in (*_FULL, *_FORBIDDEN):
            raise
        raise cannot_write(Path(error.filename or path), error) from error


def read_bytes(path: Path) -> bytes:
    """Return the content of a file; RunError if it is missing or cannot be read."""
    if os.path.lexists(path) and not os.path.isfile(path):  # a pipe would be waited for, /dev/zero fill the memory
        raise RunError(f"{path}: cannot be read, it is no file")
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise RunError(f"{path}: not found") from error
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror})") from error


def plain(value: Any) -> Any:
    """Return ``value`` with NumPy scalars and arrays, paths and tuples as JSON types; NaN and infinity become None."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value) if isinstance(value, Path) else value


def to_json(value: Any, *, indent: int | None = 2) -> str:
    """Return ``value`` as standard JSON text."""
    return json.dumps(plain(value), indent=indent, ensure_ascii=False, allow_nan=False)


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as standard JSON, see :func:`atomic_write`."""
    atomic_write(path, to_json(value) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file; RunError if it is missing or damaged."""
    try:
        value = parse_json(read_bytes(path))
    except ValueError as error:
        raise RunError(f"{path}: damaged, not a JSON object ({error})") from error
    if not isinstance(value, dict):
        raise RunError(f"{path}: damaged, not a JSON object")
    return value


def read_toml(path: Path) -> dict[str, Any]:
    """Return the table in a TOML file; RunError if it is missing or damaged."""
    try:
        return parse_toml(read_bytes(path).decode())
    except ValueError as error:
        raise RunError(f"{path}: damaged, not a TOML file ({error})") from error


def pack_npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return arrays in NumPy's ``.npz`` format, without pickle and with the same bytes for the same arrays."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asanyarray(array), allow_pickle=False)
    return packed.getvalue()


def unpack_npz(packed: bytes, path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of an ``.npz`` file; RunError, naming ``path``, if it is damaged or would need pickle."""
    try:
        with np.load(io.BytesIO(packed), allow_pickle=False) as archive:
            if sum(entry.file_size for entry in archive.zip.infolist()) > len(packed):
                raise ValueError("they unpack to more than the file, and ours are not packed")
            return {name: archive[name] for name in archive.files}
    except Exception as error:  # NumPy and zipfile raise a dozen types for damaged bytes; all mean the same here
        raise RunError(f"{path}: damaged, its arrays cannot be read ({error})") from error


def _sync_folder(folder: Path) -> None:
    """Flush the new name to the disk too, where the system has that notion."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network folders cannot sync a directory
                raise
        finally:
            os.close(descriptor)
