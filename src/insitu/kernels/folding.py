"""What comes back from the patches of an image to its pixels."""

from __future__ import annotations

from numba import float32, int64, njit, types

from insitu.kernels.state import KERNEL


@njit(types.void(float32[:, :, :, :, ::1], int64, int64, float32[:, :, ::1]), **KERNEL)
def add_patches(patches, stride, maps, out):
    """Add to images each pixel of all patches: a row of a patch is a run of both.

    Patches come last first, so that each pixel sums what it gets in the order of its place in them.

    Parameters
    ----------
    patches : (n, high, wide, size, size x maps). stride : pixels between two.
    out : (n, height, width x maps), padding included.
    """
    n, high, wide, size, run = patches.shape
    for m in range(n):
        for y in range(high - 1, -1, -1):
            for x in range(wide - 1, -1, -1):
                begin = x * stride * maps
                for i in range(size):
                    row, got = out[m, y * stride + i, begin : begin + run], patches[m, y, x, i]
                    for k in range(run):
                        row[k] += got[k]
