"""What measurements of one kind say of a device, whatever the kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from insitu.devices.imperfections import Imperfection
from insitu.measure.searching import Estimate


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found.

    Parameters
    ----------
    groups : field of a device -> the imperfection as measured; one that was looked for and not seen is off.
    estimates : every number with its error; those of groups as ``retention.nu``.
    units : of numbers that are no field of a device.
    rows : one a level, a device or a trace, all with the same keys; ``_S``, ``_s`` and ``_K`` end those with a unit.
    laws : what was compared, the best first: ``law``, ``free`` numbers, ``log_likelihood``, ``bic``.
    sentences : what has to be known beside the numbers.
    conditions : under which they hold.
    """

    groups: Mapping[str, Imperfection]
    estimates: Mapping[str, Estimate]
    units: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]]
    laws: Sequence[Mapping[str, Any]]
    sentences: tuple[str, ...]
    conditions: str
