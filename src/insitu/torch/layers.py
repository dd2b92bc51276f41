"""Layers whose weights are in memory: a PyTorch parameter that *is* the effective weights of an array."""

from __future__ import annotations

import copy
from functools import partial
from math import prod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from insitu.errors import InputError
from insitu.schemes import Weights
from insitu.torch.inputs import called, require_input
from insitu.torch.patches import Patches, geometry
from insitu.torch.reading import Read

Formed = tuple[torch.Tensor, int]


class ArrayLayer(nn.Module):
    """What layers in memory share.

    Attributes
    ----------
    array : :class:`insitu.Weights` (inputs, and a last row for the bias, x outputs).
    weight, bias : parameters in the memory of the effective weights, no copy: (outputs, ...) and (outputs,) or None.
    inputs : that a read drives, without the bias.
    factors : whether changes are asked for as outer products that the array forms, else as a matrix.
    asked : those of the last backward passes, until the optimizer takes them. formed : "weight", "bias" -> their sum as it
        was in ``grad`` then, and its version: what is done to gradients later tells by it. settled : how many of those asked
        for are in that sum.
    shown : vectors that learning has driven: the number of the next one is the address of the noise of its reads.
    name : in the model that was converted, for sentences about it.
    """

    def __init__(self, array: Weights, shape: tuple[int, ...], *, biased: bool, factors: bool, name: str = "") -> None:
        super().__init__()
        self.name = name
        self.array, self.shape, self.inputs, self.factors = array, tuple(shape), prod(shape[1:]), factors
        self.asked: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
        self.shown = self.settled = 0
        values = torch.from_numpy(array.values)
        self.weight = nn.Parameter(values[: self.inputs].T.unflatten(1, self.shape[1:]))
        self.bias: nn.Parameter | None = nn.Parameter(values[-1]) if biased else None
        self.formed: dict[str, Formed] = {}
        for name, one in self.named_parameters() if factors else ():
            one.register_post_accumulate_grad_hook(partial(self._note, name))

    def _note(self, name: str, parameter: torch.Tensor) -> None:
        assert parameter.grad is not None
        self.formed[name] = (parameter.grad.clone(), parameter.grad._version)
        self.settled = len(self.asked)

    def ask(self, x: NDArray[np.float32], d: NDArray[np.float32]) -> None:
        """Ask for the outer products of x (n, rows) and d (n, outputs), beside those of earlier passes as far as these are
        still in the gradients: none after ``zero_grad`` of the model, less after ``clip_grad_norm_``."""
        if self.settled:
            parts = {name: self.scaled(name) for name in self.formed}
            lines = np.full(self.array.rows, parts.get("weight", 0.0), np.float32)
            lines[self.inputs :] = parts.get("bias", 0.0)
            if not lines.any():
                del self.asked[: self.settled]
            elif any(part != 1.0 for part in parts.values()):
                self.asked[: self.settled] = [(before * lines, of) for before, of in self.asked[: self.settled]]
            self.settled = 0
        self.asked.append((x, d))

    def forget(self) -> None:
        """Forget what was asked for."""
        self.asked.clear()
        self.formed.clear()
        self.settled = 0

    def scaled(self, name: str) -> float:
        """Return by what the gradient of "weight" or "bias" was multiplied since it was formed, as ``clip_grad_norm_`` does.

        Who looks at it has the products formed digitally, which is counted.

        Raises
        ------
        InputError : it was changed otherwise, and the array forms outer products alone.
        """
        from insitu.kernels.state import DIGITAL_OPS

        now = self.get_parameter(name).grad
        if now is None or name not in self.formed:  # frozen, or taken away
            return 0.0
        before, version = self.formed[name]
        if now._version == version and torch.equal(now, before):
            return 1.0
        self.array.tally[DIGITAL_OPS] += sum(2 * len(d) * before.numel() for _, d in self.asked)
        if torch.equal(now, before):
            return 1.0
        factor = float((now * before).sum() / (before * before).sum().clamp_min(1e-30))
        if not torch.allclose(now, factor * before, rtol=1e-3, atol=1e-5 * abs(factor) * float(before.abs().max())):
            raise InputError(
                f"{called(self.name)}: its gradient was changed after the backward pass, and not by one factor; "
                f"{type(self.array.scheme).__name__} forms outer products in the array, which can be scaled alone, as by "
                "clip_grad_norm_; allowed is that, or a scheme that takes a matrix, as MixedPrecision()"
            )
        return factor

    def next_numbers(self, count: int) -> NDArray[np.uint64]:
        """Return the numbers of the next vectors of learning."""
        first, self.shown = self.shown, self.shown + count
        return np.arange(first, first + count, dtype=np.uint64)

    def products(self, x: torch.Tensor) -> torch.Tensor:
        """Return the sums (n, outputs) for vectors x (n, inputs)."""
        found: torch.Tensor = Read.apply(
            x.float(), self.weight, self.bias, self, self.training and torch.is_grad_enabled()
        )
        return found

    # -- saving, copying, moving -----------------------------------------------------------------------------------

    def get_extra_state(self) -> dict[str, Any]:
        """Return all that training changed, beyond the weights: conductances, writes, memory of the scheme, counts."""
        arrays = self.array.arrays() | {"shown": np.array(self.shown)}
        return {name: (str(a.dtype), list(a.shape), _bytes(a)) for name, a in arrays.items()}

    def set_extra_state(self, state: dict[str, Any]) -> None:
        """Put it back, see :meth:`get_extra_state`."""
        arrays = {
            name: np.frombuffer(data.numpy().tobytes(), dtype).reshape(shape)
            for name, (dtype, shape, data) in state.items()
        }
        self.shown = int(arrays.pop("shown"))
        self.array.restore(arrays)

    def _load_from_state_dict(self, state: dict[str, Any], prefix: str, *args: Any) -> None:
        key = f"{prefix}_extra_state"
        if key in state:
            super()._load_from_state_dict(state, prefix, *args)
            return
        missing = args[2]
        super()._load_from_state_dict(state, prefix, *args)  # of a model in software: its weights are put into cells
        missing[:] = [name for name in missing if name != key]
        self.array.put(self.array.values.copy())

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        options = {name: copy.deepcopy(value, memo) for name, value in self.options().items()}
        made = type(self)(copy.deepcopy(self.array, memo), **options)
        memo[id(self)] = made
        return made._as(self.shown, self.training, self._learned())

    def __reduce__(self) -> Any:
        return _made, (type(self), self.array, self.options(), self.shown, self.training, self._learned())

    def _learned(self) -> list[bool]:
        return [one.requires_grad for one in self.parameters()]

    def _as(self, shown: int, training: bool, learned: list[bool]) -> Any:
        self.shown = shown
        for one, wanted in zip(self.parameters(), learned, strict=True):
            one.requires_grad_(wanted)
        return self.train(training)

    def options(self) -> dict[str, Any]:
        """Return the arguments that make the same layer of another array."""
        return {"shape": self.shape, "biased": self.bias is not None, "factors": self.factors, "name": self.name}

    def _apply(self, fn: Any, recurse: bool = True) -> Any:
        after = fn(torch.empty(0))
        if after.device.type != "cpu" or after.dtype != torch.float32:
            raise InputError(
                f"{type(self).__name__}: cells are kept on the CPU in float32, and cannot be moved to {after.device}, "
                f"{after.dtype}; leave the model there"
            )
        return self


