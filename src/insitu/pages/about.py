"""What was run: title, facts, all settings, the manifest, and how to cite it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from insitu.ledger.statement import Statement
from insitu.pages.blocks import Block, Code, Fold, Section, Text
from insitu.pages.costs import energy_text
from insitu.pages.loading import Group, Run
from insitu.pages.studies import study_fields
from insitu.pages.study import Study
from insitu.papers import papers
from insitu.recipes import registry
from insitu.recipes.claims import cited
from insitu.recipes.loading import flat, to_toml
from insitu.reports.captions import DATASETS
from insitu.reports.numbers import upper, value_text
from insitu.reports.tables import Table, words

_TRIAL = " A trial: its network and data are small, so it says nothing about the paper."
_UNCHANGED = "nothing: the recipe as it is shipped, with our choices where the paper gives no number"


def title_of(groups: Sequence[Group], studies: Sequence[Study]) -> str:
    """Return what was run on which data."""
    if len(groups) == 1 and not studies:
        dataset = groups[0].first.dataset
        return f"{groups[0].first.recipe} on {DATASETS.get(dataset, dataset)}"
    if len(studies) == 1 and not groups:
        return studies[0].title
    return f"{len(groups) + len(studies)} settings of {', '.join(_systems(groups, studies))}, side by side"


def _systems(groups: Sequence[Group], studies: Sequence[Study]) -> list[str]:
    named = [*(group.first.recipe for group in groups), *(name for study in studies for name in study.recipes)]
    return list(dict.fromkeys(named))


def lead_of(groups: Sequence[Group], studies: Sequence[Study]) -> str:
    """Return a sentence about the systems, and one of studies that are trials."""
    trial = any(about.get("trial") for study in studies for about in study.about)
    return (
        "; ".join(upper(registry.about(recipe).summary) for recipe in _systems(groups, studies)) + "." + _TRIAL * trial
    )


def facts_of(
    groups: Sequence[Group], studies: Sequence[Study], statements: Sequence[Statement | None]
) -> list[tuple[str, str]]:
    """Return (term, description): data, seeds, what differs from the recipe as shipped, energy, versions, machine."""
    runs = [run for group in groups for run in group.runs]
    facts: list[tuple[str, str]] = []
    for key, run in {run.manifest["dataset"]["sha256"]: run for run in runs}.items():
        note = str(run.manifest["dataset"].get("note", run.dataset)).removeprefix("Data: ")
        facts.append(("Data", f"{note} SHA-256 {key[:12]}…"))
    for about in (about for study in studies for about in study.about):
        data = about["dataset"]
        facts += [("Data", f"{DATASETS.get(data['name'], data['name'])}, SHA-256 {data['sha256'][:12]}…")]
        facts += [("Seeds", ", ".join(map(str, about.get("seeds", []))))]
        facts += [("Changed", ", ".join(about.get("overrides") or [_UNCHANGED]))]
    for group in groups:
        several, seeds = "s" * (len(group.runs) > 1), ", ".join(str(run.seed) for run in group.runs)
        changes = [f"{key} = {_or_unset(b)} (recipe: {_or_unset(a)})" for key, (a, b) in group.changed.items()]
        more = [f"and {len(changes) - 4} more, listed below"] if len(changes) > 4 else []
        changed = ", ".join([*changes[:4], *more]) or _UNCHANGED
        if group.name:
            facts.append((group.name, f"seed{several} {seeds}; changed: {changed}"))
        else:
            facts += [(f"Seed{several}", seeds), ("Changed", changed)]
    if len(groups) == 1 and statements[0] is not None:
        facts.append(("Energy", energy_text(statements[0])))
    if runs:
        started = sorted(str(run.manifest.get("started", "?")) for run in runs)
        facts.append(("Program", ", ".join(dict.fromkeys(map(_program, runs)))))
        facts.append(("Machine", ", ".join(dict.fromkeys(map(_machine, runs)))))
        facts.append(("Started", " to ".join(dict.fromkeys([started[0], started[-1]]))))
    return facts


def _program(run: Run) -> str:
    versions = run.manifest.get("versions")
    known = versions if isinstance(versions, dict) else {}
    stream = run.manifest["random_stream"]
    return f"insitu {known.get('insitu', '?')}, Python {known.get('python', '?')}, random stream {stream}"


def _machine(run: Run) -> str:
    return f"{run.manifest.get('platform', '?')}, {run.manifest.get('cores', '?')} cores"


def _or_unset(value: Any) -> str:
    return "as in the library" if value is None else value_text(value)


def settings_section(groups: Sequence[Group], studies: Sequence[Study], repeated: Sequence[str]) -> Section:
    """Return the section with all fields of the recipes, and the manifests."""
    blocks: list[Block] = [Text(sentence) for sentence in repeated]
    for group in groups:
        fields = {key: value for key, value in flat(group.first.settings).items() if key != "seed"}
        was = {key: _or_unset(published) for key, (published, _) in group.changed.items()}
        rows = [(key, value_text(value), was.get(key, "")) for key, value in fields.items()]
        of = f" of {group.name}" if group.name else ""
        columns = words("Field", "Value", "In the recipe, if other")
        table = Table(f"Fields of the recipe {group.first.recipe}{of}", columns, rows)
        blocks.append(Fold(f"All fields of the recipe{of}", (table,)))
    blocks += [fold for study in studies for fold in study_fields(study)]
    for run in (run for group in groups for run in group.runs):
        label = f"Manifest of {run.folder.path.name}"
        blocks.append(Fold(label, (Code(label, json.dumps(run.manifest, indent=2, ensure_ascii=False)),)))
    return Section("settings", "Settings and manifest", tuple(blocks))


def cite_section(runs: Sequence[Run], studies: Sequence[Study]) -> Section:
    """Return the section with BibTeX for everything that took part."""
    keys = [key for run in runs for key in cited(run.recipe, run.settings, run.result, run.dataset)]
    for study, about in [(one, about) for one in studies for about in one.about]:
        for changes in study.entries(about["recipe"]) or [[]]:
            overrides = [*map(str, about.get("overrides") or []), *changes]
            table = to_toml(registry.resolved(about["recipe"], overrides))
            keys += cited(about["recipe"], table, {}, about["dataset"]["name"])
    text = "\n\n".join(papers()[key] for key in dict.fromkeys(keys))
    says = "insitu, and the papers of the systems, methods, devices and data that took part. One click selects all."
    return Section("cite", "How to cite", (Text(says), Code("BibTeX entries", text)))
