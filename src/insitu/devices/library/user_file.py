"""A user's own device, from a plain Python file."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from insitu.devices.base import Device
from insitu.devices.library.parameter_set import ParameterSet, Value, numbers
from insitu.errors import InputError


def load_user_file(path: Path) -> ParameterSet:
    """Return the device of a Python file as a parameter set whose numbers are all tagged ``user``.

    The file has an instance of a Device named ``device``, or exactly one class that derives from Device and has a
    default for every field. It may also have strings ``source`` and ``validity``, and a dictionary ``notes`` of strings that
    say where numbers come from, by field.

    Raises
    ------
    InputError
        If there is no such file, it does not import, or it has no such device; one sentence.
    """
    if not path.is_file():
        raise InputError(f"device: there is no file {path}; give a library name or the path of a .py or .toml file")
    module = _imported(path)
    device = _device(module, path.name)
    notes = getattr(module, "notes", {})
    if not isinstance(notes, dict):
        raise InputError(
            f"{path.name}: notes is a {type(notes).__name__}; allowed is a dictionary of field -> sentence"
        )
    return ParameterSet(
        name=path.stem,
        device=device,
        summary=(_own_doc(module) or type(device).__doc__ or type(device).__name__).strip().splitlines()[0],
        source=str(getattr(module, "source", f"the user's file {path.name}")),
        validity=str(getattr(module, "validity", "not stated")),
        provenance={name: Value("user", str(notes.get(name) or f"from {path.name}")) for name in numbers(device)},
    )


def _own_doc(module: ModuleType) -> str | None:
    """Return the docstring of a file that makes its device of a law from elsewhere, which says less of it."""
    return module.__doc__ if "source" in vars(module) else None


def _imported(path: Path) -> ModuleType:
    # named after its content, as its compiled kernel is: a cached kernel asks for the module that it was made from
    name = f"insitu_user_{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path.name}: not a Python file; its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look the module of a class up there
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        what = " ".join(str(error).split())
        raise InputError(f"{path.name}: does not import: {type(error).__name__}: {what}") from error
    return module


def _device(module: ModuleType, name: str) -> Device:
    if hasattr(module, "device"):
        if not isinstance(module.device, Device):
            kind = type(module.device).__name__
            raise InputError(f"{name}: device is a {kind}; allowed is an instance of a class that derives from Device")
        return module.device
    own = [
        item
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Device) and item.__module__ == module.__name__
    ]
    if len(own) != 1:
        found = ", ".join(cls.__name__ for cls in own) or "none"
        raise InputError(f"{name}: wants `device = ...` or exactly one class that derives from Device; found {found}")
    try:
        return own[0]()  # type: ignore[call-arg]  # its fields may all have defaults
    except TypeError as error:
        cls, what = own[0].__name__, str(error).partition(" ")[2]
        raise InputError(f"{name}: {cls}() is {what}; give defaults or add `device = {cls}(...)`") from error
