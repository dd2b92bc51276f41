"""What a user who holds weights by hand gives them, as kernels take it: they believe shapes, kinds and finite numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats
from insitu.errors import InputError, given


def matrix(name: str, values: Any, shape: tuple[int, int] | None = None, columns: int | None = None) -> Floats:
    """Return finite numbers as (rows, columns) float32, in row order.

    Parameters
    ----------
    shape : that they have to have; or only so many ``columns``.

    Raises
    ------
    InputError : they are no numbers, not of this shape, or not all finite.
    """
    found = unchecked(name, values, shape, columns)
    with np.errstate(over="ignore", invalid="ignore"):
        # one pass: what is not finite is so in the sum, which alone may be too large
        sound = np.isfinite(found.sum()) or np.isfinite(found).all()
    if not sound:
        why = f"; if a network asks for the {name}, its errors have grown beyond all bounds, so lower its learning rate"
        raise InputError(
            f"{name}: holds values that are no finite numbers in single precision; allowed are finite ones"
            f"{why if name in ('change', 'd') else ''}"
        )
    return found


def unchecked(name: str, values: Any, shape: tuple[int, int] | None = None, columns: int | None = None) -> Floats:
    """Return what :func:`matrix` does, finite or not."""
    try:
        found = np.asarray(values)
    except ValueError:  # rows of different length
        found = np.empty(0, object)
    if found.dtype.kind not in "biuf":
        raise InputError(f"{name}: got {given(values)}; allowed is an array of numbers")
    if found.ndim != 2 or (shape is not None and found.shape != shape) or (columns not in (None, found.shape[1])):
        allowed = shape if shape is not None else f"(n, {columns})"
        raise InputError(f"{name}: got shape {found.shape}; allowed is {allowed}")
    if found.dtype != np.float32:
        with np.errstate(over="ignore", invalid="ignore"):
            found = found.astype(np.float32)
    return np.require(found, np.float32, ["C", "W"])  # kernels take none that is read-only, such as a memory map


def refuse_inputs(name: str, x: Floats) -> None:
    """Raise InputError for what drives lines, (batch, lines): it is not finite, or its squares may not be."""
    from insitu.kernels.reading import LARGEST

    matrix(name, x)
    raise InputError(
        f"{name}: the largest value is {np.abs(x).max():g}; allowed is at most {LARGEST:g}, beyond which sums in single "
        "precision overflow, so scale the inputs, and the sums back"
    )


def addresses(numbers: Any, examples: int) -> NDArray[np.uint64]:
    """Return the numbers (n,) of so many examples, from which the noise of their reads follows."""
    found = np.asarray(numbers)
    if found.dtype.kind not in "iu" or found.shape != (examples,):
        wrong = f"shape {found.shape} of {found.dtype}"
    elif found.dtype.kind == "i" and (found < 0).any():
        wrong = f"{found.min()} among them"
    else:
        return np.require(found, np.uint64, ["C", "W"])
    raise InputError(f"numbers: got {wrong}; allowed is a whole number from 0 for each of the {examples} examples")
