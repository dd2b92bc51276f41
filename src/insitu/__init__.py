"""insitu: training neural networks inside the memory that stores their weights."""

import ast
from importlib import import_module
from pathlib import Path
from typing import Any

__version__ = "0.1.0"


def _public() -> dict[str, tuple[str, str]]:
    """Return public name -> (module, name there): what the stub beside this file imports, and nothing else."""
    stub = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = (node for node in stub.body if isinstance(node, ast.ImportFrom))
    return {alias.asname or alias.name: (str(node.module), alias.name) for node in imports for alias in node.names}


_HOME = _public()
__all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    """Import a public name on its first use, so that ``import insitu`` is quick."""
    if name not in _HOME:
        raise AttributeError(f"module 'insitu' has no attribute '{name}'")
    module, there = _HOME[name]
    globals()[name] = found = getattr(import_module(module), there)
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
