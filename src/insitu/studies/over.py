"""Over which values a field is tuned: a range, logarithmic where it is wide, or a list."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from insitu.errors import InputError
from insitu.recipes.loading import parse_value
from insitu.schemes.effect import OF_FACTORS

_WIDE = 10  #: high over low, from which a range is logarithmic
_FORM = "write it as field=low..high or field=value,value,..."


@dataclass(frozen=True)
class Over:
    """A field and its values: (low, high) of a range, or all of them."""

    field: str
    values: tuple[Any, ...]
    listed: bool

    @property
    def log(self) -> bool:
        """Whether a range is searched on a logarithmic scale."""
        return not self.listed and self.values[0] > 0 and self.values[1] / self.values[0] >= _WIDE

    def suggest(self, trial: Any) -> Any:
        """Return what a trial of optuna takes."""
        if self.listed:
            return trial.suggest_categorical(self.field, self.values)
        low, high = self.values
        kind = trial.suggest_int if all(isinstance(one, int) for one in self.values) else trial.suggest_float
        return kind(self.field, low, high, log=self.log)

    def of(self, base: Any) -> Any:
        """Return the value of a resolved recipe, None if it is none of these, or a range does not hold it."""
        try:
            value = attrgetter(self.field)(base)
        except AttributeError as error:
            raise InputError(
                f"over: unknown field '{self.field}'; `insitu recipes NAME` lists those of a recipe"
            ) from error
        if self.listed:
            return value if value in self.values else None
        within = isinstance(value, int | float) and self.values[0] <= value <= self.values[1]
        return value if within else None


def ranges(
    over: Sequence[str] | Mapping[str, Sequence[Any]], known: Mapping[str, tuple[float, float]], base: Any
) -> list[Over]:
    """Return what is tuned; if nothing is asked for, what recipe and scheme say can be.

    Parameters
    ----------
    over : see :func:`insitu.studies.tune.tune`. known : field -> range, of the recipe. base : the recipe, resolved.

    Raises
    ------
    InputError : a field is unknown or named twice, or a range is none.
    """
    if isinstance(over, Mapping):
        found = [_over(field, values, listed=isinstance(values, list)) for field, values in over.items()]
    else:
        found = [_parsed(item) for item in over]
    if not found:
        scheme = getattr(base, "scheme", None)
        idle = OF_FACTORS if base.form == "column" else ()
        tunable = {name: values for name, values in getattr(scheme, "tunable", {}).items() if name not in idle}
        of_scheme = {f"scheme.{name}": values for name, values in tunable.items()}
        found = [_over(field, values, listed=False) for field, values in {**known, **of_scheme}.items()]
    names = [one.field for one in found]
    if "seed" in names:
        raise InputError("over: seeds are not tuned but counted; use --seeds")
    for one in found:
        one.of(base)
        if names.count(one.field) > 1:
            raise InputError(f"over: '{one.field}' is named twice")
    return found


def _parsed(item: str) -> Over:
    field, equals, text = (part.strip() for part in item.partition("="))
    low, dots, high = text.partition("..")
    if not equals or not field or not text:
        raise InputError(f"--over: got '{item}'; {_FORM}")
    if dots:
        return _over(field, [parse_value(low), parse_value(high)], listed=False)
    return _over(field, [parse_value(part.strip()) for part in text.split(",")], listed=True)


def _over(field: str, values: Sequence[Any], *, listed: bool) -> Over:
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in values)
    if not listed and not (numbers and -math.inf < values[0] < values[1] < math.inf):
        raise InputError(
            f"over: '{field}' got {' to '.join(map(str, values))}; a range rises from one number to another"
        )
    if listed and (len(values) < 2 or len(set(map(str, values))) < len(values)):
        raise InputError(f"over: '{field}' got {', '.join(map(str, values))}; a list has two values or more, each once")
    return Over(field, tuple(values), listed)
