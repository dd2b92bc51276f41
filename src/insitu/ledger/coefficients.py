"""One number of a cost model: what it prices, its unit, its spread and where it comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from insitu.errors import InputError, suggest

#: stated: read in the named source. inferred: follows by calculation from what is stated. recalled: general knowledge
#: that we could not verify. ours: our choice.
Tag = Literal["stated", "inferred", "recalled", "ours"]
Kind = Literal["memory", "periphery", "digital"]

#: kind -> coefficient -> (unit, what it prices)
KNOWN: dict[Kind, dict[str, tuple[str, str]]] = {
    "memory": {
        "pulse_up": ("J", "a pulse that raises a conductance, whatever the state of the cell"),
        "pulse_down": ("J", "a pulse that lowers a conductance, whatever the state of the cell"),
        "voltage_up": ("V", "amplitude of a raising pulse: V^2 G t where pulse_up is not given"),
        "voltage_down": ("V", "amplitude of a lowering pulse: V^2 G t where pulse_down is not given"),
        "width_up": ("s", "length of a raising pulse"),
        "width_down": ("s", "length of a lowering pulse"),
        "g_on": (
            "S",
            "the highest conductance of this memory, which stands for g_max of the device that was simulated",
        ),
        "read": ("J", "reading a cell once, whatever its state"),
        "read_voltage": ("V", "amplitude of a read: V^2 G t where read is not given"),
        "read_time": ("s", "length of a read"),
        "charge": ("J", "setting a capacitor to a voltage"),
        "standby": ("W", "static power of a cell"),
        "endurance": ("1", "rated writes of a cell"),
        "cell_area": ("F2", "area of a cell, in squares of the feature size"),
        "feature": ("m", "feature size F"),
    },
    "periphery": {
        "row_drive": ("J", "driving a line for one read"),
        "conversion": ("J", "converting one current"),
        "conversion_time": ("s", "of one current"),
        "columns_per_converter": ("1", "lines that share a converter, one after the other"),
        "settle_time": ("s", "of the currents of an array, before they are converted"),
        "neuron": ("J", "the activation of a neuron, after its conversion"),
        "digital_op": ("J", "an operation of the digital periphery"),
    },
    "digital": {
        "op": ("J", "an arithmetic operation; a multiply-accumulate is two"),
        "byte": ("J", "moving a byte from or to the memory that holds the weights"),
        "weight_bytes": ("1", "bytes of a weight"),
        "rate": ("1/s", "operations a second"),
        "bandwidth": ("B/s", "bytes a second"),
        "launch_time": ("s", "that each launch takes, however little it computes"),
        "idle_power": ("W", "drawn during a launch"),
    },
}

_PREFIX = {"f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_PREFIX["a"] = 1e-18


@dataclass(frozen=True, kw_only=True)
class Coefficient:
    """A sourced number.

    Parameters
    ----------
    name : of :data:`KNOWN`. value, low, high : in SI units. unit : the SI unit.
    written : value and unit as the file has them. node : technology node. tag, source : where it comes from.
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    written: str
    node: str
    tag: Tag
    source: str


def scale_of(unit: str, wanted: str, where: str) -> float:
    """Return by what a number in ``unit`` is multiplied to be in ``wanted``, an SI unit that ``unit`` may prefix.

    Raises
    ------
    InputError : it is another unit; the sentence names the one that was expected.
    """
    found = re.fullmatch(rf"([afpnumkMGT]?){re.escape(wanted)}", unit.strip().replace("µ", "u").replace("μ", "u"))
    if found is None or (found[1] and wanted in ("1", "F2", "1/s")):
        prefixed = "" if wanted in ("1", "F2", "1/s") else f", with or without a prefix, such as p{wanted} or n{wanted}"
        raise InputError(f"{where}.unit: got '{unit}'; expected is {wanted}{prefixed}")
    return _PREFIX[found[1]]


def known(name: str, kind: Kind, where: str) -> str:
    """Return the SI unit of a coefficient; InputError, with the nearest name, if there is none of this name."""
    if name in KNOWN[kind]:
        return KNOWN[kind][name][0]
    raise InputError(f"{where}: unknown coefficient '{name}' of a {kind} set; {suggest(name, KNOWN[kind])}")
