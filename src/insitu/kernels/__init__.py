"""The compiled inner loops; the only place that imports numba, and only once a kernel is wanted."""

from insitu.kernels.cache import check_environment, forget_old_code, keep_machine_code

check_environment()
keep_machine_code()
forget_old_code()
