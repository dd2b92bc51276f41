"""What an optimizer of PyTorch wants of weights in memory, handed to the scheme that writes them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch
from torch.nn.utils.rnn import PackedSequence

from insitu.errors import InputError, require_kind
from insitu.torch.converting import stack_of
from insitu.torch.layers import ArrayLayer

_ADDED = ("momentum", "weight_decay", "maximize")  # of SGD, which outer products know nothing of


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
        self.stack, self._new = stack_of(model), 0
        self.layers = [one for one in model.modules() if isinstance(one, ArrayLayer)]
        model.register_forward_pre_hook(self._count, with_kwargs=True)
        self._rates = {id(p): group for group in inner.param_groups for p in group["params"]}
        for one in self.layers:
            if id(one.weight) not in self._rates and one.weight.requires_grad:
                raise InputError(
                    "inner: does not hold all parameters of the converted model that are learned; make it after convert, or "
                    "freeze the others (requires_grad_(False))"
                )
            if one.factors:
                self._require_plain(one)

    def _require_plain(self, one: ArrayLayer) -> None:
        groups = [self._rates[id(own)] for own in one.parameters() if id(own) in self._rates]
        sgd = isinstance(self.inner, torch.optim.SGD) or not groups
        plain = sgd and not any(group[name] for group in groups for name in _ADDED)
        if not plain:
            raise InputError(
                f"inner: {type(one.array.scheme).__name__} forms outer products in the array, which add up nowhere; allowed "
                f"is torch.optim.SGD without {', '.join(_ADDED)}, or a scheme that takes a matrix, as MixedPrecision()"
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
            one.forget()

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
            self._pulse(one)
        self.stack.advance(self._new)
        self._new = 0

    def _pulse(self, one: ArrayLayer) -> None:
        """Ask for the outer products of a layer, at the rates of its weight and of its bias, and as far as their gradients
        were scaled since, by a line that is driven so much less."""
        rates = {name: self._rates.get(id(own), {}).get("lr", 0.0) for name, own in one.named_parameters()}
        rate = max(rates.values())
        parts = {name: own / rate * one.scaled(name) for name, own in rates.items() if rate and one.asked}
        if most := max(parts.values(), key=abs, default=0.0):
            lines = np.full(one.array.rows, parts["weight"] / most, np.float32)
            lines[one.inputs :] = parts.get("bias", 0.0) / most
            alike = np.allclose(lines, 1.0, atol=1e-5)
            for x, d in one.asked:
                one.array.add_factors(x if alike else x * lines, np.float32(-rate * most) * d, rate)
        one.forget()

    def _count(self, model: torch.nn.Module, inputs: Any, named: dict[str, Any]) -> None:
        """Count the examples of a batch that is about to be learned: by them time passes and transfers fall due."""
        given = next(
            (one for one in (*inputs, *named.values()) if isinstance(one, torch.Tensor | PackedSequence)), None
        )
        if model.training and torch.is_grad_enabled() and given is not None:
            self._new += int(given.batch_sizes[0]) if isinstance(given, PackedSequence) else len(given)

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
