"""The compiled form of a device: its law fused into the loops that pulse an array, see :mod:`insitu.kernels.fuse`."""

from __future__ import annotations

from collections import namedtuple
from functools import lru_cache
from types import ModuleType
from typing import Any

from insitu.devices.base import CELL_FIELDS, Device, parameters, shared_fields

#: entry point -> the template that has it; cells that hold the bits of codes have theirs from "bits"
_TEMPLATES = {"overlap": "rows", "give": "tuning", "tune": "tuning", "alternate": "symmetry"}
_FILTERS = {"follow": "lanes", "follow_strays": "strays", "follow_jumps": "jumping"}
_TEMPLATES |= _FILTERS
#: templates that build on others than the cell
_BASES = {"jumping": ("filtering",), "lanes": ("filtering",), "strays": ("filtering", "lanes")}


def kernels(device: Device, entry: str, digital: bool = False) -> ModuleType:
    """Return the module with one compiled entry point for the cells of a device, which costs seconds the first time.

    Parameters
    ----------
    entry : its name, one of those above, or ``program``, ``give`` or ``tune`` of ``digital`` cells.

    Raises
    ------
    InputError
        If the law is not something that Numba can compile; the sentence quotes Numba's reason.
    """
    law: Any = type(device)
    values = (getattr(device, name) for name in shared_fields(device))
    sizes = tuple(len(value) if isinstance(value, tuple) else 0 for value in values)
    # whether pulses draw stands in the state of an array; the filter of a fit has none
    draw = "none" if entry in _FILTERS and not device.noisy else device.draw
    constants = {"NOISE": {"none": 0, "normal": 1, "uniform": 2}[draw], "ONE_SIDED": law.one_sided}
    return _compiled(law, "bits" if digital else _TEMPLATES[entry], entry, sizes, tuple(constants.items()))


def flat_parameters(device: Device) -> list[float]:
    """Return the device's numbers as one list, CELL_FIELDS first, tables laid flat; None reads 0.0."""
    return [number for value in parameters(device) for number in (value if isinstance(value, tuple) else (value,))]


@lru_cache(maxsize=128)
def _compiled(
    kind: type[Device], template: str, entry: str, sizes: tuple[int, ...], constants: tuple[tuple[str, object], ...]
) -> ModuleType:
    """Return the kernel of a law; ``sizes`` are those of its tables, ``constants`` what is switched on."""
    from insitu.kernels.fuse import Law, fused, source_of

    names = list(shared_fields(kind))
    own, at, in_law = ", ".join(CELL_FIELDS), len(CELL_FIELDS), []
    for size in sizes[len(CELL_FIELDS) :]:
        in_law.append(f"law[{at}:{at + size}]" if size else f"law[{at}]")
        at += size or 1
    beside = [f"shared.{name}" for name in names[len(CELL_FIELDS) :]]
    code = "\n".join(
        f"@njit\ndef {called}({own}, {source}):\n    return PARAMETERS({', '.join([own, *rest])})"
        for called, source, rest in (("cell_parameters", "law", in_law), ("cell_beside", "shared", beside))
    )
    owner = f"{kind.__module__}.{kind.__qualname__}{names}"  # a cached kernel imports the module that it was made from
    values: dict[str, Any] = {"PARAMETERS": namedtuple("Parameters", names)}
    law = Law(
        kind.__name__, "device law", "step", kind.step, source_of(kind.step, owner), dict(constants), values, code
    )
    return fused(law, ("cell", *_BASES.get(template, ()), template), entry)
