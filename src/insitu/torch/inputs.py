"""Whether what a module is given fits it, in a sentence that names the module."""

from __future__ import annotations

import torch

from insitu.errors import InputError


def called(name: str) -> str:
    """Return what sentences call a module that has this name in the model that was converted."""
    return f"module '{name}'" if name else "model"


def require_input(name: str, x: torch.Tensor, fits: bool, allowed: str) -> None:
    """Raise InputError unless an input fits, and lies where the cells do."""
    if not fits:
        raise InputError(f"{called(name)}: got an input of the shape {tuple(x.shape)}; allowed is {allowed}")
    if x.device.type != "cpu":
        raise InputError(f"{called(name)}: got an input on {x.device}; cells are kept on the CPU, so move it there")
