"""The tables of the second system, and the options that they stand for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from insitu.cells import DifferentialPair, Encoding
from insitu.chip import Chip
from insitu.datasets import braille
from insitu.devices.base import Device
from insitu.errors import MOST
from insitu.learning.activity_difference import ActivityDifference, Difference, Mode
from insitu.networks.energy import EnergyRule
from insitu.networks.units import Unit
from insitu.recipes.axes import Options, SchemeOption, encoding_of
from insitu.recipes.imperfect import ArrayTable
from insitu.recipes.loading import BaseRecipe, OrOff, RecipePart
from insitu.schemes import Exact, Scheme, WriteVerify

Probability = Annotated[float, Field(ge=0, le=1)]


class _Data(RecipePart):
    task: Literal["braille", "mnist"] = "braille"
    words: tuple[str, ...] = Field(braille.NAMES, max_length=1000)
    cells: int = Field(10, ge=1, le=1000)
    flips: tuple[Probability, ...] = Field((0.1, 0.2, 0.3), min_length=1)
    erased: int = Field(0, ge=0)
    examples: int = Field(500, ge=1, le=100_000)
    validation: int = Field(0, ge=0)


class _Training(RecipePart):
    flips: tuple[Probability, Probability] = (0.1, 0.4)
    form: OrOff[Difference] = None


class _TwoLayer(RecipePart):
    hidden: int = Field(32, ge=1, le=MOST)
    updates: int = Field(600, ge=1, le=1_000_000)
    batch: int = Field(180, ge=1, le=100_000)
    mode: Mode = "clamped"
    beta: float = 0.5
    rate: float = 1.0
    gain: float = 2.0
    initial: float = 0.3
    steps: int = 5
    test_steps: int = Field(20, ge=1, le=100_000)


class _OneLayer(RecipePart):
    updates: int = Field(300, ge=1, le=1_000_000)
    batch: int = Field(180, ge=1, le=100_000)
    rate: float = Field(0.2, ge=0, le=1000)
    drive: float = 1.0
    blocks: int = 5
    sweeps: int = 12
    hysteresis: tuple[float, float] = (0.0, 0.0)


class _Images(RecipePart):
    hidden: tuple[int, ...] = Field((512,), max_length=90)
    epochs: int = Field(15, ge=1, le=10_000)
    batch: int = Field(32, ge=1, le=100_000)
    shift: int = Field(1, ge=0, le=10)
    mode: Mode = "clamped"
    beta: float = 0.2
    rate: float = 0.3
    ratios: tuple[float, ...] = (2.0, 1.0)
    gain: float = 16.0
    initial: float = 0.06
    activation: Unit = "hard"
    output: Unit = "softmax"
    steps: int = 10
    nudged_steps: int = 5
    tolerance: float = 1e-3
    test_steps: int = Field(20, ge=1, le=100_000)


class _Array(ArrayTable):
    weights: Literal["ideal", "analogue"] = "analogue"
    bits: int = Field(4, ge=1, le=16)


class Recipe(BaseRecipe):
    """The fields of yi2022.toml, which explains them."""

    data: _Data = _Data()
    training: _Training = _Training()
    two_layer: _TwoLayer = _TwoLayer()
    one_layer: _OneLayer = _OneLayer()
    images: _Images = _Images()
    scheme: SchemeOption = WriteVerify()
    array: _Array = _Array()
    chip: Options[Chip] = Chip(tile_rows=64, tile_columns=64, partial_sums="currents")


def device_of(recipe: Recipe) -> tuple[str, Device]:
    """Return the name and the device that a recipe asks for, imperfections off if its weights are ideal."""
    return recipe.array.named_device(scheme_of(recipe), auto="yi2022-taox")


def scheme_of(recipe: Recipe) -> Scheme:
    """Return the scheme; to write and verify ideal cells is to set numbers."""
    return Exact() if recipe.array.weights == "ideal" and isinstance(recipe.scheme, WriteVerify) else recipe.scheme


def axes_of(recipe: Recipe) -> dict[str, Any]:
    """Return scheme, encoding and chip, as networks take them."""
    array, device = recipe.array, device_of(recipe)[1]
    encoding: Encoding = encoding_of(array.encoding, device, bits=array.bits, otherwise=DifferentialPair())
    return {"scheme": scheme_of(recipe), "encoding": encoding, "chip": recipe.chip}


def energy_rule(recipe: Recipe, p: _TwoLayer | _Images) -> EnergyRule:
    """Return what a network of layers does with its arrays."""
    given = p.model_dump(include={"output", "gain", "initial", "ratios", "steps", "nudged_steps", "tolerance"})
    if isinstance(p, _Images):
        given["hidden"] = p.activation
    nudge = {} if p.mode == "clamped" else {"beta": p.beta}
    learning = ActivityDifference(mode=p.mode, rate=p.rate, form=recipe.training.form, **nudge)
    return EnergyRule(learning=learning, **given)
