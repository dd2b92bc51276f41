"""Studies: what many runs together say about a device or a rule."""

from insitu.studies.axes import parse_vary
from insitu.studies.sweep import sweep
from insitu.studies.swept import Sweep

__all__ = ["Sweep", "parse_vary", "sweep"]
