"""All devices at once: the numbers of the law and those of each device together, for the maximum and for the errors.

What a law shares pulls at what each device has of its own: a slope at the range and the steps of every cell. Their curvature
is an arrow, one block for the law and one for each device, which is solved block by block (the Schur complement).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.errors import InputError
from insitu.measure.families import Free
from insitu.measure.modelling import CELL, PLACE, Model
from insitu.measure.searching import AT_LOW, OPEN, Found, inverse, inward, largest, plain, unsure

_NEAR = 1e-5  #: over what a slope is taken, in transformed numbers
_STEPS = 200  #: most, of a climb
_NEVER = 1e29
_EDGE = 1e-3  #: of its interval: nearer to a bound than this, a number of a device is at it
_OWN = Free(1.0, 0.02, 50.0, True)  #: steps of a device over those of the law
#: numbers of the mean device
NOMINAL = (*CELL, "g_min", "g_max")


@dataclass(frozen=True)
class Sure:
    """How sure the numbers of a fit are; of one device, ``found`` alone says so.

    Parameters
    ----------
    found : with errors of the law's own numbers, each for the range and the steps of every device not being known.
    nominal : standard errors of the mean device, of the logarithms of its steps and of its range, S: of the devices having
        been drawn, and of the law not being known. correlations : of pairs of both.
    """

    found: Found
    nominal: Mapping[str, float] = field(default_factory=dict)
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict)


class Joint:
    """The likelihood of all devices over the numbers of the law, and those of each device.

    Attributes
    ----------
    shared, own : the numbers that are free, of the law and of each device: its steps over those of the law, and its range.
    """

    def __init__(self, model: Model, values: Mapping[str, float]) -> None:
        """Take a model of several devices and the numbers at which it is."""
        self.model, self.at = model, {**values, **model.fixed}
        self.shared = {name: one for name, one in model.free.items() if name not in CELL}
        self.rows = [row for row, name in enumerate(CELL) if name in model.free]
        self.own = {CELL[row]: _OWN for row in self.rows} | PLACE
        devices = range(len(model.pulses.names))
        self.alone = [model.alone(k) for k in devices]
        self.low, self.high = (
            np.array([inward(one, edge) for one in self.shared.values()]) for edge in ("low", "high")
        )
        self.own_low, self.own_high = (
            np.array([inward(one, edge) for one in self.own.values()]) for edge in ("low", "high")
        )

    def here(self) -> tuple[Doubles, Doubles]:
        """Return where the model is, transformed: (p,) of the law, (devices, m) of each device."""
        x = np.array([inward(one, "start", self.at[name]) for name, one in self.shared.items()])
        own = np.vstack([np.log(self.model.factors[self.rows]), self.model.place]).T
        return np.clip(x, self.low, self.high), np.clip(own, self.own_low, self.own_high)

    def scores(self, x: Doubles, own: Doubles) -> Doubles:
        """Return (devices,) the log-likelihood of each device; minus infinity where the law does not allow these numbers."""
        numbers = self.at | plain(self.shared, x)
        if self.model.family.tied:
            try:
                self.model.device(numbers, self.model.place)
            except InputError:
                return np.full(len(self.alone), -np.inf)
        law = self.model.law(numbers, self.model.ranges(self.model.place))
        steps = np.ones((len(self.alone), 2))
        steps[:, self.rows] = np.exp(own[:, :-2])
        steps *= law[2:4]
        found = np.empty(len(self.alone))
        for k, alone in enumerate(self.alone):
            cell = np.concatenate([alone.ranges(own[k, -2:, None]), steps[k, :, None]])
            found[k] = alone.seen(law, cell, numbers)
        return found

    def climb(self) -> Found | None:
        """Move the model to the maximum over all numbers at once and return those of the law; None if none is higher."""
        from scipy.optimize import minimize

        x, own = self.here()
        p, n = x.size, own.shape[0]
        start = np.r_[x, own.ravel()]
        low, high = np.r_[self.low, np.tile(self.own_low, n)], np.r_[self.high, np.tile(self.own_high, n)]
        scale = self._scale(x, own)

        def slope(y: Doubles) -> tuple[float, Doubles]:
            return self._slope(np.clip(y * scale, low, high), p, high, scale)

        before = float(self.scores(x, own).sum())
        bounds = list(zip(low / scale, high / scale, strict=True))
        found = minimize(slope, start / scale, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": _STEPS})
        if not -found.fun > before:
            return None
        end = np.clip(found.x * scale, low, high)
        x, own = end[:p], end[p:].reshape(n, -1)
        self.model.place[:] = own[:, -2:].T
        self.model.factors[self.rows] = np.exp(own[:, :-2]).T
        self.at |= plain(self.shared, x)
        return self.model.shared(self.at, errors=False)

    def _slope(self, y: Doubles, p: int, high: Doubles, scale: Doubles) -> tuple[float, Doubles]:
        """Return cost and its slope over scaled numbers: those of all devices are moved at once, for they do not meet."""
        n = len(self.alone)
        x, own = y[:p], y[p:].reshape(n, -1)
        here = self.scores(x, own)
        if not np.isfinite(here).all():
            return 10 * _NEVER, np.zeros(y.size)
        by, by_own = np.zeros(p), np.zeros(own.shape)
        for i in range(p):
            h = _NEAR if x[i] + _NEAR < high[i] else -_NEAR
            there = float(self.scores(_moved(x, i, h), own).sum())
            by[i] = (there - here.sum()) / h if math.isfinite(there) else 0.0
        for j in range(own.shape[1]):
            away = np.where(own[:, j] + _NEAR < self.own_high[j], _NEAR, -_NEAR)
            apart = own.copy()
            apart[:, j] += away
            by_own[:, j] = (self.scores(x, apart) - here) / away
        return -float(here.sum()), -np.r_[by, by_own.ravel()] * scale

    def _scale(self, x: Doubles, own: Doubles) -> Doubles:
        """Return over how much each number changes the likelihood by about one."""
        steps, own_steps = self._strides(x, own)
        return np.asarray(np.clip(np.r_[steps, own_steps.ravel()], 1e-5, 1.0))

    def _strides(self, x: Doubles, own: Doubles) -> tuple[Doubles, Doubles]:
        """Return how far each number may go, up or down, until it costs about half a unit of likelihood, by doubling."""
        here = self.scores(x, own)
        steps, own_steps = np.full(x.size, 1e-4), np.full(own.shape, 1e-4)
        for i in range(x.size):
            for _ in range(14):
                up = _moved(x, i, min(steps[i], self.high[i] - x[i]))
                if here.sum() - self.scores(up, own).sum() > 0.25:
                    break
                steps[i] *= 2
        for j in range(own.shape[1]):
            for _ in range(14):
                apart = own.copy()
                apart[:, j] = np.minimum(own[:, j] + own_steps[:, j], self.own_high[j])
                more = here - self.scores(x, apart) <= 0.25
                if not more.any():
                    break
                own_steps[more, j] *= 2
        return steps, own_steps

    def curvature(self, x: Doubles, own: Doubles, inside: NDArray[np.bool_]) -> tuple[Doubles, NDArray[np.bool_]]:
        """Return (devices, q, q) minus the second derivatives of the likelihood of each device, and which of q are free.

        The q are those of the law, then those of the device; (devices, q) are free which are ``inside`` of their bounds.
        """
        p, q, n = x.size, x.size + own.shape[1], len(self.alone)
        steps, own_steps = self._strides(x, own)
        room = np.minimum(own - self.own_low, self.own_high - own)
        free = np.hstack([np.tile(inside, (n, 1)), room > _EDGE * (self.own_high - self.own_low)])
        h = np.hstack(
            [np.tile(np.minimum(steps, np.minimum(x - self.low, self.high - x)), (n, 1)), np.minimum(own_steps, room)]
        )
        h = np.where(free, h, 0.0)

        def at(*moves: tuple[int, float]) -> Doubles:
            there, apart = x, own.copy()
            for i, sign in moves:
                if i < p:
                    there = _moved(there, i, sign * h[0, i])
                else:
                    apart[:, i - p] += sign * h[:, i]
            return self.scores(there, apart)

        centre, found = at(), np.zeros((n, q, q))
        some = np.flatnonzero(free.any(axis=0))
        with np.errstate(divide="ignore", invalid="ignore"):
            for i in some.tolist():
                found[:, i, i] = -(at((i, 1)) - 2 * centre + at((i, -1))) / h[:, i] ** 2
                for j in some[some < i].tolist():
                    corners = [s * t * at((i, s), (j, t)) for s in (1, -1) for t in (1, -1)]
                    found[:, i, j] = found[:, j, i] = -reduce(np.add, corners) / (4 * h[:, i] * h[:, j])
        return np.where(free[:, :, None] & free[:, None, :], found, 0.0), free


def _moved(x: Doubles, i: int, by: float) -> Doubles:
    found = x.copy()
    found[i] += by
    return found


def sure(model: Model, found: Found) -> Sure:
    """Return the errors of a fit to several devices, and set those of the steps and bounds of each device in the model."""
    joint = Joint(model, found.values)
    x, own = joint.here()
    best = -float(joint.scores(x, own).sum())
    inside = np.array(
        [not one.remark or one.remark == OPEN for name, one in found.estimates.items() if name in joint.shared]
    )
    seen = x.copy()
    for i, (name, one) in enumerate(joint.shared.items()):
        if one.log and found.estimates[name].remark == AT_LOW:
            seen[i] = largest(lambda y: -float(joint.scores(y, own).sum()), x, i, joint.high[i], best)
    curved, _ = joint.curvature(seen, own, inside)
    p = x.size
    outer, mixed, blocks = curved[:, :p, :p].sum(axis=0), curved[:, :p, p:], curved[:, p:, p:]
    solved = np.stack([inverse(block, 0.0) for block in blocks])
    follow = -np.einsum("kij,kpj->kip", solved, mixed)  # how the numbers of a device go with those of the law
    outer = outer + np.einsum("kpj,kjq->pq", mixed, follow)
    covariance = np.full((p, p), np.nan)
    at = np.flatnonzero(inside)
    covariance[np.ix_(at, at)] = inverse(outer[np.ix_(at, at)])
    own_sd = np.sqrt(np.maximum(np.einsum("kii->ki", solved), 0.0))
    model.errors[joint.rows] = own_sd[:, :-2].T
    model.place_errors[:] = own_sd[:, -2:].T * model.inward(model.ranges(model.place))
    return _told(joint, found, own, follow, covariance)


def _told(joint: Joint, found: Found, own: Doubles, follow: Doubles, covariance: Doubles) -> Sure:
    """Return the errors from the covariance of the law and from how the numbers of each device follow it."""
    model, n = joint.model, own.shape[0]
    inward = model.inward(model.ranges(model.place))
    by = np.ones(own.shape)
    by[:, -2], by[:, -1] = inward[0], -inward[1]
    known = np.nan_to_num(covariance)
    away = (follow * by[:, :, None]).mean(axis=0)  # (m, p)
    cells = np.hstack([own[:, :-2], model.ranges(model.place).T])
    drawn = np.cov(cells.T) / n
    doubt = np.vstack([model.errors[joint.rows], model.place_errors])
    # devices that agree by chance are no surer than each of them
    np.fill_diagonal(drawn, np.maximum(np.diag(drawn), (doubt**2).mean(axis=1) / n))
    whole = np.block([[known, known @ away.T], [away @ known, drawn + away @ known @ away.T]])
    names = [*joint.shared, *(CELL[row] for row in joint.rows), "g_min", "g_max"]
    sd = np.sqrt(np.diag(whole))
    estimates = dict(found.estimates)
    for i, (name, free) in enumerate(joint.shared.items()):
        one = estimates[name]
        if not one.remark or one.remark == OPEN:
            remark = unsure(free, float(np.sqrt(covariance[i, i])))
            error = None if remark else float(sd[i]) * (one.value if free.log else 1.0)
            estimates[name] = replace(one, error=error, remark=remark)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = whole / np.outer(sd, sd)
    pairs = {
        (names[j], names[i]): float(r[i, j])
        for i in range(sd.size)
        for j in range(i)
        if np.isfinite(r[i, j]) and r[i, j]
    }
    nominal = dict(zip(names, sd.tolist(), strict=True))
    return Sure(
        replace(found, estimates=estimates), {name: nominal[name] for name in NOMINAL if name in nominal}, pairs
    )
