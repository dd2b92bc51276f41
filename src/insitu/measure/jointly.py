"""All devices at once: the numbers of the law and those of each device together, for the maximum and for the errors.

What a law shares pulls at what each device has of its own: a slope at the range and the steps of every cell. Their curvature
is an arrow, one block for the law and one for each device, which is solved block by block (the Schur complement).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.measure.families import Free
from insitu.measure.modelling import CELL, PLACE, Model
from insitu.measure.searching import AT_LOW, OPEN, Found, Scales, inverse, largest, unsure

_NEAR = 1e-5  #: over what a slope is taken, in transformed numbers
_STEPS = 200  #: most, of a climb
_DOUBLED = 14  #: lengths at which it is tried how far a number may go
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
    low, high, own_low, own_high : their bounds, as they are searched.
    """

    def __init__(self, model: Model, values: Mapping[str, float]) -> None:
        """Take a model of several devices and the numbers at which it is."""
        self.model, self.at = model, {**values, **model.fixed}
        self.shared = {name: one for name, one in model.free.items() if name not in CELL}
        self.rows = [row for row, name in enumerate(CELL) if name in model.free]
        self.own = {CELL[row]: _OWN for row in self.rows} | PLACE
        self._scales, own = Scales(self.shared), Scales(self.own)
        self.low, self.high, self.own_low, self.own_high = self._scales.low, self._scales.high, own.low, own.high

    def here(self) -> tuple[Doubles, Doubles]:
        """Return where the model is, transformed: (p,) of the law, (devices, m) of each device."""
        own = np.vstack([np.log(self.model.factors[self.rows]), self.model.place]).T
        return self._scales.inward(self.at), np.clip(own, self.own_low, self.own_high)

    def scores(self, x: Doubles, own: Doubles) -> Doubles:
        """Return (points, devices) log-likelihoods; minus infinity where the law does not allow these numbers.

        ``x`` (points, p) and ``own`` (points, devices, m), 1 of either where it is that of all points.
        """
        points = max(len(x), len(own))
        moved = self._scales.several(np.broadcast_to(x, (points, x.shape[1])))
        numbers = {name: np.full(points, value) for name, value in self.at.items() if name not in moved} | moved
        factors = np.ones((2, own.shape[1], len(own)))
        factors[self.rows] = np.exp(own[:, :, :-2]).T
        return self.model.scores(numbers, own[:, :, -2:].T, factors).T

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

        before = float(self.scores(x[None], own[None]).sum())
        bounds = list(zip(low / scale, high / scale, strict=True))
        found = minimize(slope, start / scale, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": _STEPS})
        if not -found.fun > before:
            return None
        end = np.clip(found.x * scale, low, high)
        x, own = end[:p], end[p:].reshape(n, -1)
        self.model.place[:] = own[:, -2:].T
        self.model.factors[self.rows] = np.exp(own[:, :-2]).T
        self.at |= self._scales.plain(x)
        return self.model.shared(self.at, errors=False)

    def _slope(self, y: Doubles, p: int, high: Doubles, scale: Doubles) -> tuple[float, Doubles]:
        """Return cost and its slope over scaled numbers: those of all devices are moved at once, for they do not meet."""
        x, own = y[:p], y[p:].reshape(len(self.model.pulses.names), -1)
        away = np.where(x + _NEAR < high[:p], _NEAR, -_NEAR)
        own_away = np.where(own + _NEAR < self.own_high, _NEAR, -_NEAR)
        here, *beside = self.scores(*self._moves(x, own, np.diag(away), own_away))
        if not np.isfinite(here).all():
            return 10 * _NEVER, np.zeros(y.size)
        shared = np.array([float(there.sum()) for there in beside[:p]])
        by = np.where(np.isfinite(shared), shared - here.sum(), 0.0) / away
        by_own = (np.array(beside[p:]).T - here[:, None]) / own_away
        return -float(here.sum()), -np.r_[by, by_own.ravel()] * scale

    def _moves(self, x: Doubles, own: Doubles, by: Doubles, own_by: Doubles) -> tuple[Doubles, Doubles]:
        """Return points: this one, moved by each of ``by`` (points, p), and by each number of ``own_by`` of all devices."""
        m = own.shape[1]
        xs = x + np.concatenate([np.zeros((1, x.size)), by, np.zeros((m, x.size))])
        owns = np.tile(own, (len(xs), 1, 1))
        for j in range(m):
            owns[len(xs) - m + j, :, j] += own_by[:, j]
        return xs, owns

    def _scale(self, x: Doubles, own: Doubles) -> Doubles:
        """Return over how much each number changes the likelihood by about one."""
        steps, own_steps = self._strides(x, own)
        return np.asarray(np.clip(np.r_[steps, own_steps.ravel()], 1e-5, 1.0))

    def _strides(self, x: Doubles, own: Doubles) -> tuple[Doubles, Doubles]:
        """Return how far each number may go, up or down, until it costs about half a unit of likelihood, by doubling."""
        tried = np.geomspace(1e-4, 1e-4 * 2 ** (_DOUBLED - 1), _DOUBLED)
        fallen, own_fallen = [], []
        for step in tried.tolist():
            by = np.diag(np.minimum(step, self.high - x))
            here, *beside = self.scores(*self._moves(x, own, by, np.minimum(step, self.own_high - own)))
            fallen.append([float((here - there).sum()) > 0.25 for there in beside[: x.size]])
            own_fallen.append([here - there > 0.25 for there in beside[x.size :]])
        return _first(tried, np.array(fallen)), _first(tried, np.array(own_fallen)).T

    def curvature(self, x: Doubles, own: Doubles, inside: NDArray[np.bool_]) -> tuple[Doubles, NDArray[np.bool_]]:
        """Return (devices, q, q) minus the second derivatives of the likelihood of each device, and which of q are free.

        The q are those of the law, then those of the device; (devices, q) are free which are ``inside`` of their bounds.
        """
        p, q, n = x.size, x.size + own.shape[1], own.shape[0]
        steps, own_steps = self._strides(x, own)
        room = np.minimum(own - self.own_low, self.own_high - own)
        free = np.hstack([np.tile(inside, (n, 1)), room > _EDGE * (self.own_high - self.own_low)])
        h = np.hstack(
            [np.tile(np.minimum(steps, np.minimum(x - self.low, self.high - x)), (n, 1)), np.minimum(own_steps, room)]
        )
        h = np.where(free, h, 0.0)

        found, some = np.zeros((n, q, q)), np.flatnonzero(free.any(axis=0))
        a, b = (some[k] for k in np.tril_indices(some.size, -1))
        ways = np.eye(q)
        ups = np.concatenate([0 * ways[:1], ways[some], -ways[some]])
        corners = np.concatenate([s * ways[a] + t * ways[b] for s in (1, -1) for t in (1, -1)])
        moves = np.concatenate([ups, corners])[:, None, :] * h  # (points, devices, q)
        centre, *beside = self.scores(x + moves[:, 0, :p], own + moves[:, :, p:])
        up, down = np.array(beside[: 2 * some.size]).reshape(2, some.size, n)
        around = np.array(beside[2 * some.size :]).reshape(4, a.size, n)
        with np.errstate(divide="ignore", invalid="ignore"):
            found[:, some, some] = -((up - 2 * centre + down) / h[:, some].T ** 2).T
            mixed = (around[0] - around[1] - around[2] + around[3]).T
            found[:, a, b] = found[:, b, a] = -mixed / (4 * h[:, a] * h[:, b])
        return np.where(free[:, :, None] & free[:, None, :], found, 0.0), free


def _first(tried: Doubles, fallen: NDArray[np.bool_]) -> Doubles:
    """Return the first of some steps, along the first axis, at which something fell; twice the last where it never does."""
    return np.asarray(np.where(fallen.any(axis=0), tried[fallen.argmax(axis=0)], 2 * tried[-1]))


def sure(model: Model, found: Found) -> Sure:
    """Return the errors of a fit to several devices, and set those of the steps and bounds of each device in the model."""
    joint = Joint(model, found.values)
    x, own = joint.here()
    best = -float(joint.scores(x[None], own[None]).sum())
    inside = np.array(
        [not one.remark or one.remark == OPEN for name, one in found.estimates.items() if name in joint.shared]
    )
    seen = x.copy()
    for i, (name, one) in enumerate(joint.shared.items()):
        if one.log and found.estimates[name].remark == AT_LOW:
            seen[i] = largest(lambda y: -joint.scores(y, own[None]).sum(axis=1), x, i, joint.high[i], best)
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
