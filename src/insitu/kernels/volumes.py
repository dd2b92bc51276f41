"""Patches of images in one to three axes: cut out for a read, and summed to an image again, for PyTorch.

Fewer axes than three are axes of length 1 in front. ``how`` (4, 3) is, of each axis: the size of a patch, the stride between
two, the padding with zeros, the dilation within one.
"""

from __future__ import annotations

import numpy as np
from numba import float32, int64, njit, types

from insitu.kernels.state import KERNEL

_SIZE, _STRIDE, _PADDING, _DILATION = range(4)
_IMAGES, _IMAGE = float32[:, :, :, :, ::1], float32[:, :, :, ::1]


@njit(types.void(float32[:, :, :, :, :], int64[:, ::1], _IMAGE, _IMAGES), **KERNEL)
def cut(x, how, padded, out):
    """Write the patches of x (n, channels, depth, height, width) to ``out`` (n, layers, rows, columns, channels x places).

    Parameters
    ----------
    padded : (channels, depth, height, width), padding included, zeros to write an image to.
    """
    size, stride, padding, gap = how[_SIZE], how[_STRIDE], how[_PADDING], how[_DILATION]
    n, channels, depth, height, width = x.shape
    of_three = size[2] == 3 and gap[2] == 1  # by far the most usual, so it is unrolled
    for m in range(n):
        for c in range(channels):
            for z in range(depth):
                for y in range(height):
                    line, pixels = padded[c, z + padding[0], y + padding[1]], x[m, c, z, y]
                    for place in range(width):
                        line[place + padding[2]] = pixels[place]
        for layer in range(out.shape[1]):
            for row in range(out.shape[2]):
                for column in range(out.shape[3]):
                    patch, at, first = out[m, layer, row, column], 0, column * stride[2]
                    for c in range(channels):
                        for i in range(size[0]):
                            plane = padded[c, layer * stride[0] + i * gap[0]]
                            for j in range(size[1]):
                                line = plane[row * stride[1] + j * gap[1]]
                                if of_three:
                                    patch[at] = line[first]
                                    patch[at + 1] = line[first + 1]
                                    patch[at + 2] = line[first + 2]
                                else:
                                    for k in range(size[2]):
                                        patch[at + k] = line[first + k * gap[2]]
                                at += size[2]


@njit(inline="always")
def _add_line(line, to):
    for place in range(to.size):
        to[place] += line[place]


@njit(inline="always")
def _add_row(patches, stride, gap, size, lines):
    """Add a row of patches (columns, channels x places) to lines (channels, size, size, width)."""
    of_three = size == 3 and gap == 1
    for column in range(patches.shape[0]):
        patch, at, first = patches[column], 0, column * stride
        for c in range(lines.shape[0]):
            for i in range(lines.shape[1]):
                for j in range(lines.shape[2]):
                    line = lines[c, i, j]
                    if of_three:
                        line[first] += patch[at]
                        line[first + 1] += patch[at + 1]
                        line[first + 2] += patch[at + 2]
                    else:
                        for k in range(size):
                            line[first + k * gap] += patch[at + k]
                    at += size


@njit(types.void(_IMAGES, int64[:, ::1], _IMAGE, _IMAGE, _IMAGE, _IMAGES), **KERNEL)
def add(patches, how, lines, planes, padded, out):
    """Write to images ``out`` (n, channels, depth, height, width) the sum of what all patches hold of each pixel.

    Sums are along the last axis first, then along the one before, and over patches in their order: to the bit what comes
    back through ``unfold`` of PyTorch, axis after axis.

    Parameters
    ----------
    patches : (n, layers, rows, columns, channels x places).
    lines, planes, padded : to sum in: (channels, size, size, width), (channels, size, height, width), (channels, depth,
        height, width), padding included.
    """
    stride, padding, gap = how[_STRIDE], how[_PADDING], how[_DILATION]
    n, channels, depth, height, width = out.shape
    for m in range(n):
        padded[:] = 0.0
        for layer in range(patches.shape[1]):
            planes[:] = 0.0
            for row in range(patches.shape[2]):
                lines[:] = 0.0
                _add_row(patches[m, layer, row], stride[2], gap[2], how[_SIZE, 2], lines)
                for c in range(channels):
                    for i in range(lines.shape[1]):
                        for j in range(lines.shape[2]):
                            _add_line(lines[c, i, j], planes[c, i, row * stride[1] + j * gap[1]])
            for c in range(channels):
                for i in range(planes.shape[1]):
                    for y in range(planes.shape[2]):
                        _add_line(planes[c, i, y], padded[c, layer * stride[0] + i * gap[0], y])
        for c in range(channels):
            for z in range(depth):
                for y in range(height):
                    line, pixels = padded[c, z + padding[0], y + padding[1]], out[m, c, z, y]
                    for place in range(width):
                        pixels[place] = line[place + padding[2]]


@njit(types.void(float32[:, ::1], float32[:, ::1], float32[::1]), fastmath={"nnan", "nsz"}, **KERNEL)
def relative(x, out, top):
    """Write vectors x (n, lines) relative to the largest size in each, which goes to ``top`` (n,); of zeros it is 1."""
    for m in range(x.shape[0]):
        most = np.float32(0.0)
        for i in range(x.shape[1]):
            most = max(most, abs(x[m, i]))
        top[m] = most if most > 0.0 else np.float32(1.0)
        for i in range(x.shape[1]):
            out[m, i] = x[m, i] / top[m]
