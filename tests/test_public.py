"""The public names: listed once, imported when needed, known to type checkers; and the version, stated once."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import insitu

ROOT = Path(__file__).parents[1]
VERBS = {"run", "sweep", "fit", "load", "price", "report", "open_run"}


def test_the_names_are_few_and_the_verbs_are_among_them():
    assert len(insitu.__all__) <= 45
    assert set(insitu.__all__) >= {*VERBS, "Device", "SpikingClassifier", "check_device"}
    assert set(dir(insitu)) >= set(insitu.__all__)


@pytest.mark.parametrize("name", insitu.__all__)
def test_every_name_is_there_with_a_docstring_and_is_no_module_of_the_package(name):
    found = getattr(insitu, name)
    assert getattr(insitu, name) is found
    assert found.__doc__
    assert found.__name__ == name
    package = ROOT / "src" / "insitu"
    assert not (package / name).exists()
    assert not (package / f"{name}.py").exists()


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'insitu' has no attribute 'walk'"):
        insitu.walk


def test_importing_the_package_imports_nothing_else():
    code = "import sys, insitu; print(*(name for name in sys.modules if name.split('.')[0] in sys.argv[1:]))"
    heavy = ["numpy", "pandas", "sklearn", "typer", "rich", "pydantic", "numba"]
    done = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_a_star_import_gives_the_public_names():
    code = "from insitu import *; import insitu; assert all(name in globals() for name in insitu.__all__)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_stub_re_exports_every_name_as_itself():
    """A type checker takes ``import A as A`` in a stub for public, and nothing else."""
    text = (ROOT / "src/insitu/__init__.pyi").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("from ")]
    assert [re.fullmatch(r"from insitu[.\w]* import (\w+) as \1", line)[1] for line in lines] == insitu.__all__


def test_the_version_is_stated_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in project["project"]
    assert project["project"]["dynamic"] == ["version"]
    assert (ROOT / project["tool"]["hatch"]["version"]["path"]) == ROOT / "src/insitu/__init__.py"
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (\S+)$", citation, re.MULTILINE) == [insitu.__version__]


def test_the_wheel_has_types_stub_and_version(tmp_path):
    wheel = pytest.importorskip("hatchling.builders.wheel")
    (built,) = wheel.WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        names = set(archive.namelist())
    assert {"insitu/py.typed", "insitu/__init__.pyi", "insitu/cli/app.py", "insitu/recipes/shi2018.toml"} <= names
    assert not any("tests" in name for name in names)
    assert Path(built).name.startswith(f"insitu-{insitu.__version__}-")
