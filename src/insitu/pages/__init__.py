"""One self-contained HTML page about finished runs and studies: no network, no script but to sort a long table, readable on a
phone and in print."""

from insitu.pages.building import build, report, write_page
from insitu.pages.loading import Run, load_run

__all__ = ["Run", "build", "load_run", "report", "write_page"]
