"""Where compiled kernels are kept between runs, and the sentence that says that one is being compiled."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from insitu.errors import InputError, RunError

_NUMBA = "NUMBA_CACHE_DIR"


def cache_folder(name: str = "kernels") -> Path:
    """Return a folder within INSITU_CACHE, else within the user's cache folder, made if need be.

    What lies there is executed, so a folder that others can write to is refused.
    """
    import pooch

    folder = Path(os.environ.get("INSITU_CACHE") or pooch.os_cache("insitu")) / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = [folder.lstat(), folder.stat()]  # of the link, if it is one, and of what it leads to
    except OSError as error:
        raise RunError(
            f"kernel cache: cannot make {folder} ({error.strerror}); set INSITU_CACHE to a writable folder"
        ) from error
    if os.name == "posix" and ({one.st_uid for one in found} - {0, os.geteuid()} or found[1].st_mode & 0o022):
        raise RunError(
            f"kernel cache: others can write to {folder}, and what lies there is executed; delete that folder, which is made "
            "anew, or set INSITU_CACHE to a folder of your own"
        )
    return folder


def check_environment() -> None:
    """Raise InputError where a variable keeps Numba from compiling anything."""
    threads = os.environ.get("NUMBA_NUM_THREADS", "1")
    if threads.strip().lstrip("+-").isdigit() and int(threads) < 1:
        raise InputError(f"NUMBA_NUM_THREADS: got {threads}; allowed is a whole number of at least 1")
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        raise InputError("NUMBA_DISABLE_JIT: is set, but all is compiled here; unset it")


def keep_machine_code() -> None:
    """Where the package cannot be written, let Numba keep its machine code in our cache too, unless it was told a place."""
    if not os.access(Path(__file__).parent, os.W_OK) and not os.environ.get(_NUMBA):
        with suppress(RunError):  # said where something is compiled
            os.environ[_NUMBA] = str(cache_folder())
        if "numba" in sys.modules:
            sys.modules["numba"].config.reload_config()


def forget_old_code() -> None:
    """Delete machine code that Numba keeps of our kernels when any of their sources has changed since.

    Numba looks at the one file that a function stands in. But kernels hand on structures that another file describes, and
    code that was compiled for an older one reads other memory than it should.
    """
    here = Path(__file__).parent
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(here.glob("*.py")))).hexdigest()
    places = [here / "__pycache__", *(Path(os.environ[_NUMBA]).glob("kernels_*") if os.environ.get(_NUMBA) else ())]
    for folder in places:
        stamp = folder / "sources.sha256"
        with suppress(OSError):  # where nothing can be written, nothing was
            if stamp.is_file() and stamp.read_text() == digest:
                continue
            for old in folder.glob("*.nb?"):
                old.unlink(missing_ok=True)
            folder.mkdir(exist_ok=True)
            stamp.write_text(digest)


def machine_code(source: Path) -> list[Path]:
    """Return the files that Numba keeps of a module."""
    name, elsewhere = f"{source.stem}.*.nb?", os.environ.get(_NUMBA)
    return [*(source.parent / "__pycache__").glob(name), *(Path(elsewhere).glob(f"*/{name}") if elsewhere else ())]


def nothing_compiled() -> bool:
    """Return whether Numba keeps no machine code of any kernel: this is the first use since it was installed or changed."""
    return not any(map(machine_code, Path(__file__).parent.glob("*.py")))


@contextmanager
def announce(source: Path, what: str) -> Iterator[None]:
    """Say on standard error that ``what`` is being compiled, unless its machine code is cached beside ``source``."""
    if not machine_code(source):
        print(f"insitu: compiling {what} (first use, a few seconds)", file=sys.stderr, flush=True)
    yield


@cache
def load(name: str, what: str) -> ModuleType:
    """Return the kernel module insitu.kernels.``name``, saying so if its kernels are being compiled."""
    with announce(Path(__file__).with_name(f"{name}.py"), what):
        return import_module(f"insitu.kernels.{name}")
