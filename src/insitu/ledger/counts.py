"""Events, counted in integers by the kernels that cause them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

import numpy as np
from numpy.typing import NDArray

LEVELS = 65_536  #: of g_max: the unit of counts of conductance


@dataclass(frozen=True)
class Counts:
    """Events of a run, or of a phase of it; counts of phases add.

    Parameters
    ----------
    pulses_up, pulses_down : programming pulses that reached a cell, by polarity; a pulse on a worn-out cell counts.
    reads : cells that conducted during a read: driven rows x columns x devices a weight, verify reads included.
    row_drives : rows (word lines) driven, one for each active input of each read.
    conversions : column results converted, one for each column of each read and one for each verify.
    digital_ops : operations of the digital periphery: 3 a neuron and winner-take-all (add the bias, exponentiate, sum),
        4 a weight and update in a digital array (look-up, random number, addition, comparison), 3 an element of a digital
        memory that an update or a transfer visits (multiply, add, compare) and 1 where it sends pulses (subtract), 1 an
        error of which the sign alone is taken (compare), 4 an example and weight (two multiply-accumulates) and 3 a weight
        (add, clip, compare) of an activity difference.
    spikes_in, spikes_out : spikes of the input and output neurons.
    conductance_up, conductance_down : sum over those programming pulses of the conductance of the cell before the pulse, in
        units of g_max / 65,536 each, rounded: what V^2 G t needs, and the same whole number in any order. Of a pulse of a
        larger amplitude V than that of the device, V0, it is (V / V0)^2 times as much.
    products : reads with a whole vector of inputs, forwards or transposed; signed inputs take two, one of the lines that are
        positive and one of those that are negative, and a vector of zeros none.
    verify_reads, verify_conversions : those of the reads and conversions that a closed loop made to look at its work.
    resets : pulses down that were an abrupt RESET of a one-sided device.
    tuned, missed : weights that a closed loop has written, and those of them that it left outside its tolerance.
    charges, clipped : cells that were charged through their transmission gate, and weights of which a charge lost a part.
    trains, cut : outer products that were formed by trains of pulses, and those whose largest lines were cut off, because the
        train had no slots for all that was wanted.
    conductance_read : sum over the reads that are no verify of the conductance of the cells on the lines that are driven,
        in units of g_max / 65,536, times how long each line is driven: ``|x|`` over the largest of the read. Conductances
        are looked at every 2,000 examples (insitu.schemes.events.METER).
    crossed : cells on the lines that programming pulses raise, each as often as a line across it is raised.
    vectors : of inputs that were read, whatever their signs: products of the same network in software.
    saturated : conversions whose sum was beyond the range of the ADC.
    activations : sums that a neuron takes, or a derivative: one for each column of a vector that is read, however many
        conversions it took. What a closed loop or Tiki-Taka reads goes to no neuron.
    grown_up, grown_down : sum over programming pulses of (V / V0)^2 - 1, in units of 1/65,536 each, rounded; V is their
        amplitude, V0 that of the pulses of the device: by what pulses that grow charge their lines more.
    """

    pulses_up: int = 0
    pulses_down: int = 0
    reads: int = 0
    row_drives: int = 0
    conversions: int = 0
    digital_ops: int = 0
    spikes_in: int = 0
    spikes_out: int = 0
    conductance_up: int = 0
    conductance_down: int = 0
    products: int = 0
    verify_reads: int = 0
    verify_conversions: int = 0
    resets: int = 0
    tuned: int = 0
    missed: int = 0
    charges: int = 0
    clipped: int = 0
    trains: int = 0
    cut: int = 0
    conductance_read: int = 0
    crossed: int = 0
    vectors: int = 0
    saturated: int = 0
    activations: int = 0
    grown_up: int = 0
    grown_down: int = 0

    @property
    def pulses(self) -> int:
        """Programming pulses of both polarities."""
        return self.pulses_up + self.pulses_down

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def __sub__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(self)))

    @classmethod
    def of(cls, vector: NDArray[np.int64]) -> Counts:
        """Return the counts that a kernel's vector holds (the order is that of the fields)."""
        return cls(*map(int, vector))

    def as_dict(self) -> dict[str, int]:
        """Return the counts by name."""
        return asdict(self)


@dataclass(frozen=True)
class Wear:
    """Writes a cell, over all cells of an array."""

    mean: float
    p99: float
    maximum: int

    @classmethod
    def of(cls, writes: NDArray[np.unsignedinteger]) -> Wear:
        """Return mean, 99th percentile and maximum of the write counts of all cells."""
        return cls(float(writes.mean(dtype=float)), float(np.percentile(writes, 99)), int(writes.max()))
