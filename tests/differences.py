"""Gradients by finite differences, to hold what networks do against."""

import numpy as np


def descent(cost, w, step):
    """Return minus the gradient of a cost by the matrix w, which it sees and which is left as it was."""
    found = np.zeros_like(w)
    for place in np.ndindex(*w.shape):
        kept, ends = w[place], []
        for by in (step, -step):
            w[place] = kept + by
            ends.append(cost())
        w[place] = kept
        found[place] = (ends[1] - ends[0]) / (2 * step)
    return found
