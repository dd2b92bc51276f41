"""Binary units that take the sign of their drive, a block of units of all examples at once."""

from __future__ import annotations

from numba import njit


@njit(cache=True, error_model="numpy")
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
