"""What the site has beside docs/: pages that stand elsewhere in the repository, and the reference of all public names."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

import insitu

ROOT = Path(__file__).parents[1]
PAGES = {"README.md": "index.md", "CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}


def on_files(files: Files, config: Any) -> Files:
    """Add the pages of the root and the reference."""
    for name, page in PAGES.items():
        text = (ROOT / name).read_text(encoding="utf-8").replace("](docs/", "](")
        files.append(File.generated(config, page, content=text))
    files.append(File.generated(config, "reference.md", content=reference()))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Let links between the root and docs/ lead to the pages of the site."""
    for name, page in PAGES.items():
        markdown = re.sub(rf"\]\((?:\.\./)?{re.escape(name)}", f"]({page}", markdown)
    return markdown


def reference() -> str:
    """Return the page of all public names, and of what the other pages import beside them, by package."""
    for name in insitu.__all__:
        if (getattr(insitu, name).__doc__ or f"{name}(").startswith(f"{name}("):  # what dataclasses write themselves
            raise PluginError(f"insitu.{name} has no docstring")
    names = {f"{module}.{name}": f"insitu.{name}" for module, name in (insitu._HOME[one] for one in insitu.__all__)}
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for module, name in _imported(page.read_text(encoding="utf-8")):
            found = getattr(import_module(module), name, None)  # None: a module of its own
            home = f"{getattr(found, '__module__', module)}.{name}"
            if callable(found) and home not in names:
                names[home] = f"{module}.{name}"
    packages: dict[str, list[str]] = {}
    for home in names:
        packages.setdefault(".".join(home.split(".")[:2]), []).append(home)
    head = "# Reference\n\nEvery public name, `from insitu import ...`, and what the pages of this site import beside them."
    parts = [head]
    for package, homes in sorted(packages.items()):
        about = (import_module(package).__doc__ or "").strip().partition("\n")[0]
        parts.append(f"## {package.removeprefix('insitu.')}\n\n{about}")
        parts += [f"::: {home}\n    options:\n      heading: {names[home]}" for home in homes]
    return "\n\n".join(parts) + "\n"


def _imported(text: str) -> list[tuple[str, str]]:
    """Return (module, name) of every ``from insitu... import ...`` in the Python blocks of a page."""
    found = []
    for block in re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("insitu."):
                found += [(str(node.module), alias.name) for alias in node.names]
    return found
