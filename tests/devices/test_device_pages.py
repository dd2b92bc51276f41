"""The device pages run as written: a block that begins with a file name is saved under it, then all run in order."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", ["add-a-device.md"])
def test_code_blocks_run_in_order(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 6
    names = {"__name__": "page"}
    for block in blocks:
        if saved := re.match(r"# (\w+\.py)\n", block):
            Path(saved[1]).write_text(block, encoding="utf-8")
        exec(compile(block, page, "exec"), names)
    assert Path("my_device.png").stat().st_size > 10_000
    assert "a down pulse at 500 nS moves the conductance by 600 nS, the wrong way" in str(names["report"])
    assert names["g"].max() <= names["mine"].device.g_max


def test_the_example_is_thirty_lines():
    page = (DOCS / "add-a-device.md").read_text(encoding="utf-8")
    block = re.search(r"^```python\n(# my_device.py.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert block is not None
    assert 20 <= len(block[1].splitlines()) <= 32


@pytest.mark.parametrize(
    "word", ["c2c", "d2d", "cv", "sd", "LTP", "LTD", "SET", "MSP", "OLT", "CLT", "conversion", "write"]
)
def test_the_glossary_has(word):
    assert re.search(rf"^\| [^|]*\b{word}\b[^|]* \|", (DOCS / "units.md").read_text(encoding="utf-8"), re.MULTILINE)
