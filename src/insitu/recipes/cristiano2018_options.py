"""The fields of cristiano2018.toml, and the cells and the scheme that they ask for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Literal, Self

from pydantic import Field, model_validator

from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import Encoding, MultiConductance, ReferencedDevice, Significance
from insitu.cells.levels import levels_of
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.errors import InputError
from insitu.learning.backprop import Function, Loss
from insitu.recipes.axes import Options, SchemeOption
from insitu.recipes.imperfect import DeviceTable
from insitu.recipes.loading import BaseRecipe, OrOff, RecipePart
from insitu.schemes import BlindPulses, ResidualTransfer, Scheme, Transfer
from insitu.schemes.effect import acting, idle_of_renewal, idle_of_transfer
from insitu.schemes.moving import Moving

_FAR = 1e6  #: of significances, and of the unit of a weight: see insitu.cells


class _Data(RecipePart):
    crop: bool = True
    validation: int = Field(0, ge=0)


class _Network(RecipePart):
    hidden: tuple[int, ...] = Field((250, 125), max_length=90)
    function: Function = "relu"
    segments: OrOff[int] = None
    loss: Loss = "cross-entropy"
    feedback: Literal["weights", "alignment"] = "weights"


class _Training(RecipePart):
    epochs: int = Field(20, ge=1, le=10_000)
    rate: float = Field(0.01, gt=0, le=100)
    decay: float = Field(0.9, gt=0, le=1)
    twin: bool = True


class _Cell(RecipePart):
    parts: Literal["both", "msp", "lsp"] = "both"
    unit: float = Field(3.0, ge=1e-6, le=_FAR)
    gain: float = Field(4.0, ge=1e-6, le=_FAR)
    tiles: int = Field(1, ge=1, le=16)
    lsp: Literal["shared", "pair"] = "pair"

    @model_validator(mode="after")
    def _near(self) -> Self:
        """Refuse parts that are further from each other than a sum of them can tell."""
        above = self.tiles - (self.parts == "lsp")  # tiles below the most significant part
        if self.parts == "msp" or 1 / _FAR <= self.gain**above <= _FAR:
            return self
        most = self.tiles - above + int(math.log(_FAR) / abs(math.log(self.gain)))
        raise InputError(
            f"cell.tiles: got {self.tiles}, each {self.gain:g} times (cell.gain) as significant as the next: the most "
            f"significant part counts {self.gain**above:.2g} times the least; allowed is {1 / _FAR:g} to {_FAR:g}, at this "
            f"cell.gain up to {most} tile{'s' if most > 1 else ''}"
        )


class _Transfer(RecipePart):
    every: OrOff[int] = Transfer.every
    refresh: int = Transfer.refresh
    inversion: OrOff[Literal["array", "rows"]] = Transfer.inversion
    probability: float = Transfer.probability
    offset: float = Transfer.offset
    groups: int = Transfer.groups
    write: Literal["auto", "charge", "pulses"] = "auto"
    residual: OrOff[float] = Field(None, ge=1e-6, le=10)
    slower: int = Field(ResidualTransfer.slower, ge=1, le=10_000)
    looks: int = Transfer.looks
    charge_cv: OrOff[float] = Transfer.charge_cv


class Recipe(BaseRecipe):
    """The fields of cristiano2018.toml, which explains them."""

    data: _Data = _Data()
    network: _Network = _Network()
    training: _Training = _Training()
    cell: _Cell = _Cell()
    msp: DeviceTable = DeviceTable(device="ambrogio2018-pcm")
    lsp: DeviceTable = DeviceTable(device="ambrogio2018-3t1c")
    scheme: SchemeOption = BlindPulses()
    transfer: _Transfer = _Transfer()
    closed_loop: Options[ClosedLoop] = ClosedLoop(tolerance=0.0375)
    chip: Options[Chip] = Chip()


def cell_of(recipe: Recipe) -> MultiConductance:
    """Return the parts of a weight that a recipe asks for."""
    table = recipe.cell
    parts, tiles = [], table.tiles if table.parts != "msp" else 1
    if table.parts != "lsp":
        device = recipe.msp.build("msp")
        parts.append(Significance(device=device, gain=table.gain**tiles))
    if table.parts != "msp":
        device = recipe.lsp.build("lsp")
        shared = table.lsp == "shared" and not device.one_sided
        pair = ReferencedDevice if shared else None
        parts += [Significance(device=device, gain=table.gain**n, pair=pair) for n in reversed(range(tiles))]
    return MultiConductance(parts=tuple(parts), unit=table.unit)


def devices(recipe: Recipe) -> list[tuple[str, Device]]:
    """Return the devices of the parts of a weight with their names."""
    wanted = {name: getattr(recipe, name) for name in ("msp", "lsp") if recipe.cell.parts in (name, "both")}
    return [(table.device, table.build(name)) for name, table in wanted.items()]


def scheme_of(recipe: Recipe) -> Scheme:
    """Return how wanted changes reach the devices; options of a transfer that does nothing to them are left out."""
    return acting(_wished(recipe), _parts(recipe))


def idle(recipe: Recipe) -> dict[str, str]:
    """Return the fields that do nothing to the cells of a recipe, and why."""
    scheme, parts = _wished(recipe), _parts(recipe)
    found = idle_of_transfer(scheme, parts) if scheme.transfer is not None else {}
    named = {"closed_loop" if name == "closed_loop" else f"transfer.{name}": why for name, why in found.items()}
    return named | {f"closed_loop.{name}": why for name, why in idle_of_renewal(scheme, parts).items()}


def _parts(recipe: Recipe) -> Sequence[tuple[Device, Encoding]]:
    cell = cell_of(recipe)
    return levels_of(cell, cell.parts[-1].device)  # type: ignore[arg-type]  # each part names its own


def _wished(recipe: Recipe) -> Scheme:
    t, low = recipe.transfer, (recipe.msp if recipe.cell.parts == "msp" else recipe.lsp).build("lsp")
    how: Moving | None = None
    if t.every is not None and t.residual is not None and (recipe.cell.parts == "both" or recipe.cell.tiles > 1):
        how = ResidualTransfer(
            every=t.every, refresh=t.refresh, groups=t.groups, looks=t.looks, share=t.residual, slower=t.slower,
            closed_loop=recipe.closed_loop,
        )  # fmt: skip
    elif t.every is not None:
        charged = t.write == "charge" or (t.write == "auto" and low.retention.tau is not None)
        ours = {f.name for f in fields(Transfer)}
        given = {name: value for name, value in t if name in ours}  # unlike model_dump, None for what is off
        how = Transfer(**given, pulses=not charged, closed_loop=recipe.closed_loop)
    return recipe.scheme if recipe.scheme.exact else replace(recipe.scheme, transfer=how)
