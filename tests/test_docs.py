"""The documents run as written: a block that begins with a file name is saved under it, then all run in order."""

import re
import shlex
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from insitu.cli.app import app
from insitu.devices.library import load
from insitu.recipes import registry
from insitu.recipes.loading import as_overrides, resolve
from insitu.recipes.running import overrides_of
from insitu.studies.axes import parse_vary, settings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

#: they train for half a minute or compile much
LONG = (
    "assess.md",
    "league.md",
    "add-a-scheme.md",
    "convolution.md",
    "schemes.md",
    "tutorial-cost.md",
    "tutorial-device.md",
    "tutorial-rule.md",
    "quickstart.zh.md",
    "your-data.md",
)


def _blocks(page: Path) -> list[str]:
    form = r"^```(?:python\n|toml\n(?=# \w+\.toml\n))(.*?)^```"  # of TOML only what has a file name
    return re.findall(form, page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def _as_long_as_it_takes(page: Path):
    return pytest.param(page, id=page.name, marks=[pytest.mark.slow] if page.name in LONG else [])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder whose files can be imported, as one has it beside a script; afterwards nothing of it is left."""
    before = set(sys.modules)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("page", [_as_long_as_it_takes(page) for page in PAGES if _blocks(page)])
def test_code_blocks_run_in_order(page):
    if page.name == "torch.md":
        pytest.importorskip("torch", reason="PyTorch is not installed: pip install insitu[torch]")
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


def _headings(page: Path) -> set[str]:
    """Return how links call the headings of a page."""
    found = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        if not link.startswith("http"):
            path, _, heading = link.partition("#")
            there = page.parent / path if path else page
            assert there.exists(), link
            assert not heading or heading in _headings(there), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_scripts_that_are_named_are_there_and_know_their_options(page):
    for script, options in re.findall(
        r"python ((?:examples|benchmarks)/\w+\.py)([^`#\n]*)", page.read_text(encoding="utf-8")
    ):
        texts = [ROOT / script, ROOT / "examples/common.py"] if script.startswith("examples") else [ROOT / script]
        known = "".join(text.read_text(encoding="utf-8") for text in texts)
        for option in re.findall(r"--[\w-]+", options):
            assert f'"{option}"' in known, f"{script} {option}"


def test_the_gallery_has_every_figure_once():
    shown = re.findall(r"\]\(images/(\S+\.png)\)", (ROOT / "docs/gallery.md").read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(path.name for path in (ROOT / "docs/images").glob("*"))


def test_the_site_has_every_page():
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
    listed = re.findall(r"\S+\.md", nav)
    made = {"index.md", "reference.md", "contributing.md", "changelog.md"}  # by tools/site.py
    assert sorted(listed) == sorted(made | {path.name for path in (ROOT / "docs").glob("*.md")})


def _commands(page: Path) -> list[list[str]]:
    """Return the words after `insitu` of each command of a page, of continued lines too, without comments."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    shown = re.findall(r"(?:^ {4}|^|`)insitu ([a-z]+(?: [^`\n]*)?)", text, re.MULTILINE)
    return [shlex.split(command, comments=True) for command in shown]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_are_understood_and_their_fields_exist(page):
    for block in [*_blocks(ROOT / "docs/add-a-device.md"), *_blocks(ROOT / "docs/add-a-scheme.md")]:
        if saved := re.match(r"# (\w+\.py)\n", block):
            Path(saved[1]).write_text(block, encoding="utf-8")
    known = get_command(app).commands
    for name, *options in _commands(page):
        assert name in known, name
        if not options:  # only the name of a command
            continue
        given = known[name].make_context(name, options).params
        recipe = given.get("recipe")
        if name not in ("run", "sweep") or recipe not in registry.names():
            continue
        device = given["device"]
        if device is not None and not device.startswith("fits/"):  # a fit of the reader's is not here
            load(device)
        overrides = overrides_of(recipe, given["changes"], device=device, quick=given["quick"])
        model = registry.load_module(registry.module_name(recipe)).Recipe
        for setting in settings(parse_vary(given.get("vary") or [])):
            resolve(model, registry.toml_text(recipe), [*overrides, *as_overrides(setting)])


def test_the_example_device_is_thirty_lines():
    page = (ROOT / "docs/add-a-device.md").read_text(encoding="utf-8")
    block = re.search(r"^```python\n(# my_device.py.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert block is not None
    assert 20 <= len(block[1].splitlines()) <= 32


@pytest.mark.parametrize(("file", "lines"), [("votes", 20), ("mine", 40)])
def test_a_scheme_of_ones_own_is_as_short_as_it_says(file, lines):
    page = (ROOT / "docs/add-a-scheme.md").read_text(encoding="utf-8")
    block = re.search(rf"^```python\n(# {file}.py.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert block is not None
    assert len(block[1].splitlines()) <= lines


@pytest.mark.parametrize(
    "word", ["c2c", "d2d", "cv", "sd", "LTP", "LTD", "SET", "MSP", "OLT", "CLT", "conversion", "write"]
)
def test_the_glossary_has(word):
    page = (ROOT / "docs/units.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| [^|]*\b{word}\b[^|]* \|", page, re.MULTILINE)
