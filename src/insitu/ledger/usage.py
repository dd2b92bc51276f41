"""What a finished run says of its arrays and of the arithmetic it stands for: all that a price needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from insitu.errors import RunError
from insitu.ledger.counts import LEVELS, Counts

Doing = Literal["reading", "writing", "verifying"]


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What one array did in one phase, of one kind; usages add to the ledger of the run.

    Parameters
    ----------
    part : of the network, such as ``layer 1 LSP``. phase : such as ``learning``.
    doing : reading (products with the weights), writing (pulses), or verifying (looks of a closed loop).
    device : as the run names it. rows, columns, planes : weights, and devices a weight.
    level : mean conductance of the cells over g_max, at the end of the run.
    counts : events of this kind alone.
    times : products with the whole array, updates of it (two that send one polarity alone are one), or looks at all of it.
    slots : pulses, one after the other, that a cell may get in an update.
    lines : columns that one update or look reaches.
    adc_bits, dac_bits : of the converters of its chip; None if they were ideal, or an older insitu counted it.
    """

    part: str
    phase: str
    doing: Doing
    device: str
    rows: int
    columns: int
    planes: int
    level: float
    counts: Counts
    times: int
    slots: int = 1
    lines: int
    adc_bits: int | None = None
    dac_bits: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it for a JSON file; events that did not happen are left out."""
        return asdict(self) | {"counts": {name: n for name, n in self.counts.as_dict().items() if n}}


@dataclass(frozen=True, kw_only=True)
class Worn:
    """Writes of the cells of one array: mean, 99th percentile and maximum over its ``cells``."""

    part: str
    device: str
    cells: int
    mean: float
    p99: float
    maximum: int


@dataclass(frozen=True, kw_only=True)
class Work:
    """The arithmetic of the same training in software, dense, without any device.

    Parameters
    ----------
    images : shown, or words.
    macs : multiply-accumulates of all products. changes : of a weight, each read, added to and written.
    loads : weights read for the products, once for each batch of examples that shares them.
    launches : products, activations and updates that must follow each other.
    batch : examples that share a launch.
    """

    images: int
    macs: int
    changes: int
    loads: int
    launches: int
    batch: int


@dataclass(frozen=True)
class Accounts:
    """All of it; ``work`` by network.

    Parameters
    ----------
    image_seconds : physical time by which cells that leak or drift were aged for an example, s; None if none does.
    example : what one of the examples is called, where it is known.
    """

    usages: tuple[Usage, ...]
    worn: tuple[Worn, ...]
    work: Mapping[str, Work]
    image_seconds: float | None = None
    example: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the keys that a recipe adds to its result."""
        return {
            "usage": [usage.as_dict() for usage in self.usages],
            "wear": [asdict(worn) for worn in self.worn],
            "work": {name: asdict(work) for name, work in self.work.items()},
            "image_seconds": self.image_seconds,
        }


def accounts_of(result: Mapping[str, Any], where: str) -> Accounts:
    """Return the accounts in the result of a run.

    Raises
    ------
    RunError : it holds none, because an older insitu wrote it, or is damaged.
    """
    if "usage" not in result:
        raise RunError(f"{where}: an older insitu made this run and did not note what each array did; run it again")
    try:
        table = {"usages": result["usage"], "worn": result["wear"], "work": result["work"]}
        text = json.dumps(table | {key: result.get(key) for key in ("image_seconds", "example")})
        found = TypeAdapter(Accounts).validate_json(text, strict=True)
        return replace(found, usages=tuple(_with_activations(_with_mean(usage)) for usage in found.usages))
    except (KeyError, ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise RunError(f"{where}: damaged, its usage, wear or work is not what insitu writes ({reason})") from error


def _with_mean(usage: Usage) -> Usage:
    """Return what an older insitu noted with the mean conductance for that of the cells that were read."""
    counts = usage.counts
    if usage.doing != "reading" or counts.conductance_read:
        return usage
    return replace(usage, counts=replace(counts, conductance_read=round(LEVELS * counts.reads * usage.level)))


def _with_activations(usage: Usage) -> Usage:
    """Return what an older insitu noted with an activation for every conversion, as it billed them."""
    counts = usage.counts
    if not counts.vectors or counts.activations:
        return usage
    return replace(usage, counts=replace(counts, activations=counts.conversions))