class ArrayLinear(ArrayLayer):
    """``y = x W^T + b`` as :class:`torch.nn.Linear`, the weights in an array."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return y (..., outputs) for x (..., inputs)."""
        require_input(self.name, x, x.dim() > 0 and x.shape[-1] == self.inputs, f"(..., {self.inputs})")
        return self.products(x.reshape(-1, self.inputs)).reshape(*x.shape[:-1], self.shape[0])


class ArrayConv(ArrayLayer):
    """A convolution as :class:`torch.nn.Conv1d` to 3d: one array, driven with the patch of one position after the other.

    Parameters
    ----------
    stride, padding, dilation : of each axis, padding with zeros.
    """

    def __init__(
        self,
        array: Weights,
        shape: tuple[int, ...],
        *,
        biased: bool,
        factors: bool,
        stride: tuple[int, ...],
        padding: tuple[int, ...],
        dilation: tuple[int, ...],
        name: str = "",
    ) -> None:
        super().__init__(array, shape, biased=biased, factors=factors, name=name)
        self.stride, self.padding, self.dilation = stride, padding, dilation

    def options(self) -> dict[str, Any]:
        """Return the arguments that make the same layer of another array."""
        return super().options() | {"stride": self.stride, "padding": self.padding, "dilation": self.dilation}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the maps (n, outputs, ...) of images x (n, channels, ...), or those of one."""
        if x.dim() == len(self.shape) - 1:
            return self.forward(x[None])[0]
        lengths = tuple(x.shape[2:])
        fits = x.dim() == len(self.shape) and x.shape[1] == self.shape[1] and min(self.positions(lengths)) > 0
        of = zip(self.shape[2:], self.padding, self.dilation, strict=True)
        sides = ", ".join(f">= {max(gap * (size - 1) + 1 - 2 * pad, 1)}" for size, pad, gap in of)
        require_input(self.name, x, fits, f"(n, {self.shape[1]}, {sides}), or one without n")
        sizes = self.positions(lengths)
        how = geometry(self.shape[2:], self.stride, self.padding, self.dilation)
        patches: torch.Tensor = Patches.apply(x.float(), how, sizes)
        return self.products(patches).reshape(len(x), *sizes, self.shape[0]).movedim(-1, 1)

    def positions(self, lengths: tuple[int, ...]) -> list[int]:
        """Return how many patches lie along axes of these lengths."""
        of = zip(lengths, self.shape[2:], self.stride, self.padding, self.dilation, strict=True)
        return [(length + 2 * pad - gap * (size - 1) - 1) // step + 1 for length, size, step, pad, gap in of]


def _bytes(a: NDArray[Any]) -> torch.Tensor:
    return torch.from_numpy(np.frombuffer(a.tobytes(), np.uint8).copy())


def _made(kind: Any, array: Weights, options: dict[str, Any], shown: int, training: bool, learned: list[bool]) -> Any:
    return kind(array, **options)._as(shown, training, learned)
