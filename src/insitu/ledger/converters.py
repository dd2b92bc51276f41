"""What one conversion costs and takes, by the bits of the converters of the chip on which it was counted."""

from __future__ import annotations

from itertools import product as pairs
from typing import Literal

from insitu.ledger.amount import Amount, product
from insitu.ledger.costset import CostSet

Converter = Literal["conversion", "input"]
#: coefficients of an ADC, and of a DAC: energy, bits for which it is stated, factor of a further bit
BY_BITS: dict[Converter, tuple[str, str, str]] = {
    "conversion": ("conversion", "conversion_bits", "conversion_growth"),
    "input": ("input_conversion", "input_bits", "input_growth"),
}


def conversion(costs: CostSet | None, bits: int | None, of: Converter = "conversion") -> tuple[Amount | None, str]:
    """Return the energy of a conversion by an ADC, or of an ``input`` by a DAC, J, and the formula that it follows.

    E = conversion conversion_growth^(bits - conversion_bits), and alike for inputs. Without ``bits`` the converter of the run
    was ideal, and costs what the set says; so does that of a set that does not say how its energy goes with bits. The energy
    is None if it is not modelled.
    """
    name, start, growth = BY_BITS[of]
    stated = product(costs, name)
    stated_for, factor = (costs.get(one) if costs else None for one in (start, growth))
    if stated is None or stated_for is None or factor is None:
        return stated, name if stated is None or bits is None else f"{name}, whatever its bits"
    if bits is None:
        return stated, f"{name}, of {stated_for.value:g} bits for an ideal one"
    ends = [base ** (bits - at) for base, at in pairs((factor.low, factor.high), (stated_for.low, stated_for.high))]
    scaled = Amount(min(ends), factor.value ** (bits - stated_for.value), max(ends))
    return stated * scaled, f"{name} x {growth}^({bits} - {stated_for.value:g} bits)"


def conversion_time(costs: CostSet | None, bits: int | None) -> Amount | None:
    """Return how long the conversions of the columns that share a converter take, one after the other, s; None if unknown.

    A SAR takes one step a bit: t = columns_per_converter conversion_time bits / conversion_bits.
    """
    stated = product(costs, "conversion_time", "columns_per_converter")
    of = costs.get("conversion_bits") if costs else None
    if stated is None or of is None or bits is None:
        return stated
    return stated * Amount(bits / of.high, bits / of.value, bits / of.low)
