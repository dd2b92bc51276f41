"""A user's own device, from a plain Python file."""

from __future__ import annotations

import warnings
from pathlib import Path
from types import ModuleType

from insitu.devices.base import Device
from insitu.devices.check import require_usable
from insitu.devices.library.parameter_set import ParameterSet, Value, numbers
from insitu.errors import InputError
from insitu.plugins import classes_of, import_file

_tried: set[str] = set()  #: modules whose device can be used: a sweep loads its file once a point


def load_user_file(path: Path) -> ParameterSet:
    """Return the device of a Python file as a parameter set whose numbers are all tagged ``user``.

    The file has an instance of a Device named ``device``, or exactly one class that derives from Device and has a
    default for every field. It may also have strings ``source`` and ``validity``, and a dictionary ``notes`` of strings that
    say where numbers come from, by field.

    Raises
    ------
    InputError
        If there is no such file, it does not import, or it has no device that can be used; one sentence. Warns, once, of
        what else :func:`insitu.devices.check_device` finds first.
    """
    module = import_file(path)
    device = _device(module, path.name)
    if module.__name__ not in _tried:
        odd = require_usable(device, path.name)
        _tried.add(module.__name__)
        if odd:
            warnings.warn(f"{path.name}: {odd[0]}", stacklevel=2)
    notes = getattr(module, "notes", {})
    if not isinstance(notes, dict):
        raise InputError(
            f"{path.name}: notes is a {type(notes).__name__}; allowed is a dictionary of field -> sentence"
        )
    own = module.__doc__ if "source" in vars(module) else None  # its law, from elsewhere, says less of the device
    return ParameterSet(
        name=path.stem,
        device=device,
        summary=(own or type(device).__doc__ or type(device).__name__).strip().splitlines()[0],
        source=str(getattr(module, "source", f"the user's file {path.name}")),
        validity=str(getattr(module, "validity", "not stated")),
        provenance={name: Value("user", str(notes.get(name) or f"from {path.name}")) for name in numbers(device)},
    )


def _device(module: ModuleType, name: str) -> Device:
    if hasattr(module, "device"):
        if not isinstance(module.device, Device):
            kind = type(module.device).__name__
            raise InputError(f"{name}: device is a {kind}; allowed is an instance of a class that derives from Device")
        return module.device
    own = classes_of(module, Device)
    if len(own) != 1:
        found = ", ".join(cls.__name__ for cls in own) or "none"
        raise InputError(f"{name}: wants `device = ...` or exactly one class that derives from Device; found {found}")
    try:
        return own[0]()  # type: ignore[no-any-return]  # its fields may all have defaults
    except TypeError as error:
        cls, what = own[0].__name__, str(error).partition(" ")[2]
        raise InputError(f"{name}: {cls}() is {what}; give defaults or add `device = {cls}(...)`") from error
