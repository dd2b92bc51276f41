"""What one conversion costs and takes, by the bits of the ADC of the chip on which it was counted."""

from __future__ import annotations

from itertools import product as pairs

from insitu.ledger.amount import Amount, product
from insitu.ledger.costset import CostSet


def conversion(costs: CostSet | None, bits: int | None) -> tuple[Amount | None, str]:
    """Return the energy of a conversion, J, None if it is not modelled, and the formula that it follows.

    E = conversion conversion_growth^(bits - conversion_bits). Without ``bits`` the converter of the run was ideal, and costs
    what the set says; so does that of a set that does not say how its energy goes with bits.
    """
    stated = product(costs, "conversion")
    of, growth = (costs.get(name) if costs else None for name in ("conversion_bits", "conversion_growth"))
    if stated is None or of is None or growth is None:
        return stated, "conversion" if stated is None or bits is None else "conversion, whatever its bits"
    if bits is None:
        return stated, f"conversion, of {of.value:g} bits for an ideal one"
    ends = [base ** (bits - start) for base, start in pairs((growth.low, growth.high), (of.low, of.high))]
    factor = Amount(min(ends), growth.value ** (bits - of.value), max(ends))
    return stated * factor, f"conversion x conversion_growth^({bits} - {of.value:g} bits)"


def conversion_time(costs: CostSet | None, bits: int | None) -> Amount | None:
    """Return how long the conversions of the columns that share a converter take, one after the other, s; None if unknown.

    A SAR takes one step a bit: t = columns_per_converter conversion_time bits / conversion_bits.
    """
    stated = product(costs, "conversion_time", "columns_per_converter")
    of = costs.get("conversion_bits") if costs else None
    if stated is None or of is None or bits is None:
        return stated
    return stated * Amount(bits / of.high, bits / of.value, bits / of.low)
