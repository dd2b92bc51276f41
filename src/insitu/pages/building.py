"""From folders to a page, and from a page to a file."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike, fspath
from pathlib import Path

from insitu.errors import InputError
from insitu.pages.about import cite_section, facts_of, lead_of, settings_section, title_of
from insitu.pages.blocks import Block, Page, Section, Text
from insitu.pages.costs import costs_section, derived, priced
from insitu.pages.loading import Group, Run, grouped, load_runs
from insitu.pages.pictures import FIGURES, names, picture, within_limit
from insitu.pages.rendering import render
from insitu.pages.results import cards, paper, results
from insitu.pages.studies import study_card, study_section
from insitu.pages.study import Study, is_study, load_study
from insitu.pages.wear import wear
from insitu.runs import RunFolder
from insitu.runs.writing import atomic_write, disk_errors


def report(
    paths: str | PathLike[str] | Sequence[str | PathLike[str]],
    out: str | Path | None = None,
    costs: str | Sequence[str] = (),
) -> Path:
    """Write one page about runs and studies and return its path.

    Parameters
    ----------
    paths : folder of a finished run, or of a study, or several of them; a bare name is looked for in ``runs`` too.
    out : file; by default report.html, in the folder itself if there is one only, else here.
    costs : names or files of cost sets to price runs with, in place of those of the library.

    Raises
    ------
    InputError, RunError : a folder is neither run nor study, is damaged, or its run has not ended; nothing is written.
    """
    given = [paths] if isinstance(paths, str | PathLike) else list(paths)
    if not given:
        raise InputError("report: which run? For example `insitu report runs/NAME`")
    folders = [_folder(Path(path)) for path in dict.fromkeys(fspath(one) for one in given)]
    studies = [load_study(path) for path in folders if is_study(path)]
    runs = load_runs([path for path in folders if not is_study(path)])
    target = Path(out or (folders[0] / "report.html" if len(folders) == 1 else "report.html"))
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


def build(runs: Sequence[Run], studies: Sequence[Study] = (), costs: str | Sequence[str] = ()) -> Page:
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
    rows = []
    for name in shown:
        found = [
            picture(folder, name, of.name, of.first.result.get("example"))
            for folder, of in zip(folders, groups, strict=True)
        ]
        rows.append([one for one in found if one is not None])
    blocks = within_limit(filter(None, rows), limit)
    if blocks and any(len(group.runs) > 1 for group in groups):
        return (Text("Where there are several seeds, the figures are those of the first."), *blocks)
    return blocks
