"""The documents run as written: a block that begins with a file name is saved under it, then all run in order."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def _blocks(page: Path) -> list[str]:
    form = r"^```(?:python\n|toml\n(?=# \w+\.toml\n))(.*?)^```"  # of TOML only what has a file name
    return re.findall(form, page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", [page for page in PAGES if _blocks(page)], ids=lambda page: page.name)
def test_code_blocks_run_in_order(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "page"}
    for block in _blocks(page):
        if saved := re.match(r"# (\w+\.(?:py|toml))\n", block):
            Path(saved[1]).write_text(block, encoding="utf-8")
        if not saved or saved[1].endswith(".py"):
            exec(compile(block, page.name, "exec"), names)
    if page.name == "add-a-device.md":
        assert Path("my_device.png").stat().st_size > 10_000
        assert "a down pulse at 500 nS moves the conductance by 600 nS, the wrong way" in str(names["report"])
        assert names["g"].max() <= names["mine"].device.g_max


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        if not link.startswith(("http", "#")):
            assert (page.parent / link.split("#")[0]).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_documents_exist(page):
    known = {"run", "sweep", "ladder", "requirements", "recipes", "devices", "doctor"}
    known |= {"price", "costs", "energy", "report", "fit"}
    text = page.read_text(encoding="utf-8")
    assert set(re.findall(r"(?:^    |`)insitu ([a-z]+)", text, re.MULTILINE)) <= known


def test_the_example_device_is_thirty_lines():
    page = (ROOT / "docs/add-a-device.md").read_text(encoding="utf-8")
    block = re.search(r"^```python\n(# my_device.py.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert block is not None
    assert 20 <= len(block[1].splitlines()) <= 32


@pytest.mark.parametrize(
    "word", ["c2c", "d2d", "cv", "sd", "LTP", "LTD", "SET", "MSP", "OLT", "CLT", "conversion", "write"]
)
def test_the_glossary_has(word):
    page = (ROOT / "docs/units.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| [^|]*\b{word}\b[^|]* \|", page, re.MULTILINE)
