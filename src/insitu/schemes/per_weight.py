"""Schemes that decide weight by weight, how many pulses a wanted change is: a scalar function, in Python as it is read."""

from __future__ import annotations

from abc import abstractmethod
from collections import namedtuple
from dataclasses import dataclass, fields
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

from insitu.cells import Encoding
from insitu.devices.base import Device
from insitu.schemes.base import Form, Kernels, Scheme

if TYPE_CHECKING:
    from insitu.schemes.weights import Weights


@dataclass(frozen=True, kw_only=True)
class PerWeight(Scheme):
    """A scheme that is one pure scalar function, compiled into the loops over weights as a device law is.

    A subclass adds fields, numbers all of them, and gives ``pulses``. The wanted change is computed by the periphery, and
    what pulses do is not looked at.
    """

    kept: ClassVar[int] = 1
    uses: ClassVar[tuple[str, ...]] = ("give",)
    #: whether ``pulses`` wants a random number
    draws: ClassVar[bool] = False

    @staticmethod
    @abstractmethod
    def pulses(change: float, kept: float, p: Any, z: float) -> tuple[float, float]:
        """Return how many pulses a weight gets now, a whole number, negative to lower it; and what it keeps.

        Parameters
        ----------
        change : that is wanted of this weight, in units of weight.
        kept : what this function returned for this weight the last time, 0.0 at first.
        p : the fields of the scheme by name; besides ``step``, the mean change of a weight by a pulse, and ``low`` and
            ``high``, the range of a weight.
        z : a fresh uniform random number where the class says ``draws``, else 0.0.
        """

    def require(self, device: Device, encoding: Encoding, form: Form) -> None:
        """Refuse devices that do not move both ways."""
        self.require_steps(device, encoding)

    def kernels(self, weights: Weights) -> Kernels:
        """Return the compiled functions."""
        of = _compiled(type(self))
        return Kernels(of.update, of.column, of.dense)

    def numbers(self, weights: Weights, rate: float) -> list[float]:
        """Return the fields of the scheme, and what it may know of the weights."""
        return [*(float(getattr(self, name)) for name in _names(type(self))), weights.step, weights.low, weights.high]


def _names(kind: type[PerWeight]) -> list[str]:
    return [f.name for f in fields(kind) if f.name != "transfer"]


@lru_cache(maxsize=64)
def _compiled(kind: type[PerWeight]) -> ModuleType:
    from insitu.kernels.fuse import Law, fused, source_of

    names = [*_names(kind), "step", "low", "high"]
    picked = ", ".join(f"numbers[{place}]" for place in range(len(names)))
    law = Law(
        name=kind.__name__,
        kind="scheme",
        called="pulses",
        function=kind.pulses,
        source=source_of(kind.pulses, f"{kind.__module__}.{kind.__qualname__}{names}"),
        constants={"DRAWS": kind.draws},
        values={"NUMBERS": namedtuple("Numbers", names)},
        code=f"@njit\ndef scheme_parameters(numbers):\n    return NUMBERS({picked})",
    )
    return fused(law, ("perweight",))
