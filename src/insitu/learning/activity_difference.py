"""Learning from the difference of two relaxations of the same hardware: what is common to MADEM and its kin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from insitu.errors import InputError, refuse_idle, require_between, require_kind, suggest
from insitu.schemes import Scheme, Weights
from insitu.schemes.base import Form

Mode = Literal["clamped", "nudged", "centred", "coupled"]
Difference = Literal["products", "difference"]
Activities = tuple[
    NDArray[np.float32], NDArray[np.float32]
]  # before and behind a layer of weights, (batch, units) each


@dataclass(frozen=True, kw_only=True)
class ActivityDifference:
    """Which two relaxations are compared, and what their difference does to the weights.

    With the energy ``E(s) = sum_i Phi(s_i) - sum_(i,j) w_ij s_i s_j`` (every pair once) and a cost ``C`` of the outputs, the
    network relaxes to a minimum of ``F = E + b C``. Along such minima dC/dw = d/db (dF/dw) at b = 0, and dF/dw_ij is
    ``-s_i s_j``: the gradient of the cost is a difference of products of activities that both ends of a weight see.

    ``dw_ij = rate scale (s_i s_j in the second relaxation - s_i s_j in the first)``

    | mode | first | second | scale |
    |---|---|---|---|
    | clamped | free, b = 0 | outputs held at the target y (b -> infinity) | 1 |
    | nudged | free | b = beta | 1 / beta |
    | centred | b = -beta | b = beta | 1 / (2 beta) |
    | coupled | free, outputs o | outputs held at o + beta (y - o) | 1 / beta |

    Parameters
    ----------
    mode : clamped by default [ours: which mode the paper used is not known]. It has the largest difference, so that read
        noise and programming errors weigh least.
    beta : strength of the nudge, and in coupled mode the part of the way to the target; refused when clamped.
    rate : of the weights, in units of weight.
    form : how the difference is taken. "products" as above; "difference" as one product, ``s_i`` of the first relaxation
        times the difference of ``s_j`` behind it: equal to first order in the nudge, and exact where ``s_i`` is held. None is
        products where they are multiplied out digitally, and difference where the array forms the product by pulses: two
        products nearly cancel there, which costs fifty times the pulses, and asymmetry of the devices spoils what is left.

    References
    ----------
    B. Scellier, Y. Bengio, Front. Comput. Neurosci. 11, 24 (2017) for nudged; A. Laborieux et al., Front. Neurosci. 15,
    633674 (2021) for centred; J. R. Movellan, Connectionist Models Summer School (1991) for clamped; M. Stern et al., Phys.
    Rev. X 11, 021045 (2021) for coupled. That MADEM (S.-i. Yi et al., Nat. Electron. 6, 45 (2023)) is one of them is
    inferred from its announcement: one relaxation free, one with the output forced.
    """

    mode: Mode = "clamped"
    beta: float = 0.5
    rate: float = 0.6
    form: Difference | None = None

    def __post_init__(self) -> None:
        if self.mode not in get_args(Mode):
            raise InputError(f"mode: got {self.mode!r}; {suggest(str(self.mode), get_args(Mode))}")
        top = 1.0 if self.mode == "coupled" else 100.0
        require_between("beta", self.beta, -top, top, optional=False)
        if self.mode == "clamped":
            refuse_idle(self, {"beta": "outputs that are clamped are held at the target, and not nudged"})
        elif self.beta == 0:
            raise InputError("beta: got 0; without a nudge both relaxations are the same, give for example 0.5")
        require_between("rate", self.rate, 0, 1e6, optional=False)
        if self.form not in (None, *get_args(Difference)):
            raise InputError(f"form: got {self.form!r}; allowed are products, difference or None")

    @property
    def scale(self) -> float:
        """What turns the difference into a gradient."""
        return 1.0 if self.mode == "clamped" else (0.5 if self.mode == "centred" else 1.0) / self.beta


def layer_difference(
    before: Activities, after: Activities, *, form: Difference = "products", rate: float = 1.0
) -> NDArray[np.float32]:
    """Return ``rate`` times the mean over a batch of ``pre post`` after minus before, for weights with a bias line.

    Parameters
    ----------
    before, after : pre (batch, rows) and post (batch, columns) of the two relaxations; where pre is the same array in both,
        as clamped inputs are, one product is enough.

    Returns
    -------
    (rows + 1, columns).
    """
    (pre, post), (later, reached) = before, after
    each = np.float32(rate / len(pre))  # of the few numbers behind the weights, not of the many of the product
    moved = each * (reached - post)
    out = np.empty((pre.shape[1] + 1, post.shape[1]), np.float32)
    if form == "difference" or pre is later:
        np.matmul(pre.T, moved, out=out[:-1])
    else:
        np.matmul(later.T, each * reached, out=out[:-1])
        out[:-1] -= pre.T @ (each * post)
    moved.sum(axis=0, out=out[-1])
    return out


def form_of(scheme: Scheme) -> Form:
    """Return in which form the difference is asked for: dense if the scheme takes that."""
    require_kind("scheme", scheme, Scheme, "for example WriteVerify()")
    return "dense" if "dense" in scheme.takes else "factors"


def ask_for_difference(
    layer: Weights, before: Activities, after: Activities, *, rate: float, form: Difference | None
) -> None:
    """Ask a layer with a bias line for ``rate`` times the mean difference of a batch, in the form that its scheme takes."""
    from insitu.kernels.state import DIGITAL_OPS

    (pre, post), (later, reached) = before, after
    batch = len(pre)
    if layer.takes_dense:
        form = form or "products"
        products = 1 if form == "difference" or pre is later else 2
        layer.array.counts[DIGITAL_OPS] += 2 * products * batch * layer.rows * layer.columns
        layer.add(layer_difference(before, after, form=form, rate=rate))
        return
    each, ones = rate / batch, np.ones((batch, 1), np.float32)
    if form == "products" and pre is not later:
        layer.add_factors(np.hstack([later, ones]), each * reached, each)
        layer.add_factors(np.hstack([pre, ones]), -each * post, each)
    else:
        layer.add_factors(np.hstack([pre, ones]), each * (reached - post), each)


def recurrent_difference(before: NDArray[np.float32], after: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of ``s s^T`` after minus before, (units, units) from (batch, units): symmetric, zero diagonal.

    Symmetric to the last bit, so the two places that hold a weight get the same change.
    """
    difference = (after.T @ after - before.T @ before) / np.float32(len(after))
    symmetric = np.asarray((difference + difference.T) / 2, np.float32)  # BLAS may sum the two halves in other orders
    np.fill_diagonal(symmetric, 0)
    return symmetric


def ask_for_recurrent_difference(
    layer: Weights, before: NDArray[np.float32], after: NDArray[np.float32], *, rate: float, form: Difference | None
) -> None:
    """Ask symmetric weights (units, units) for ``rate`` times the mean difference of ``s s^T``, after minus before.

    By factors, the difference is ``f (a - f)^T + (a - f) a^T``, f before and a after: the same, in fewer pulses.
    """
    from insitu.kernels.state import DIGITAL_OPS

    batch = len(before)
    if layer.takes_dense:
        layer.array.counts[DIGITAL_OPS] += 4 * batch * layer.rows * layer.columns
        layer.add(np.float32(rate) * recurrent_difference(before, after))
        return
    each = rate / batch
    if form == "products":
        pairs = [(after, each * after), (before, -each * before)]
    else:
        pairs = [(before, each * (after - before)), (after - before, each * after)]
    for x, d in pairs:
        layer.add_factors(x, d, each)
