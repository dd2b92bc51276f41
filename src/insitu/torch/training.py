"""What an optimizer of PyTorch wants of weights in memory, handed to the scheme that writes them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch

from insitu.errors import InputError, require_kind
from insitu.networks.stack import Stack
from insitu.torch.layers import ArrayLayer


class Optimizer:
    """Wrap an optimizer of PyTorch: each step, what it would do to weights in arrays is asked of their scheme instead.

    Any optimizer will do where the scheme takes a matrix of changes. A scheme that takes outer products, which the array
    forms by pulses from inputs and errors (blind pulses, Tiki-Taka), wants plain ``torch.optim.SGD``: there is no matrix to
    add up momentum in.

    Parameters
    ----------
    model : of :func:`insitu.torch.convert`. inner : made of ``model.parameters()`` after the model was converted.

    Attributes
    ----------
    stack : the arrays, with ``stack.counts``, and ``stack.shown``: examples so far, along the first axis of what the model is
        given.
    """

    def __init__(self, model: torch.nn.Module, inner: torch.optim.Optimizer) -> None:
        require_kind("inner", inner, torch.optim.Optimizer, "for example torch.optim.SGD(model.parameters(), lr=0.05)")
        self.inner = inner
        self.layers = [one for one in model.modules() if isinstance(one, ArrayLayer)]
        if not self.layers:
            raise InputError("model: holds no arrays; convert it first, by insitu.torch.convert(model, device)")
        self.stack, self._new = Stack([one.array for one in self.layers]), 0
        model.register_forward_pre_hook(self._count)
        self._rates = {id(p): group for group in inner.param_groups for p in group["params"]}
        for one in self.layers:
            if id(one.weight) not in self._rates:
                raise InputError("inner: does not hold the parameters of the converted model; make it after convert")
            if one.factors:
                self._require_plain(one)

    def _require_plain(self, one: ArrayLayer) -> None:
        group = self._rates[id(one.weight)]
        plain = isinstance(self.inner, torch.optim.SGD) and not group["momentum"] and not group["weight_decay"]
        if not plain:
            raise InputError(
                f"inner: {type(one.array.scheme).__name__} forms outer products in the array, which add up nowhere; allowed "
                "is torch.optim.SGD without momentum and weight_decay, or a scheme that takes a matrix, as MixedPrecision()"
            )

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """Those of the wrapped optimizer, for schedulers."""
        groups: list[dict[str, Any]] = self.inner.param_groups
        return groups

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, and the outer products that were asked for."""
        self.inner.zero_grad(set_to_none)
        for one in self.layers:
            one.asked.clear()

    def step(self) -> None:
        """Take one step: parameters in software move, weights in arrays are asked to."""
        before = [one.array.values.copy() for one in self.layers]
        self.inner.step()
        for one, values in zip(self.layers, before, strict=True):
            wanted = one.array.values - values
            one.array.values[:] = values
            if not one.factors:
                one.array.add(wanted)
                continue
            rate = self._rates[id(one.weight)]["lr"]
            for x, d in one.asked:
                one.array.add_factors(x, np.float32(-rate) * d, rate)
            one.asked.clear()
        self.stack.advance(self._new)
        self._new = 0

    def _count(self, model: torch.nn.Module, inputs: Any) -> None:
        """Count the examples of a batch that is about to be learned: by them time passes and transfers fall due."""
        if model.training and torch.is_grad_enabled() and inputs and isinstance(inputs[0], torch.Tensor):
            self._new += len(inputs[0])

    def state_dict(self) -> dict[str, Any]:
        """Return that of the wrapped optimizer, and the examples shown; the arrays are in that of the model."""
        return {"inner": self.inner.state_dict(), "shown": self.stack.shown}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Put it back."""
        self.inner.load_state_dict(state["inner"])
        self.stack.shown = state["shown"]

    def warn(self) -> None:
        """Warn of writes that failed, and of what keeps the scheme from training, if anything does."""
        if sentence := self.stack.warning:
            warnings.warn(sentence, stacklevel=2)
