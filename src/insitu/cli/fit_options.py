"""The options of ``insitu fit``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

File = Annotated[
    Path | None,
    typer.Argument(
        help="Measured pulses, or what --kind says, CSV or .xlsx; docs/fit.md has the layouts.", show_default=False
    ),
]
Kind = Annotated[
    str,
    typer.Option(
        metavar="KIND",
        help="Of the file: pulses; retention, readings over time after a write; endurance, both states over cycles; "
        "noise, readings of a state that is left alone.",
    ),
]
Owner = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FILE", help="Of other kinds than pulses: the device that it belongs to.", show_default=False
    ),
]
Up = Annotated[Path | None, typer.Option(metavar="FILE", help="Instead of FILE: one of up pulses,")]
Down = Annotated[Path | None, typer.Option(metavar="FILE", help="and one of down pulses.")]
Unit = Annotated[
    str | None,
    typer.Option(
        metavar="UNIT|S",
        help="Of the readings, such as uS, nA, kOhm, or the siemens of one unit of normalised ones.",
        show_default="what the file says, else S",
    ),
]
Zero = Annotated[float, typer.Option(help="And their 0, S.")]
ReadVoltage = Annotated[
    float | None, typer.Option(help="Readings are currents at this voltage, V.", show_default=False)
]
Magnitude = Annotated[bool, typer.Option("--magnitude", help="Signs of readings mean nothing.")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Leave rows out that cannot be read, up to 5 % of them.")]
Where = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN=VALUE", help="Only rows with this value, or one of several: 1.2,-1.5. May be repeated."
    ),
]
At = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN=VALUE,...|most",
        help="Fit pulses of several amplitudes and widths together, and make the device at this: "
        "amplitude_V=1.4,width_s=1e-6, or that of the most pulses.",
        show_default=False,
    ),
]
Without = Annotated[
    list[str] | None,
    typer.Option(metavar="DEVICE", help="Leave out a measured device, by its device_id; may be repeated."),
]
Law = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME|FILE",
        help="Fit this law only, or that of a device in a .py file; may be repeated.",
        show_default="all that make sense",
    ),
]
Temperature = Annotated[
    float | None,
    typer.Option(
        help="Of retention at several temperatures: for which the device is made, K.", show_default="the lowest"
    ),
]
Window = Annotated[
    float | None,
    typer.Option(help="Of endurance: part of the first window, under which it is closed.", show_default="0.5"),
]
WritesACycle = Annotated[
    float | None, typer.Option(help="Of endurance: pulses that a cell takes in a cycle.", show_default="2")
]
TryIt = Annotated[
    bool,
    typer.Option("--try", help="Then train the three systems on the device, in their quick form: minutes."),
]
Fits = Annotated[Path, typer.Option(help="Folder of all fits.")]
Name = Annotated[str | None, typer.Option(help="Name of the device.", show_default="that of the file")]
