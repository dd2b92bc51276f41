"""What stands about a recipe in RECIPE.about.toml: words for people, what its paper says, and which papers a run rests on."""

from __future__ import annotations

from typing import Any, Literal

from insitu.validation import Table

#: field or result -> value, or list of values of which it is one
When = dict[str, Any]


class Claim(Table):
    """One number or promise of a paper.

    Parameters
    ----------
    what : in words that a newcomer understands.
    paper : what the paper says, as it says it.
    tag : stated, or inferred from what is stated.
    source : where that stands.
    keys : our numbers to put beside it: keys of the result or, dotted, fields of the recipe; ``price.gpu``, ``price.rate``
        and ``price.seconds`` follow from the price of the run. Empty where a single run has no answer.
    when : what makes our number comparable, named as in ``keys``; a run of other values is no answer to the claim.
    """

    what: str
    paper: str
    tag: Literal["stated", "inferred"]
    source: str
    keys: tuple[str, ...] = ()
    when: When = {}


class Cited(Table):
    """Papers, by their keys in papers.bib, on which a run rests ``when`` and ``unless`` its recipe has these fields."""

    papers: tuple[str, ...]
    when: When = {}
    unless: When = {}


class Idle(Table):
    """Fields, or tables of them, that do nothing ``when`` and ``unless`` a recipe has these fields; ``why``, in few words."""

    fields: tuple[str, ...]
    why: str
    when: When = {}
    unless: When = {}


class About(Table):
    """The whole file.

    Parameters
    ----------
    summary : one line for ``insitu recipes``.
    quick : overrides of ``--quick``. device : the field that ``--device`` sets. data : overrides of ``--data``.
    labels : result key -> words that a newcomer understands; the table at the end of a run has these rows in this order.
    claims : of the paper, the headline first. cited : in the order in which they are printed.
    idle : what is refused when it is set, for it would change nothing.
    """

    summary: str
    quick: tuple[str, ...] = ()
    device: str = "array.device"
    data: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    claims: tuple[Claim, ...] = ()
    cited: tuple[Cited, ...] = ()
    idle: tuple[Idle, ...] = ()
