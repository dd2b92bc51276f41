"""What a page says of the results: headlines, the table of numbers, and the numbers of the paper beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from insitu.pages.blocks import Block, Card, Fold, Section, Text
from insitu.pages.loading import Group, labels_of, look_up
from insitu.recipes import registry
from insitu.recipes.about import Claim
from insitu.recipes.claims import unmet
from insitu.reports.examples import examples_behind, worded
from insitu.reports.numbers import counted, upper
from insitu.reports.results import results_table, words_of
from insitu.reports.storage import storage_table
from insitu.reports.tables import Table, words

_CARDS = 6  #: groups with a headline; more are in the tables only


def cards(groups: Sequence[Group]) -> tuple[Card, ...]:
    """Return the headline of each of the first groups."""
    return tuple(found for group in groups[:_CARDS] if (found := card(group)) is not None)


def card(group: Group) -> Card | None:
    """Return the headline of a group: the number of its paper's first claim, or else the first that the recipe labels.

    Beside it stands what the network scored without learning, where that was measured.
    """
    claim = _headline_claim(group)
    keys = claim.keys if claim else tuple(labels_of(group.first))[:1]
    if not keys:
        return None
    head, *beside = (*keys, f"untrained_{keys[0]}")
    count, named = len(group.changed), ", ".join(group.changed)
    changed = (
        f"; {count} settings changed from the recipe" if count > 3 else f"; settings changed: {named}" * bool(count)
    )
    return Card(
        title=group.name,
        value=group.text(head),
        what=_said(group, head),
        note=_sure(group, head) + changed,
        beside=tuple(f"{upper(_said(group, key))}: {group.text(key)}" for key in beside if group.values(key)),
        paper=claim.paper if claim else "",
        claim=upper(claim.what) if claim else "",
        tag=claim.tag if claim else "",
    )


def main_table(groups: Sequence[Group]) -> Table:
    """Return all labelled numbers."""
    several = len(groups) > 1
    title = "Mean ± sample standard deviation over the seeds" if several else upper(_sure(groups[0]))
    heads = [f"{group.name} ({counted(len(group.runs), 'seed')})" if several else "Result" for group in groups]
    columns = {head: [run.result for run in group.runs] for head, group in zip(heads, groups, strict=True)}
    return results_table(title, columns, labels_of(*(group.first for group in groups)))


def results(groups: Sequence[Group]) -> Section:
    """Return the section with all labelled numbers, and those of each seed."""
    blocks: list[Block] = [main_table(groups)]
    for group in groups:
        if (stored := _stored(group)) is not None:
            blocks.append(stored)
    for group in (group for group in groups if len(group.runs) > 1):
        title = f"Each seed of {group.name}" if group.name else "Each seed"
        columns = {f"seed {run.seed}": [run.result] for run in group.runs}
        blocks.append(Fold(title, (results_table(title, columns, labels_of(group.first)),)))
    return Section("results", "Results", tuple(blocks))


def _stored(group: Group) -> Table | None:
    """Return what the tests of a group say after storage, if it was tested then."""
    found = storage_table([run.result for run in group.runs], labels_of(*group.runs))
    return replace(found, title=f"{found.title}: {group.name}") if found is not None and group.name else found


def paper(groups: Sequence[Group], prices: Sequence[Mapping[str, str]]) -> Section | None:
    """Return the section with the paper's numbers beside ours; None where the recipes have no paper.

    Parameters
    ----------
    prices : of each group, what follows from its price, as text.
    """
    blocks: list[Block] = []
    for recipe in dict.fromkeys(group.first.recipe for group in groups if registry.about(group.first.recipe).claims):
        alike = [pair for pair in zip(groups, prices, strict=True) if pair[0].first.recipe == recipe]
        ours = [f"Ours: {group.name}" if group.name else "Ours" for group, _ in alike]
        rows = [
            (claim.what, claim.paper, *(_ours(claim, *pair) for pair in alike), claim.tag, claim.source)
            for claim in registry.about(recipe).claims
        ]
        title = f"{recipe}: what is claimed, and what this run gives" if len(groups) > 1 else "Claims, and this run"
        blocks.append(Table(title, words("What", "The paper", *ours, "Tag", "Where the paper says so"), rows))
    if not blocks:
        return None
    says = (
        "Stated: read in the named source. Inferred: follows from what is stated. A dash is a claim to which a single run "
        "has no answer; what it would need to be comparable is named."
    )
    return Section("paper", "Beside the paper", (*blocks, Text(says)))


def _ours(claim: Claim, group: Group, price: Mapping[str, str]) -> str:
    if not claim.keys:
        return "–"
    if missing := unmet(claim.when, partial(look_up, group.first)):
        return f"not comparable: needs {' and '.join(missing)}"
    if claim.keys[0].startswith("price."):
        return price.get(claim.keys[0], "–")
    found = {key: group.text(key) for key in claim.keys if group.values(key)}
    if len(found) <= 1:
        return next(iter(found.values()), "–")
    return "; ".join(f"{text} ({_said(group, key)})" for key, text in found.items())


def _said(group: Group, key: str) -> str:
    said = registry.about(group.first.recipe).labels.get(key, words_of(key))
    return worded(said, group.first.result.get("example"))


def _headline_claim(group: Group) -> Claim | None:
    """Return the first claim about an accuracy that these runs can be held against."""
    value_of = partial(look_up, group.first)
    for claim in registry.about(group.first.recipe).claims:
        named = [key for key in claim.keys if value_of(key) is not None]
        if named and "accuracy" in named[0] and not unmet(claim.when, value_of):
            return claim
    return None


def _sure(group: Group, key: str = "") -> str:
    """Return how sure a number is, or all of them."""
    count, result = len(group.runs), group.first.result
    if count == 1 and (behind := examples_behind(result, key)):
        return worded(
            f"one seed, so no spread; ± is the standard error of the {behind:,} images tested", result.get("example")
        )
    return "one seed, so no spread" if count == 1 else f"mean ± standard deviation of {count} seeds"
