"""What lies between the weights and the signals: circuits that read, and physical time."""

from insitu.chip.chip import Chip

__all__ = ["Chip"]
