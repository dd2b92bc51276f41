"""Files of measured pulses as laboratories write them: text, table, what its columns mean, the order of the pulses."""

from insitu.measure.reading.reader import read_pulses

__all__ = ["read_pulses"]
