"""Reads of arrays as functions that PyTorch differentiates: products forwards, transposed reads back."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from insitu.arraytypes import Floats
from insitu.random import content_numbers
from insitu.schemes import Weights


class Read(torch.autograd.Function):
    """``y = x W`` with the bias line at 1; back, ``W d`` by a transposed read, and the gradient of W by the periphery.

    Every vector is driven relative to its largest input, and its sum multiplied by that again, so that what circuits add and
    what converters resolve is relative to the signal, forwards and back (the *noise management* of T. Gokmen, M. Onen and
    W. Haensch, Front. Neurosci. 11, 538 (2017)).
    """

    @staticmethod
    def forward(ctx: Any, x: Any, weight: Any, bias: Any, layer: Any, learning: bool) -> Any:
        """Return y (n, outputs) for x (n, inputs); the values of weight and bias stand in the array of the layer."""
        driven = x.detach().numpy()
        if layer.bias is not None:
            driven = np.column_stack([driven, np.ones(len(driven), np.float32)])
        array = layer.array
        if learning:
            numbers = layer.next_numbers(len(driven))
            y = scaled(array, driven, numbers, 0)
        else:
            with array.listening():
                numbers = content_numbers(driven)
                y = scaled(array, driven, numbers, 0)
        ctx.layer, ctx.numbers, ctx.driven = layer, numbers, driven
        return torch.from_numpy(y)

    @staticmethod
    def backward(ctx: Any, grad: Any) -> Any:
        """Return the gradients of x, weight and bias; the products of the latter two are counted as digital operations."""
        from insitu.kernels.state import DIGITAL_OPS

        layer, driven, d = ctx.layer, ctx.driven, np.ascontiguousarray(grad.detach().numpy(), np.float32)
        back = None
        if ctx.needs_input_grad[0]:
            back = torch.from_numpy(scaled(layer.array, d, ctx.numbers, 1)[:, : layer.inputs])
        if not any(ctx.needs_input_grad[1:3]):  # frozen
            return back, None, None, None, None
        products = torch.from_numpy(driven.T @ d)
        if layer.factors:  # the array forms them, by pulses: these are for who looks at gradients
            layer.ask(driven, d)
        else:
            layer.array.tally[DIGITAL_OPS] += 2 * len(d) * products.numel()
        weight = products[: layer.inputs].T.reshape(layer.shape)
        return back, weight, None if layer.bias is None else products[-1], None, None


def scaled(array: Weights, x: Floats, numbers: NDArray[np.uint64], way: int) -> Floats:
    """Return the sums of a read forwards (0) or transposed (1), each vector driven relative to its largest input."""
    from insitu.kernels.volumes import relative

    driven, top = np.empty(x.shape, np.float32), np.empty(len(x), np.float32)
    relative(np.ascontiguousarray(x, np.float32), driven, top)
    read = array.read if way == 0 else array.read_transposed
    sums = read(driven, numbers, way)
    sums *= top[:, None]
    return sums
