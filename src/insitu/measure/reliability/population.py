"""From what several cells have, each number with an error of its own, to their mean and their spread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from insitu.arraytypes import Doubles
from insitu.measure.families import Free
from insitu.measure.searching import maximise, one_by_one

_LEAST, _EXACT = 1e-3, 1e-5  #: of the deviation of the values: the least spread, and error
_SEEN = 0.1  #: of log-likelihood, from which on a spread is one


@dataclass(frozen=True)
class Population:
    """Values as ``design @ mean + device + trace + error``, each but the first normal.

    Parameters
    ----------
    mean : (p,). covariance : (p, p) of it.
    sd : of device and trace together, which is what cells differ by beyond their errors; 0 if those explain all.
    sd_error : its error; None where it is 0, or there are too few values to tell.
    """

    mean: Doubles
    covariance: Doubles
    sd: float
    sd_error: float | None

    @property
    def errors(self) -> Doubles:
        """(p,) standard errors of the mean."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))


def population(values: Doubles, errors: Doubles, design: Doubles, device: Sequence[str]) -> Population:
    """Return what values with errors say of the cells that they are of, by restricted maximum likelihood.

    Parameters
    ----------
    values, errors : (n,). design : (n, p), such as one column a level that is 1 in the rows of that level.
    device : (n,) names; what several values of one device have in common counts once.

    References
    ----------
    Restricted likelihood: H. D. Patterson and R. Thompson, Biometrika 58, 545 (1971).
    """
    names, of = np.unique(np.array(device, str), return_inverse=True)
    member = np.eye(names.size)[of]
    free = values.size - int(np.linalg.matrix_rank(design))
    wide = float(np.std(values)) or float(errors.mean())
    errors = np.maximum(errors, _EXACT * (wide or 1.0))

    def at(device_sd: float, trace_sd: float) -> tuple[Doubles, Doubles, float]:
        """Return mean, covariance and restricted likelihood; what is of one device is inverted as Sherman and Morrison do."""
        weight = 1 / (errors**2 + trace_sd**2)
        shared = 1 + device_sd**2 * (member.T @ weight)

        def inverted(columns: Doubles) -> Doubles:
            once = weight[:, None] * columns
            return np.asarray(
                once - weight[:, None] * (member @ ((device_sd**2 / shared)[:, None] * (member.T @ once)))
            )

        information = design.T @ inverted(design)
        covariance = np.asarray(np.linalg.pinv(information), float)
        mean = covariance @ (design.T @ inverted(values[:, None]))[:, 0]
        left = (values - design @ mean)[:, None]
        logs = float(np.log(shared).sum() - np.log(weight).sum()) + float(np.linalg.slogdet(information)[1])
        return mean, covariance, -0.5 * (logs + float((left * inverted(left)).sum()))

    both = 1 < names.size < values.size
    kinds = ("device_sd", "trace_sd") if both else ("trace_sd",)
    sds, unsure = dict.fromkeys(("device_sd", "trace_sd"), 0.0), dict.fromkeys(("device_sd", "trace_sd"), 0.0)
    if free > 0 and wide:
        some = {kind: Free(wide / 2, _LEAST * wide, 10 * wide, True) for kind in kinds}
        starts = [dict.fromkeys(kinds, part * wide) for part in (0.5, 0.05)]
        best = maximise(one_by_one(lambda n: at(**{**sds, **n})[2]), some, starts)
        for kind, one in best.estimates.items():
            if at(**{**sds, **best.values, kind: 0.0})[2] < best.score - _SEEN:
                sds[kind], unsure[kind] = one.value, one.error or 0.0
    mean, covariance, _ = at(**sds)
    sd = math.hypot(*sds.values())
    by = math.hypot(*(sds[kind] * unsure[kind] / sd for kind in sds)) if sd else 0.0
    return Population(mean, covariance, sd, by or None)
