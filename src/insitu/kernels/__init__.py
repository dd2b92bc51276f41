"""The compiled inner loops; the only place that imports numba, and only once a kernel is wanted."""

from insitu.kernels.cache import keep_machine_code

keep_machine_code()
