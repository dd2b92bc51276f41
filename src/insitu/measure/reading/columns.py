"""What the name of a column means: which quantity, in which unit, before or after a pulse, of which direction."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from insitu.measure.reading.numbers import number
from insitu.measure.reading.quantities import READINGS, Unit, unit_of

UP = (
    *("up", "ltp", "set", "pot", "potentiation", "potentiate", "p", "s", "+", "+1", "1", "plus", "positive", "pos"),
    *("positiv", "potenzierung", "正", "正向", "增强", "置位"),
)
DOWN = (
    *("down", "ltd", "reset", "dep", "depression", "depress", "d", "r", "-", "-1", "minus", "negative", "neg"),
    *("negativ", "负", "负向", "抑制", "复位"),
)

#: meaning -> names without units, in words, English, German and Chinese; the first is the one that the documentation has
NAMES = {
    "device": (
        *("device id", "device", "dev", "cell", "cell id", "device no", "device number", "device name", "sample"),
        *("dut", "dut id", "dut no", "sample id", "sample no", "cell no", "cell number", "cell name", "memristor"),
        *("zelle", "bauelement", "bauteil", "器件", "单元", "样品"),
    ),
    "index": (
        *("pulse index", "pulse", "pulses", "index", "idx", "n", "no", "number", "#", "pulse #", "n pulse", "n pulses"),
        *("pulse number", "pulse no", "pulse nr", "pulse num", "pulse idx", "pulse count", "pulse id"),
        *("puls", "puls #", "pulsnummer", "pulszahl", "puls nr", "脉冲", "脉冲数", "序号", "脉冲序号"),
    ),
    "polarity": (
        *("polarity", "pol", "pulse polarity", "direction", "dir", "sign", "pulse type", "pulse direction"),
        *("polarität", "polaritaet", "richtung", "极性", "方向"),
    ),
    "amplitude": (
        *("amplitude", "pulse amplitude", "amp", "ampl", "voltage", "pulse voltage", "v", "v pulse", "vpulse", "vp"),
        *("v p", "write voltage", "v write", "vwrite", "programming voltage", "v prog", "vprog", "volt", "bias"),
        *("applied voltage", "gate voltage", "vg", "v gate", "vgate", "pulse height", "voltage amplitude"),
        *("spannung", "pulsspannung", "pulsamplitude", "pulshöhe", "电压", "幅值", "脉冲电压", "脉冲幅值"),
    ),
    "read_voltage": (
        *("read voltage", "v read", "vread", "reading voltage", "v rd", "vrd", "read bias", "read v"),
        *("lesespannung", "读电压", "读取电压"),
    ),
    "width": (
        *("width", "pulse width", "duration", "pulse duration", "t pulse", "tpulse", "tp", "t p", "pw", "t width"),
        *("pulsbreite", "pulsdauer", "pulslänge", "脉宽", "脉冲宽度"),
    ),
    "time": (
        *("time", "t", "timestamp", "time stamp", "elapsed time", "t read", "delay", "retention time", "bake time"),
        *("zeit", "时间"),
    ),
    "temperature": (
        *("temperature", "temp", "ambient temperature", "bake temperature", "chuck temperature", "temperatur", "温度"),
    ),
    "level": ("level", "level no", "level id", "state", "state no", "state id", "target"),
    "cycle": (
        *("cycle", "cycles", "cycle number", "cycle no", "cycle #", "n cycle", "n cycles", "number of cycles"),
        *("zyklus", "zyklen", "循环", "循环数"),
    ),
}
_MEANING = {name: meaning for meaning, names in NAMES.items() for name in names}
_QUANTITY = {
    **dict.fromkeys(("g", "conductance", "conductances", "cond", "gread", "gds", "leitwert", "电导"), "conductance"),
    **dict.fromkeys(("i", "current", "currents", "curr", "iread", "ids", "id", "strom", "电流"), "current"),
    **dict.fromkeys(("r", "resistance", "resistances", "res", "rread", "widerstand", "电阻"), "resistance"),
}
#: one of the two states of a window
_LOW, _HIGH = frozenset(("low", "off", "hrs", "lcs")), frozenset(("high", "on", "lrs", "hcs"))
_BEFORE = frozenset(("before", "pre", "initial", "previous", "prev", "vor", "vorher", "前"))
_AFTER = frozenset(("after", "post", "final", "nach", "nachher", "后"))
_FILL = frozenset(("read", "reading", "readings", "value", "values", "measured", "mean", "curve"))
_FILL |= {"pulse", "state", "cell", "device"}
_LONGEST = 200  #: characters of a name
_RAMP = frozenset(("ramp", "rmp", "cycle", "train", "run", "c", "no", "nr"))


@dataclass(frozen=True)
class Column:
    """A column of a file.

    Parameters
    ----------
    place : from 0. name : as it stands in the file.
    means : device, index, polarity, amplitude, read_voltage, width, time, temperature, level, cycle, before, after, up, down,
        low, high; '' if that is not known.
    quantity : conductance, current, resistance of a reading; '' if the name does not say.
    unit : that the file gives; None if it gives none. odd : what stands in the place of a unit and is none that is known.
    """

    place: int
    name: str
    means: str = ""
    quantity: str = ""
    unit: Unit | None = None
    odd: str = ""


def shown(column: Column | None) -> str:
    """Return a name for a sentence; '' for no column."""
    return "" if column is None else column.name or f"column {column.place + 1}"


def column_of(place: int, name: str) -> Column:
    """Return what a header cell means: a name, with a unit in brackets, after a slash or at its end."""
    if len(name) > _LONGEST:
        return Column(place, name)
    found = re.fullmatch(r"(.*?)[\s_,]*[(\[{（](.*)[)\]}）]|(.*?)\s*/\s*(\S.*)", name)
    if found:
        base, text = (found[1], found[2]) if found[2] is not None else (found[3], found[4])
        means, quantity = meaning_of(base)
        unit = unit_of(text, *quantities_of(means))
        if unit is not None:
            return with_unit(Column(place, name, means, quantity), unit)
        if found[2] is not None and means and not meaning_of(f"{base} {text}")[0]:
            return Column(place, name, means, quantity, None, text.strip())
    means, quantity = meaning_of(name)
    if means:
        return Column(place, name, means, quantity)
    found = re.fullmatch(r"(.+?)[\s_,.]+([^\W_]+)", name)
    if found:
        means, of = meaning_of(found[1])
        unit = unit_of(found[2], *quantities_of(means))
        if unit is not None and (means or len(unit.text) > 1):  # dev_A is a name
            return with_unit(Column(place, name, means, of), unit)
    return Column(place, name, "", quantity)


def with_unit(column: Column, unit: Unit) -> Column:
    """Return a column whose unit is known, which tells a T that is a temperature from one that is a time."""
    means = "temperature" if unit.quantity == "temperature" else column.means
    quantity = unit.quantity if quantities_of(means) is READINGS else column.quantity
    return replace(column, means=means, quantity=quantity, unit=unit)


def quantities_of(means: str) -> tuple[str, ...]:
    """Return in which quantities a column of a meaning may be."""
    if means in ("device", "index", "polarity", "level", "cycle"):
        return ()
    others = {
        "amplitude": ("voltage",),
        "read_voltage": ("voltage",),
        "width": ("time",),
        "time": ("time", "temperature"),
    }
    return (others | {"temperature": ("temperature",)}).get(means, READINGS)


@lru_cache(maxsize=4096)
def meaning_of(name: str) -> tuple[str, str]:
    """Return what a name without unit means, and the quantity that it names; '' where it does not say."""
    spread = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    spread = re.sub(r"(?i)\b([gir])(?=(before|after|pre|post)\b)", r"\1 ", spread)
    parts = re.findall(r"[^\W\d_]+|\d+|#", spread.lower())
    words, whole = set(parts), " ".join(parts)
    if whole in ("p", "d", "set reset", "ltp ltd", "up down"):
        return {"p": "up", "d": "down"}.get(whole, "polarity"), ""
    quantities = {_QUANTITY[word] for word in words & set(_QUANTITY)}
    rest = {word for word in words if not word.isdigit()} - set(_QUANTITY) - _FILL
    quantity = quantities.pop() if len(quantities) == 1 else ""
    for means, known in (("up", UP), ("down", DOWN)):
        direction = rest & set(known) - {"p", "d", "s", "r"}
        if len(direction) == 1 and not rest - direction - _RAMP - _AFTER:
            return means, quantity
    if whole in _MEANING:
        return _MEANING[whole], ""
    for means, states in (("low", _LOW), ("high", _HIGH)):
        if len(rest & states) == 1 and not rest - states - _AFTER:
            return means, quantity
    if quantity and rest in ({"min"}, {"max"}):
        return ("low" if rest == {"min"} else "high"), quantity
    if any(word.isdigit() for word in words):
        return "", quantity if quantity == "current" else ""  # of I1 and I2 the read voltage is wanted
    if rest <= _BEFORE and rest:
        return "before", quantity
    if (rest <= _AFTER and rest) or (not rest and quantity):
        return "after", quantity
    return "", ""


def direction_of(cell: str) -> int:
    """Return +1 or -1 for the polarity in a cell, a number or a word; 0 for anything else."""
    text = cell.strip().lower()
    if text in UP or text in DOWN:
        return 1 if text in UP else -1
    value = number(text.replace(",", "."))
    return int(value) if abs(value) == 1 else {"up": 1, "down": -1}.get(meaning_of(text)[0], 0)
