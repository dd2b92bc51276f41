"""Modules of PyTorch that hold several matrices, taken apart into ``Linear`` layers, each of which can be an array."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import nn


class Unfolded(nn.Module):
    """A module whose matrices are layers of their own, under the names of parameters that PyTorch's module has.

    Attributes
    ----------
    parts : parameter of PyTorch's module -> those here that make it, one on top of the other. State dicts have its names, so
        that they go from one into the other.
    name : in the model that was converted, for sentences about it.
    """

    name = ""
    parts: Mapping[str, tuple[str, ...]]
    makes: ClassVar[tuple[type[nn.Module], ...]]  #: of which modules of PyTorch it is made

    def _load_from_state_dict(self, state: dict[str, Any], prefix: str, *args: Any) -> None:
        for whole, own in self.parts.items():
            if prefix + whole in state:
                pieces = state.pop(prefix + whole).chunk(len(own))
                state.update((prefix + name, piece) for name, piece in zip(own, pieces, strict=True))
        super()._load_from_state_dict(state, prefix, *args)

    def state_dict(self, *args: Any, **options: Any) -> Any:
        """Return the state, of matrices under the names that PyTorch has for them."""
        prefix = options.get("prefix", "")
        state = super().state_dict(*args, **options)
        for whole, own in self.parts.items():
            state[prefix + whole] = torch.cat([state.pop(prefix + name) for name in own])
        return state

    def take(self, one: nn.Module) -> None:
        """Take over the parameters and the mode of PyTorch's module."""
        self.load_state_dict(one.state_dict())
        of = dict(one.named_parameters())
        for whole, own in self.parts.items():
            for name in own:
                self.get_parameter(name).requires_grad_(of[whole].requires_grad)
        self.train(one.training)


def linear(weight: torch.Tensor, biased: bool) -> nn.Linear:
    """Return a layer of the shape (outputs, inputs) of a weight; its numbers are loaded later."""
    return nn.Linear(weight.shape[1], weight.shape[0], bias=biased)
