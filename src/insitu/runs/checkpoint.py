"""One file that holds the whole state of a run, trusted only if its checksum is right.

The file is one line of text, ``insitu checkpoint 1 <sha256 of the rest>``, followed by an ``.npz`` archive. It is
replaced in one step, so a kill at any moment leaves either the previous checkpoint or the new one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.errors import InputError, RunError
from insitu.parsing import parse_json
from insitu.runs.folder import RunFolder
from insitu.runs.writing import atomic_write, pack_npz, read_bytes, read_json, to_json, unpack_npz

FORMAT = 1
FILE = "checkpoint.bin"
_MAGIC = b"insitu checkpoint"
_META = "meta.json"
_RUN = "run"  # key of the meta data: which run it belongs to
_REMEDY = "put back a copy of the file, or start the run anew"


def save_checkpoint(folder: RunFolder, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
    """Replace the checkpoint of a run.

    Parameters
    ----------
    arrays : name -> array of numbers; every bit comes back.
    meta : whatever else is needed to go on (epoch, image, metrics so far), as JSON types.

    Raises
    ------
    RunError : it cannot be written; the previous checkpoint is untouched.
    """
    if _META in arrays:
        raise InputError(f"checkpoint: '{_META}' is not a usable name for an array")
    text = np.frombuffer(to_json({**meta, _RUN: _run_of(folder)}, indent=None).encode(), np.uint8)
    packed = pack_npz({**arrays, _META: text})
    head = _MAGIC + f" {FORMAT} {hashlib.sha256(packed).hexdigest()}\n".encode()
    atomic_write(folder.path / FILE, head, packed)


def load_checkpoint(folder: RunFolder) -> tuple[dict[str, NDArray[Any]], dict[str, Any]] | None:
    """Return the arrays and the meta data of the last checkpoint, or None if the run has not written one yet.

    Raises
    ------
    RunError : the file is damaged, of a newer format, or of another run; nothing is changed.
    """
    path = folder.path / FILE
    if not path.exists():
        return None
    head, _, packed = read_bytes(path).partition(b"\n")
    words = head.removeprefix(_MAGIC).split()
    if not head.startswith(_MAGIC) or len(words) != 2:
        raise RunError(f"{path}: damaged, it does not begin like a checkpoint; {_REMEDY}")
    if words[0] != str(FORMAT).encode():
        raise RunError(f"{path}: format {words[0].decode(errors='replace')}, but this insitu reads {FORMAT}; {_REMEDY}")
    if hashlib.sha256(packed).hexdigest().encode() != words[1]:
        raise RunError(f"{path}: damaged, its checksum is wrong; {_REMEDY}")
    arrays = unpack_npz(packed, path)
    meta = parse_json(arrays.pop(_META).tobytes())
    run = _run_of(folder)
    if meta.pop(_RUN, run) != run:
        raise RunError(
            f"{path}: is of another run (recipe, seed, data and start are not those of manifest.json); {_REMEDY}"
        )
    return arrays, meta


def _run_of(folder: RunFolder) -> str:
    """Return what tells a run from others: its recipe, seed and data, and when it began."""
    path = folder.path / "manifest.json"
    manifest = read_json(path) if path.exists() else {}
    data = manifest.get("dataset")
    told = [manifest.get(key) for key in ("recipe", "seed", "started")]
    return to_json([*told, data.get("sha256") if isinstance(data, dict) else None], indent=None)
