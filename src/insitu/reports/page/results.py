"""What a page says of the results: headlines, the table of numbers, and the numbers of the paper beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from insitu.recipes.claims import Claim
from insitu.reports.page.blocks import Block, Card, Fold, Section, Table, Text
from insitu.reports.page.loading import Group, claims_of, labels_of, look_up, parts, spread, unmet, words_of

_CARDS = 6  #: groups with a headline; more are in the tables only


def cards(groups: Sequence[Group]) -> tuple[Card, ...]:
    """Return the headline of each of the first groups."""
    return tuple(found for group in groups[:_CARDS] if (found := card(group)) is not None)


def card(group: Group) -> Card | None:
    """Return the headline of a group: the number of its paper's first claim, or else the first that the recipe labels.

    Beside it stands what the network scored without learning, where that was measured.
    """
    labels = labels_of(group.first)
    claim = _headline_claim(group)
    keys = claim.keys if claim else tuple(labels)[:1]
    if not keys:
        return None
    head, *beside = (*keys, f"untrained_{keys[0]}")
    changed = f"; settings changed: {', '.join(group.changed)}" if 0 < len(group.changed) < 4 else ""
    if len(group.changed) > 3:
        changed = f"; {len(group.changed)} settings changed from the recipe"
    return Card(
        title=group.name,
        value=group.text(head),
        what=labels.get(head, words_of(head)),
        note=_sure(group) + changed,
        beside=tuple(
            f"{_upper(labels.get(key, words_of(key)))}: {group.text(key)}" for key in beside if group.values(key)
        ),
        paper=claim.paper if claim else "",
        claim=_upper(claim.what) if claim else "",
        tag=claim.tag if claim else "",
    )


def results(groups: Sequence[Group]) -> Section:
    """Return the section with all labelled numbers."""
    labels = _labels(groups)
    seeds = [len(group.runs) for group in groups]
    head: tuple[str, ...] = ("What", "Result")
    rows: list[tuple[str, ...]] = [(words, *(group.text(key) for group in groups)) for key, words in labels.items()]
    caption = _upper(_sure(groups[0]))
    if len(groups) == 1 and seeds[0] > 1:
        head = ("What", "Mean", "Standard deviation")
        pairs = {key: parts(key, groups[0].values(key)) for key in labels}
        rows = [(labels[key], pair.mean, pair.sd or "–") for key, pair in pairs.items()]
    elif len(groups) > 1:
        head = ("What", *(f"{group.name} ({_seeds(len(group.runs))})" for group in groups))
        caption = "Mean ± sample standard deviation over the seeds"
    blocks: list[Block] = [Table(caption=caption, head=head, rows=tuple(rows))]
    blocks += [_each_seed(group, labels) for group in groups if len(group.runs) > 1]
    return Section("results", "Results", tuple(blocks))


def paper(groups: Sequence[Group], prices: Sequence[Mapping[str, str]]) -> Section | None:
    """Return the section with the paper's numbers beside ours; None where the recipes have no paper.

    Parameters
    ----------
    prices : of each group, what follows from its price, as text.
    """
    blocks: list[Block] = []
    for recipe in dict.fromkeys(group.first.recipe for group in groups):
        alike = [pair for pair in zip(groups, prices, strict=True) if pair[0].first.recipe == recipe]
        ours = [f"Ours: {group.name}" if group.name else "Ours" for group, _ in alike]
        rows = tuple(
            (claim.what, claim.paper, *(_ours(claim, *pair) for pair in alike), claim.tag, claim.source)
            for claim in claims_of(alike[0][0])
        )
        head = ("What", "The paper", *ours, "Tag", "Where the paper says so")
        if rows:
            caption = (
                f"{recipe}: what is claimed, and what this run gives" if len(groups) > 1 else "Claims, and this run"
            )
            blocks.append(Table(caption=caption, head=head, rows=rows, words=tuple(range(len(head)))))
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
    if missing := unmet(claim, group.first):
        return f"not comparable: needs {' and '.join(missing)}"
    if claim.keys[0].startswith("price."):
        return price.get(claim.keys[0], "–")
    labels = labels_of(group.first)
    found = {key: group.text(key) for key in claim.keys if group.values(key)}
    if len(found) <= 1:
        return next(iter(found.values()), "–")
    return "; ".join(f"{text} ({labels.get(key, words_of(key))})" for key, text in found.items())


def _headline_claim(group: Group) -> Claim | None:
    """Return the first claim about an accuracy that these runs can be held against."""
    for claim in claims_of(group):
        named = [key for key in claim.keys if look_up(group.first, key) is not None]
        if named and "accuracy" in named[0] and not unmet(claim, group.first):
            return claim
    return None


def _labels(groups: Sequence[Group]) -> dict[str, str]:
    found: dict[str, str] = {}
    for group in groups:
        for key, words in labels_of(group.first).items():
            found.setdefault(key, words)
    return found


def _each_seed(group: Group, labels: Mapping[str, str]) -> Fold:
    head = ("What", *(f"seed {run.seed}" for run in group.runs))
    own = [(key, words) for key, words in labels.items() if group.values(key)]
    rows = tuple(
        (words, *(spread(key, [value] if (value := look_up(run, key)) is not None else []) for run in group.runs))
        for key, words in own
    )
    of = f" of {group.name}" if group.name else ""
    return Fold(f"Each seed{of}", (Table(caption=f"Each seed{of}", head=head, rows=rows),))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sure(group: Group) -> str:
    count = len(group.runs)
    return "one seed, so no spread" if count == 1 else f"mean ± standard deviation of {count} seeds"


def _seeds(count: int) -> str:
    return f"{count} seed{'s' * (count != 1)}"
