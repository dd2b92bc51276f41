"""The command ``insitu ladder``."""

from __future__ import annotations

from typing import Any

from insitu.cli.options import Recipe
from insitu.cli.study import study


@study(seeds=5)
def ladder(recipe: Recipe, **how: Any) -> Any:
    """Add one imperfection and one technique after the other, from an ideal network to the whole system."""
    from insitu.studies.ladder import ladder as carry_out

    return carry_out(recipe, **how)
