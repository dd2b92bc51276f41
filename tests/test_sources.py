"""Which files a user's file is made of."""

from insitu.sources import files_of


def test_a_file_is_made_of_what_it_imports_unless_that_is_installed(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    texts = {
        "mine.py": "import numpy, sys, missing\nfrom insitu.devices.base import Device\nfrom laws import up\nimport mine",
        "laws/__init__.py": "",
        "laws/up.py": "from . import shared\ndef f():\n    from constants import FACTOR",
        "laws/down.py": "",
        "laws/shared.py": "this is no Python",
        "constants.py": "FACTOR = 1",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    wanted = ["constants.py", "laws/__init__.py", "laws/shared.py", "laws/up.py", "mine.py"]
    assert files_of(tmp_path / "mine.py") == [tmp_path / name for name in wanted]
