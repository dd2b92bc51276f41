"""Schemes that decide weight by weight, how many pulses a wanted change is: a scalar function, in Python as it is read."""

from __future__ import annotations

from abc import abstractmethod
from collections import namedtuple
from dataclasses import dataclass, fields
from functools import lru_cache
from math import nan
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from insitu.arrays.closed_loop import ClosedLoop
from insitu.arrays.crossbar import Crossbar
from insitu.cells import Encoding
from insitu.devices.base import Device
from insitu.errors import InputError
from insitu.schemes.base import Form, Kernels, Scheme

if TYPE_CHECKING:
    from insitu.schemes.weights import Weights


@dataclass(frozen=True, kw_only=True)
class PerWeight(Scheme):
    """A scheme that is one pure scalar function, compiled into the loops over weights as a device law is.

    A subclass adds fields, numbers all of them, and gives ``pulses``. The wanted change is computed by the periphery, and
    what pulses do is not looked at. One that says ``by_law`` writes devices with a law of programming by it instead, from
    where a weight stands; the read that tells where is one of the tries of such a write.
    """

    #: numbers that it keeps for each weight, 1 or 0
    kept: ClassVar[int] = 1
    uses: ClassVar[tuple[str, ...]] = ("give",)
    #: whether ``pulses`` wants a random number
    draws: ClassVar[bool] = False
    #: the field that says whether updates are cycles of SET and of RESET in turn, each sending pulses of its polarity alone
    cycles: ClassVar[str] = ""

    @staticmethod
    @abstractmethod
    def pulses(change: float, kept: float, p: Any, z: float) -> tuple[float, float]:
        """Return how many pulses a weight gets now, a whole number, negative to lower it; and what it keeps.

        Where a law writes (``p.whole`` is 0), by how much the weight is to move now, in units of weight, in place of pulses.

        Parameters
        ----------
        change : that is wanted of this weight, in units of weight.
        kept : what this function returned for this weight the last time, 0.0 at first; 0.0 if nothing is kept.
        p : the fields of the scheme by name; besides ``step``, the mean change of a weight by a pulse, ``low`` and
            ``high``, the range of a weight, ``whole``, whether pulses are given, and ``error``: with which standard deviation
            a weight that a law writes ends, else a step.
        z : a fresh uniform random number where the class says ``draws``, else 0.0.
        """

    def require(self, device: Device, encoding: Encoding, form: Form) -> None:
        """Refuse devices that do not move both ways, unless a law writes them."""
        law = self.by_law and device.programming.error_sd is not None and not encoding.digital
        if not law:
            self.require_steps(device, encoding)
        if self.alternates and (law or encoding.digital or device.one_sided):
            bits, sudden = "the changed bits of a code belong together", "a RESET of this device empties a cell"
            raise InputError(
                f"scheme.{self.cycles}: got true, but {type(self).__name__} does not write {type(encoding).__name__} of "
                f"{type(device).__name__} in cycles of SET and of RESET, for "
                f"{'a law writes it at once' if law else bits if encoding.digital else sudden}; allowed is false, or "
                "a pair of a device that pulses lower step by step"
            )

    @property
    def alternates(self) -> bool:
        """Whether the field that :attr:`cycles` names says that they take turns."""
        return bool(self.cycles and getattr(self, self.cycles))

    def kernels(self, weights: Weights) -> Kernels:
        """Return the compiled functions."""
        of = _compiled(type(self))
        return Kernels(of.update, of.column, of.dense)

    def entry_points(self, array: Crossbar) -> tuple[str, ...]:
        """Return the one of the array that learns which is used."""
        return ("tune",) if self.by_law and array.by_law else self.uses

    def numbers(self, weights: Weights, rate: float) -> list[float]:
        """Return the fields of the scheme, what it may know of the weights, and how a law writes them."""
        array, own = weights.array, [_number(getattr(self, name)) for name in _names(type(self))]
        if not (self.by_law and array.by_law):
            return [*own, weights.step, weights.low, weights.high, 1.0, weights.step]
        loop = array.loop(ClosedLoop(), 0)
        error = loop.error_sd * float(np.linalg.norm(array.map.gains[array.map.signs != 0]))
        return [*own, weights.step, weights.low, weights.high, 0.0, error, *map(float, loop[:-1])]


def _names(kind: type[PerWeight]) -> list[str]:
    return [f.name for f in fields(kind) if f.name != "transfer"]


def _number(value: float | None) -> float:
    """Return a field as the function of a scheme sees it: what is off is no number."""
    return nan if value is None else float(value)


@lru_cache(maxsize=64)
def _compiled(kind: type[PerWeight]) -> ModuleType:
    from insitu.kernels.fuse import Law, fused, source_of

    names = [*_names(kind), "step", "low", "high", "whole", "error"]
    picked = ", ".join(f"numbers[{place}]" for place in range(len(names)))
    law = Law(
        name=kind.__name__,
        kind="scheme",
        called="pulses",
        function=kind.pulses,
        source=source_of(kind.pulses, f"{kind.__module__}.{kind.__qualname__}{names}"),
        constants={
            "DRAWS": kind.draws,
            "KEEPS": bool(kind.kept),
            "LOOP": len(names),
            "ALTERNATE": names.index(kind.cycles) if kind.cycles else -1,
        },
        values={"NUMBERS": namedtuple("Numbers", names)},
        code=f"@njit\ndef scheme_parameters(numbers):\n    return NUMBERS({picked})",
    )
    return fused(law, ("perweight",))
