"""A device by name or file, without the origin of its numbers, which :func:`insitu.devices.library.load` gives too."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import PurePath
from typing import Any

from insitu.devices import library
from insitu.devices.base import Device
from insitu.errors import InputError, require_kind


def load(name_or_path: str | PathLike[str]) -> Device:
    """Return a device of the library, or the device of a Python file.

    Parameters
    ----------
    name_or_path : one of :func:`insitu.devices.library.names`, the path of a ``.py`` file (docs/add-a-device.md), or a fit
        that was saved.

    Raises
    ------
    InputError : there is no such name, with the nearest one, or the file has no usable device.

    Examples
    --------
    >>> load("shi2018-cbram").g_max
    7e-06
    """
    require_kind("device", name_or_path, (str, PathLike), "`insitu devices` lists the names of the library")
    return library.load(name_or_path).device


def named(device: Any) -> Any:
    """Return the device of the library that a name names, and what is no name as it is.

    Raises
    ------
    InputError : there is no such name, with the nearest one, or it is a file, whose code an estimator would execute unasked.
    """
    if not isinstance(device, str | PathLike):
        return device
    name = fspath(device)
    if isinstance(device, PathLike) or name.endswith((".py", ".toml")) or PurePath(name).name != name:
        raise InputError(
            f"device: got the file '{name}', whose code would be executed; allowed is a device, or the name of one of the "
            f"library; write device=insitu.load({name!r}) if you trust it"
        )
    return load(name)
