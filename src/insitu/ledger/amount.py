"""A quantity with the range in which its coefficients put it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add

from insitu.ledger.coefficients import Coefficient
from insitu.ledger.costset import CostSet
from insitu.units import si


@dataclass(frozen=True)
class Amount:
    """low <= value <= high, in one SI unit; lows add to lows, as if all coefficients were at their low end at once."""

    low: float
    value: float
    high: float

    @classmethod
    def of(cls, *coefficients: Coefficient) -> Amount:
        """Return the product of coefficients."""
        made = cls(1.0, 1.0, 1.0)
        for one in coefficients:
            made = cls(made.low * one.low, made.value * one.value, made.high * one.high)
        return made

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.low + other.low, self.value + other.value, self.high + other.high)

    def __mul__(self, factor: float | Amount) -> Amount:
        other = factor if isinstance(factor, Amount) else Amount(factor, factor, factor)
        return Amount(self.low * other.low, self.value * other.value, self.high * other.high)

    def columns(self, key: str) -> dict[str, float]:
        """Return it as columns of a table, its ends beside it."""
        return {key: self.value, f"{key}_low": self.low, f"{key}_high": self.high}

    def show(self, unit: str) -> str:
        """Return it for people, such as ``2.1 uJ (210 nJ to 18 uJ)``."""
        spread = "" if self.low == self.high else f" ({si(self.low, unit)} to {si(self.high, unit)})"
        return si(self.value, unit) + spread


ZERO = Amount(0.0, 0.0, 0.0)


def product(costs: CostSet | None, *names: str, times: float = 1.0) -> Amount | None:
    """Return the product of coefficients of a set and a factor; None if the set does not have them all."""
    found = [costs.get(name) for name in names] if costs is not None else [None]
    return None if None in found else Amount.of(*filter(None, found)) * times


def total(amounts: Iterable[Amount]) -> Amount:
    """Return the sum."""
    return reduce(add, amounts, ZERO)


def known_total(amounts: Iterable[Amount | None]) -> Amount | None:
    """Return the sum; None if one of them is not known."""
    known = list(amounts)
    return None if None in known else total(amount for amount in known if amount is not None)
