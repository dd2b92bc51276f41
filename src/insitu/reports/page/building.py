"""From folders to a page, and from a page to a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insitu.errors import InputError
from insitu.reports.page.about import cite_section, facts_of, lead_of, settings_section, title_of
from insitu.reports.page.blocks import Block, Page, Section, Text
from insitu.reports.page.costs import costs_section, derived, priced
from insitu.reports.page.loading import Group, Run, grouped, load_run, load_runs
from insitu.reports.page.pictures import FIGURES, names, picture, within_limit
from insitu.reports.page.rendering import render, render_fragment
from insitu.reports.page.results import card, cards, main_table, paper, results
from insitu.reports.page.studies import study_card, study_section
from insitu.reports.page.study import Study, is_study, load_study
from insitu.reports.page.wear import wear
from insitu.runs import RunFolder
from insitu.runs.writing import atomic_write, disk_errors


def report(paths: Sequence[str | Path], out: Path | None = None, costs: Sequence[str] = ()) -> Path:
    """Write one page about runs and studies and return its path.

    Parameters
    ----------
    paths : folders of finished runs, or of studies; a bare name is looked for in ``runs`` too.
    out : file; by default report.html, in the folder itself if there is one only, else here.
    costs : names or files of cost sets to price runs with, in place of those of the library.

    Raises
    ------
    InputError, RunError : a folder is neither run nor study, is damaged, or its run has not ended; nothing is written.
    """
    if not paths:
        raise InputError("report: which run? For example `insitu report runs/NAME`")
    folders = [_folder(Path(path)) for path in dict.fromkeys(map(str, paths))]
    studies = [load_study(path) for path in folders if is_study(path)]
    runs = load_runs([path for path in folders if not is_study(path)])
    target = out or (folders[0] / "report.html" if len(folders) == 1 else Path("report.html"))
    if target.is_dir():
        target = target / "report.html"
    written = render(build(runs, studies, costs))
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(target, written)
    return target


def write_page(folder: RunFolder) -> Path:
    """Write report.html into the folder of a finished run and return its path."""
    return report([folder.path])


@dataclass(frozen=True)
class OpenedRun:
    """A finished run that shows itself in a notebook; see :func:`open_run`."""

    run: Run

    @property
    def result(self) -> dict[str, Any]:
        """The numbers of the run."""
        return self.run.result

    @property
    def folder(self) -> RunFolder:
        """Its folder, with arrays and metrics."""
        return self.run.folder

    def __repr__(self) -> str:
        return f"<run {self.folder.path.name}: {title_of(grouped([self.run])[0], [])}>"

    def _repr_html_(self) -> str:
        (group,), _ = grouped([self.run])
        return render_fragment(title_of([group], []), card(group), main_table([group]))


def open_run(path: str | Path) -> OpenedRun:
    """Return a finished run by its folder; in a notebook it shows its numbers.

    Parameters
    ----------
    path : folder of the run.

    Raises
    ------
    RunError : it is no run folder, is damaged, or its run has not ended.
    """
    return OpenedRun(load_run(path))


def build(runs: Sequence[Run], studies: Sequence[Study] = (), costs: Sequence[str] = ()) -> Page:
    """Return the page about runs and studies; ``costs`` are cost sets to price with."""
    groups, repeated = grouped(runs)
    statements = [priced(group, costs) for group in groups]
    sections: list[Section] = []
    if groups:
        sections += [results(groups)]
        prices = [derived(group, found) for group, found in zip(groups, statements, strict=True)]
        sections += [known] if (known := paper(groups, prices)) is not None else []
    share = FIGURES // max(1, len(studies) + bool(groups))  # for the figures of each study, and of all runs
    alone = len(studies) == 1 and not groups
    sections += [study_section(study, f"study-{i}", alone, share) for i, study in enumerate(studies, 1)]
    if groups and (drawn := _figures(groups, share)):
        sections.append(Section("figures", "Figures", drawn))
    sections += [found for found in (costs_section(groups, statements), wear(groups)) if found is not None]
    sections += [settings_section(groups, studies, repeated), cite_section(runs, studies)]
    return Page(
        title=title_of(groups, studies),
        lead=lead_of(groups, studies),
        cards=(*cards(groups), *(found for study in studies if (found := study_card(study)) is not None)),
        facts=tuple(facts_of(groups, studies, statements)),
        sections=tuple(sections),
    )


def _folder(path: Path) -> Path:
    return path if path.exists() or not (Path("runs") / path).is_dir() else Path("runs") / path


def _figures(groups: Sequence[Group], limit: int) -> tuple[Block, ...]:
    """Return the figures of the first run of each group, those of one name beside each other."""
    folders = [group.first.folder.path / "figures" for group in groups]
    shown = dict.fromkeys(name for folder in folders for name in names(folder))
    pairs = list(zip(folders, groups, strict=True))
    rows = [[one for folder, of in pairs if (one := picture(folder, name, of.name)) is not None] for name in shown]
    blocks = within_limit(filter(None, rows), limit)
    if blocks and any(len(group.runs) > 1 for group in groups):
        return (Text("Where there are several seeds, the figures are those of the first."), *blocks)
    return blocks
