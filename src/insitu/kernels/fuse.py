"""One compiled programming kernel for each device law, generated once and cached on disk.

Numba inlines a device law into the loop only if it is a global of the module that holds the loop, and caches a function on
disk only if it lives in a file. So a copy of a template with the law in place is written to the kernel
cache under a name that is the hash of all that it depends on; the next process finds file and machine code ready.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import re
import sys
from collections import namedtuple
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from insitu.devices.base import CELL_FIELDS, Device, shared_fields
from insitu.errors import InputError
from insitu.kernels.cache import announce, cache_folder

_LAW = """NOISE = {noise}
SPREAD = {spread}
ENDURANCE = {endurance}
ONE_SIDED = {one_sided}
STACKED = {stacked}
step = njit(LAW, error_model="numpy")


@njit
def cell_parameters(g_min, g_max, step_up, step_down, law):
    return PARAMETERS({arguments})
"""


def flat_parameters(device: Device) -> list[float]:
    """Return the device's numbers as one list, CELL_FIELDS first, tables laid flat; None reads 0.0."""
    flat: list[float] = []
    for name in shared_fields(device):
        value = getattr(device, name)
        flat.extend(map(float, value) if isinstance(value, tuple) else [float(value or 0.0)])
    return flat


def kernels(device: Device, template: str = "column", *, stacked: bool = False) -> Any:
    """Return the module of compiled kernels of this device's law.

    Parameters
    ----------
    template : the module of this folder that offers them: column, bits, outer, accumulate, carry, symmetry or transfer.
    stacked : whether other arrays hold the more significant parts of the same weights.

    Raises
    ------
    InputError
        If the law is not something that Numba can compile; the sentence quotes Numba's reason.
    """
    sizes = tuple(
        len(value) if isinstance(value := getattr(device, name), tuple) else 0 for name in shared_fields(device)
    )
    noise = {"none": 0, "normal": 1, "uniform": 2}[device.draw if device.noisy else "none"]
    flags = (device.spread.on, device.mortal, type(device).one_sided, stacked)
    return _compiled(type(device), template, sizes, noise, flags)


def compiles(device: Device) -> str | None:
    """Return None if the device law compiles, else the reason in a sentence."""
    try:
        kernels(device)
    except InputError as error:
        return str(error)
    return None


@lru_cache(maxsize=64)
def _compiled(
    law: type[Device], template: str, sizes: tuple[int, ...], noise: int, flags: tuple[bool, ...]
) -> ModuleType:
    names = list(shared_fields(law))
    arguments, at = list(CELL_FIELDS), len(CELL_FIELDS)
    for size in sizes[len(CELL_FIELDS) :]:
        arguments.append(f"law[{at}:{at + size}]" if size else f"law[{at}]")
        at += size or 1
    named_flags = dict(zip(("spread", "endurance", "one_sided", "stacked"), flags, strict=True))
    block = _LAW.format(noise=noise, arguments=", ".join(arguments), **named_flags)
    cell = re.sub(r"# <law>.*# </law>\n", lambda _: block, _template("cell"), flags=re.DOTALL)
    text = re.sub(r"from insitu.kernels.cell import .*\n", lambda _: cell, _template(template))
    named = f"{law.__module__}.{law.__qualname__}"  # a cached kernel imports the module that it was made from
    source = _source(law)
    depends = [text, repr(names), named, source, importlib.metadata.version("numba"), *_kernels_in(text + source)]
    digest = hashlib.sha256("\0".join(depends).encode()).hexdigest()[:16]
    path = cache_folder() / f"{law.__name__.lower()}_{template}_{digest}.py"
    if not path.exists():
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    parameters = namedtuple("Parameters", names)
    try:
        return _load(path, law, parameters)
    except Exception as error:
        damaged = list((path.parent / "__pycache__").glob(f"{path.stem}.*.nb?"))
        if not damaged:  # Numba has many ways to say no, not all of them exceptions of its own
            raise InputError(
                f"{law.__name__}.step cannot be compiled: {_reason(error)}. Use scalar arithmetic, if/else, min, max, abs "
                "and insitu.kernels.fmath.exp/log only"
            ) from error
    for entry in damaged:  # or outdated: whatever it was, compiling anew mends it
        entry.unlink(missing_ok=True)
    return _load(path, law, parameters)


def _template(name: str) -> str:
    """Return a template without what may only stand at the top of a file; read, not imported, for that compiles it."""
    text = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
    return text.partition("from __future__ import annotations\n")[2]


def _kernels_in(text: str) -> list[str]:
    """Return the source of every module of this folder that a text imports, and that those import, in a fixed order."""
    found: dict[str, str] = {}
    left = [text]
    while left:
        for name in re.findall(r"^from insitu\.kernels(?:\.| import )(\w+)", left.pop(), flags=re.MULTILINE):
            if name not in found:
                found[name] = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
                left.append(found[name])
    return [found[name] for name in sorted(found)]


def _source(law: type[Device]) -> str:
    """Return what the law depends on: its bytecode, the numbers that it takes from elsewhere, and the whole file that
    defines it, if there is one, for helpers beside it count."""
    code, elsewhere = law.step.__code__, law.step.__globals__
    numbers = {n: elsewhere[n] for n in code.co_names if isinstance(elsewhere.get(n), int | float | tuple)}
    parts = repr((code.co_code, code.co_consts, code.co_names, numbers))
    try:
        return parts + Path(code.co_filename).read_text(encoding="utf-8")
    except OSError:
        return parts


def _load(path: Path, law: type[Device], parameters: type) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"insitu_kernel_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module  # Numba looks it up there when it reads its cache
    vars(module).update(LAW=law.step, PARAMETERS=parameters)
    with announce(path, f"device law {law.__name__}"):
        spec.loader.exec_module(module)
    return module


def _reason(error: Exception) -> str:
    """Return the telling line of Numba's report, which opens with what failed and closes with where."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("Failed in", "During:", "File ", "- ", "Rejected"))]
    return (telling or lines or ["no reason given"])[0].rstrip(".:")
