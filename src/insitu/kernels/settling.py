"""What is left to do for each unit of a network that settles, once BLAS has summed its inputs."""

from __future__ import annotations

from numba import njit

from insitu.kernels.state import KERNEL


@njit(**KERNEL)
def decide(u, states, inputs, begin, drive, hold):
    """Set the units from ``begin`` on to the sign of ``u + (drive x + hold s)``; at 0 a unit keeps its state.

    Parameters
    ----------
    u : (batch, c) what they read. states, inputs : (batch, units) s and x, all float32, as are drive and hold.
    """
    batch, block = u.shape
    for i in range(batch):
        for j in range(block):
            total = u[i, j] + (drive * inputs[i, begin + j] + hold * states[i, begin + j])
            if total > 0.0:
                states[i, begin + j] = 1.0
            elif total < 0.0:
                states[i, begin + j] = -1.0


@njit(**KERNEL)
def largest_move(after, before, moved):
    """Raise ``moved`` (batch,) to the largest ``|after - before|`` of each example; all float32, (batch, units)."""
    batch, units = after.shape
    for i in range(batch):
        most = moved[i]
        for j in range(units):
            most = max(most, abs(after[i, j] - before[i, j]))
        moved[i] = most
