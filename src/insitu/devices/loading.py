"""A device by name or file, without the origin of its numbers, which :func:`insitu.devices.library.load` gives too."""

from __future__ import annotations

from os import PathLike

from insitu.devices import library
from insitu.devices.base import Device
from insitu.errors import require_kind


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
