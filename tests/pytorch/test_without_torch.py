"""Where PyTorch is not installed, the bridge says what to do."""

import importlib
import sys

import pytest


def test_without_pytorch_it_says_how_to_get_it(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("insitu.torch")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install insitu\[torch\]"):
        importlib.import_module("insitu.torch")
