"""Short arrays on the stack, for kernels that count no references (see insitu.kernels.state.KERNEL).

A row of its own for each: LLVM then knows that two of them do not overlap, and its loops over them run on all lanes.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array


@intrinsic
def stack(_typing: Any, size: Any, dtype: Any) -> Any:
    """Return an array (size,), not filled; ``size`` is a constant. It lives as long as the function that asks for it."""
    if not isinstance(size, types.IntegerLiteral):
        return None
    array = types.Array(dtype.dtype, 1, "C")

    def lower(context: Any, builder: Any, _signature: Any, _args: Any) -> Any:
        of = context.get_data_type(dtype.dtype)
        width = context.get_constant(types.intp, context.get_abi_sizeof(of))
        made, count = make_array(array)(context, builder), context.get_constant(types.intp, size.literal_value)
        data = cgutils.alloca_once(builder, of, size=size.literal_value)
        shape, strides = cgutils.pack_array(builder, [count]), cgutils.pack_array(builder, [width])
        populate_array(made, data=data, shape=shape, strides=strides, itemsize=width, meminfo=None)
        return made._getvalue()

    return array(size, dtype), lower
