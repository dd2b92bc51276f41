"""What most of the tests need, compiled before the first of them: each kernel by one worker of pytest-xdist alone.

Otherwise the workers of a machine on which nothing is compiled yet begin alike, and compile the same at the same time.
"""

from importlib import import_module
from pathlib import Path

import insitu.kernels
from insitu.devices.compiled import kernels
from insitu.devices.library import load
from insitu.kernels.cache import machine_code

#: what one worker compiles, dealt out in turn; together lies what calls the same functions, all shares take about as long
SHARES = (
    ("perceptron", "reading", "converting", "carry", "outer"),
    ("wta", "wta_patches", "exact", "targets", "volumes", "ladder", "aging"),
    ("shi2018-cbram", "gokmen2016-rpu"),
    ("yi2022-taox", "ambrogio2018-pcm"),
)


def compile_share(worker: int, workers: int) -> None:
    """Compile what falls to this worker and is not on disk."""
    for share in SHARES[worker::workers]:
        for name in share:
            module = Path(insitu.kernels.__file__).with_name(f"{name}.py")
            if not module.is_file():
                for entry in ("overlap", "give", "tune"):
                    kernels(load(name).device, entry)
            elif not machine_code(module):
                import_module(f"insitu.kernels.{name}")
