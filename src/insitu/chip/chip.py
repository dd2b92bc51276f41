"""The options of a chip."""

from __future__ import annotations

from dataclasses import dataclass

from insitu.errors import require_between, require_whole


@dataclass(frozen=True, kw_only=True)
class Chip:
    """The chip around the arrays of a network.

    Parameters
    ----------
    image_seconds : physical time an example takes, s; leak and drift of the cells follow it. 10 us (ours) is what the default
        cost sets come to for the third system.
    aging : examples between two looks at the clock; leak and drift advance in such steps.
    output_noise : standard deviation of the circuits that read a line, in units of the weighted sum; None is none.
    """

    image_seconds: float = 1e-5
    aging: int = 2000
    output_noise: float | None = None

    def __post_init__(self) -> None:
        require_between("chip.image_seconds", self.image_seconds, 0, 1e9, unit="s", optional=False)
        require_whole("chip.aging", self.aging, 1)
        require_between("chip.output_noise", self.output_noise, 0, 1e3)

    @property
    def output_variance(self) -> float:
        """Variance of the circuits that read a line."""
        return (self.output_noise or 0.0) ** 2
