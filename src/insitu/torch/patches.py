"""Patches of images as a function that PyTorch differentiates."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

_AXES = 3  # that the kernels take; fewer have axes of length 1 in front


class Patches(torch.autograd.Function):
    """Images x (n, channels, ...) as patches (n x positions, inputs), channels first in each; back, their sum a pixel.

    ``how`` (4, 3) are sizes, strides, paddings and dilations, of :func:`geometry`. The same as ``unfold`` of PyTorch, axis
    after axis, to the bit, in a quarter of its time.
    """

    @staticmethod
    def forward(ctx: Any, x: Any, how: NDArray[np.int64], sizes: list[int]) -> Any:
        """Return the patches of x, of which there are ``sizes`` along its axes."""
        from insitu.kernels.volumes import cut

        ctx.how, ctx.shape = how, tuple(x.shape)
        images = _whole(x.detach().numpy(), x.shape)
        ctx.patches = (len(x), *[1] * (_AXES - len(sizes)), *sizes, x.shape[1] * int(how[0].prod()))
        out = np.empty(ctx.patches, np.float32)
        cut(images, how, _padded(ctx.shape, how), out)
        return torch.from_numpy(out.reshape(-1, out.shape[-1]))

    @staticmethod
    def backward(ctx: Any, grad: Any) -> Any:
        """Return the gradient of x."""
        from insitu.kernels.volumes import add

        patches = np.ascontiguousarray(grad.detach().numpy(), np.float32).reshape(ctx.patches)
        out, padded, size = np.empty(ctx.shape, np.float32), _padded(ctx.shape, ctx.how), ctx.how[0]
        planes = np.empty((len(padded), size[0], *padded.shape[2:]), np.float32)
        lines = np.empty((len(padded), *size[:2], padded.shape[3]), np.float32)
        add(patches, ctx.how, lines, planes, padded, _whole(out, ctx.shape))
        return torch.from_numpy(out), None, None


def geometry(*numbers: tuple[int, ...]) -> NDArray[np.int64]:
    """Return sizes, strides, paddings and dilations of one to three axes as the kernels take them."""
    return np.array(
        [[nothing] * (_AXES - len(of)) + list(of) for nothing, of in zip((1, 1, 0, 1), numbers, strict=True)]
    )


def _padded(shape: tuple[int, ...], how: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return zeros (channels, depth, height, width) for an image of ``shape`` (n, channels, ...) and its padding."""
    lengths = np.array([1] * (_AXES + 2 - len(shape)) + list(shape[2:])) + 2 * how[2]
    return np.zeros((shape[1], *lengths), np.float32)


def _whole(images: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return images (n, channels, ...) with three axes behind."""
    return images.reshape(*shape[:2], *[1] * (_AXES + 2 - len(shape)), *shape[2:])
