"""Where compiled kernels are kept between runs, and the sentence that says that one is being compiled."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType


def cache_folder() -> Path:
    """Return the folder of generated kernels, made if need be: INSITU_CACHE, else the user's cache folder."""
    import pooch

    folder = Path(os.environ.get("INSITU_CACHE") or pooch.os_cache("insitu")) / "kernels"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        from insitu.errors import RunError

        raise RunError(
            f"kernel cache: cannot make {folder} ({error.strerror}); set INSITU_CACHE to a writable folder"
        ) from error
    return folder


@contextmanager
def announce(source: Path, what: str) -> Iterator[None]:
    """Say on standard error that ``what`` is being compiled, unless its machine code is cached beside ``source``."""
    if not any((source.parent / "__pycache__").glob(f"{source.stem}.*.nbi")):
        print(f"insitu: compiling {what} (first use, a few seconds)", file=sys.stderr, flush=True)
    yield


@cache
def load(name: str, what: str) -> ModuleType:
    """Return the kernel module insitu.kernels.``name``, saying so if its kernels are being compiled."""
    with announce(Path(__file__).with_name(f"{name}.py"), what):
        return import_module(f"insitu.kernels.{name}")
