"""The tutorials as executed notebooks: ``make notebooks`` writes notebooks/, and nothing of it is kept in git.

A block that does not run stops this. The notebooks lie in a folder of their own, so links to other pages lead to docs/.
"""

from __future__ import annotations

import re
from pathlib import Path

import jupytext
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Make one notebook a tutorial, and execute it where it lies."""
    folder = ROOT / "notebooks"
    folder.mkdir(exist_ok=True)
    for page in sorted((ROOT / "docs").glob("tutorial-*.md")):
        notebook = jupytext.read(page)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = re.sub(r"\]\((?!http|#)", "](../docs/", cell.source)
        NotebookClient(notebook, timeout=1200, resources={"metadata": {"path": str(folder)}}).execute()
        jupytext.write(notebook, folder / f"{page.stem}.ipynb")
        print(f"notebooks/{page.stem}.ipynb")


if __name__ == "__main__":
    main()
