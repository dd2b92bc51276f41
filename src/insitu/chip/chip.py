"""The options of a chip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from insitu.errors import InputError, refuse_idle, require_between, require_bools, require_whole, store_plain_numbers


def weights_across(tile_columns: int | None, columns: int, planes: int) -> int:
    """Return how many weights of so many cells lie side by side in a tile, of an array of so many columns of weights."""
    return min(max((tile_columns or columns * planes) // planes, 1), columns)


_OHMS = ("row_ohm", "column_ohm", "source_ohm", "sense_ohm")


@dataclass(frozen=True, kw_only=True)
class Wires:
    """The wires of a tile, and its size.

    Parameters
    ----------
    row_ohm, column_ohm : between neighbouring cells of a row, and of a column.
    source_ohm : between a driver and the first cell of its row; sense_ohm : between the last cell of a column and the
        virtual ground of its sense amplifier.
    tile_rows, tile_columns : cells along the sides of a tile; None is the whole array on one.
    tolerance, after_learning, column_gain : see :class:`Chip`.
    """

    row_ohm: float = 0.0
    column_ohm: float = 0.0
    source_ohm: float = 0.0
    sense_ohm: float = 0.0
    tile_rows: int | None = None
    tile_columns: int | None = None
    tolerance: float = 0.01
    after_learning: bool = False
    column_gain: bool = False

    @property
    def transposed(self) -> Wires:
        """The same wires, columns as rows."""
        return Wires(
            row_ohm=self.column_ohm, column_ohm=self.row_ohm, source_ohm=self.sense_ohm, sense_ohm=self.source_ohm
        )


@dataclass(frozen=True, kw_only=True)
class Chip:
    """The chip around the arrays of a network.

    Parameters
    ----------
    image_seconds : physical time an example takes, s; leak and drift of the cells follow it. 10 us (ours) is what the default
        cost sets come to for the third system.
    aging : examples between two looks at the clock; leak and drift advance in such steps.
    output_noise : standard deviation of the circuits that read a line, in units of the weighted sum; None is none.
    tile_rows, tile_columns : cells along the sides of a tile, over several of which a large layer lies; devices of one
        weight lie side by side. None is the whole layer on one tile.
    row_ohm, column_ohm : wire between neighbouring cells of a row, and of a column; None is ideal.
    source_ohm, sense_ohm : between a driver and the first cell of its row, and between the last cell of a column and the
        virtual ground of its sense amplifier; None is ideal.
    partial_sums : how the sums of tiles below each other are added: ``digital``, each converted on its own, or as
        ``currents``, converted once.
    dac_bits, adc_bits : of converters; None is ideal. The DAC has 2**bits - 1 levels above 0, the ADC 2**(bits - 1) - 1
        above 0 and as many below; full scale is that of the largest input of a read.
    signed_dac : whether an input may drive a line either way, so that signed inputs take one read and the DAC has
        2**(bits - 1) - 1 levels above 0; else positive and negative inputs are read one after the other.
    adc_range : largest sum that is converted, in units of the weighted sum at inputs of at most 1; None learns it from
        training examples: the ``adc_quantile`` of the sums of each 250, which holds for the next ones, but no less than
        three quarters of the last. Until then sums are taken as they are.
    wire_tolerance : change of what wires do to a weight, as a fraction of its range, that is left to an estimate; beyond it
        the circuit is solved again. 0 solves it after every example.
    wires_act : ``always``, or ``after learning``: cells learn behind ideal wires, and answers are read through these.
    column_gain : whether the current of each column of a tile is scaled so that, all its rows driven, it is that of ideal
        wires: what a chip can correct after the fact. They are set anew where what wires do is looked at.
    read_disturb : relative change of a conductance by one whole read with a positive voltage on its row, as of a read
        forwards; may be negative. None is off. See :mod:`insitu.arrays.disturbing`.
    read_disturb_negative : the same with the positive voltage on its column, as of a transposed read; None is as much in the
        other direction.
    """

    image_seconds: float = 1e-5
    aging: int = 2000
    output_noise: float | None = None
    tile_rows: int | None = None
    tile_columns: int | None = None
    row_ohm: float | None = None
    column_ohm: float | None = None
    source_ohm: float | None = None
    sense_ohm: float | None = None
    wire_tolerance: float = 0.01
    wires_act: Literal["always", "after learning"] = "always"
    column_gain: bool = False
    partial_sums: Literal["digital", "currents"] = "digital"
    dac_bits: int | None = None
    adc_bits: int | None = None
    signed_dac: bool = False
    adc_range: float | None = None
    adc_quantile: float = 0.999
    read_disturb: float | None = None
    read_disturb_negative: float | None = None

    def __post_init__(self) -> None:
        store_plain_numbers(self)
        require_between("chip.image_seconds", self.image_seconds, 0, 1e9, unit="s", optional=False)
        require_whole("chip.aging", self.aging, 1)
        require_between("chip.output_noise", self.output_noise, 0, 1e3)
        for name in ("tile_rows", "tile_columns"):
            if getattr(self, name) is not None:
                require_whole(f"chip.{name}", getattr(self, name), 1)
        for name in _OHMS:
            require_between(f"chip.{name}", getattr(self, name), 0, 1e9, unit="ohm")
        require_between("chip.wire_tolerance", self.wire_tolerance, 0, 1, optional=False)
        for name, allowed in (("partial_sums", ("digital", "currents")), ("wires_act", ("always", "after learning"))):
            if not isinstance(value := getattr(self, name), str) or value not in allowed:
                raise InputError(f"chip.{name}: got {value!r}; allowed are '{allowed[0]}' and '{allowed[1]}'")
        require_bools(self, ("signed_dac", "column_gain"), "chip.")
        for name, least in (("dac_bits", 2 if self.signed_dac else 1), ("adc_bits", 2)):
            if getattr(self, name) is not None:
                require_whole(f"chip.{name}", getattr(self, name), least, 24)
        require_between("chip.adc_range", self.adc_range, 1e-12, 1e12)
        require_between("chip.adc_quantile", self.adc_quantile, 0.5, 1, optional=False)
        for name in ("read_disturb", "read_disturb_negative"):
            require_between(f"chip.{name}", getattr(self, name), -0.5, 0.5)
        if self.read_disturb is None and self.read_disturb_negative is not None:
            raise InputError("chip.read_disturb_negative is set but chip.read_disturb is None; give it too, or 0")
        if self.signed_dac and self.disturbances is not None:
            raise InputError(
                "chip.signed_dac: got True with chip.read_disturb, which does not know by sign how long lines were driven; "
                "allowed is False, with which inputs of either sign are read one after the other, at one polarity"
            )

    @property
    def idle(self) -> dict[str, str]:
        """The options that do nothing beside the others, and why."""
        return {
            name: why
            for there, names, why in (
                (self.wires_act == "always", ("wire_tolerance",), "answers are read by the exact solution"),
                (
                    any(getattr(self, ohm) for ohm in _OHMS),
                    ("wire_tolerance", "wires_act", "column_gain"),
                    "all wires are ideal",
                ),
                (self.adc_range is None, ("adc_quantile",), "chip.adc_range is given"),
                (self.adc_bits is not None, ("adc_range", "adc_quantile"), "chip.adc_bits is off"),
                (self.tile_rows or self.tile_columns, ("partial_sums",), "a layer is one tile"),
            )
            if not there
            for name in names
        }

    def require_effect(self, more: Mapping[str, str] | None = None) -> None:
        """Raise InputError for an option that is not at its default and does nothing: one of :attr:`idle` or of ``more``.

        But for the tolerance, which says how exact the others are to be, not what the chip is.
        """
        idle = {name: why for name, why in {**self.idle, **(more or {})}.items() if name != "wire_tolerance"}
        refuse_idle(self, idle, "chip.")

    def require_tile(self, planes: int) -> None:
        """Raise InputError unless the cells of a weight, ``planes`` of them, fit side by side in a tile."""
        if self.tile_columns is not None and self.tile_columns < planes:
            raise InputError(
                f"chip.tile_columns: got {self.tile_columns}; the {planes} cells of a weight lie side by side in one tile, "
                f"so allowed is {planes} or more"
            )

    @property
    def wires(self) -> Wires | None:
        """The wires of a tile; None if they are ideal."""
        ohms = {name: getattr(self, name) or 0.0 for name in _OHMS}
        if not any(ohms.values()):
            return None
        return Wires(
            **ohms,
            tile_rows=self.tile_rows,
            tile_columns=self.tile_columns,
            tolerance=self.wire_tolerance,
            after_learning=self.wires_act == "after learning",
            column_gain=self.column_gain,
        )

    def tiles(self, rows: int, columns: int, planes: int) -> tuple[int, int]:
        """Return over how many tiles, (below, beside) each other, an array of so many weights of so many cells lies."""
        return -(-rows // (self.tile_rows or rows)), -(-columns // weights_across(self.tile_columns, columns, planes))

    @property
    def disturbances(self) -> tuple[float, float] | None:
        """Relative change of a cell by a whole read forwards, and by one transposed; None if reads disturb nothing."""
        forward, backward = self.read_disturb or 0.0, self.read_disturb_negative
        both = forward, -forward if backward is None else backward
        return both if any(both) else None

    @property
    def dac_levels(self) -> float:
        """Levels of an input above 0; 0 is an ideal DAC."""
        return 0.0 if self.dac_bits is None else 2.0 ** (self.dac_bits - self.signed_dac) - 1

    @property
    def adc_levels(self) -> float:
        """Levels of a sum above 0; 0 is an ideal ADC."""
        return 0.0 if self.adc_bits is None else 2.0 ** (self.adc_bits - 1) - 1

    @property
    def output_variance(self) -> float:
        """Variance of the circuits that read a line."""
        return float(self.output_noise or 0.0) ** 2
