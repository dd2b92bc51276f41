"""One self-contained HTML page about finished runs and studies: no network, no script but to sort a long table, readable on a
phone and in print."""

from insitu.reports.page.building import build, report, write_page
from insitu.reports.page.loading import Run, load_run

__all__ = ["Run", "build", "load_run", "report", "write_page"]
