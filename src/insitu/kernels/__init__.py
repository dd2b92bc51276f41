"""The compiled inner loops; the only place that imports numba, and only once a kernel is wanted."""
