"""How to cite a run: BibTeX of insitu, and of the papers whose system, methods, devices and data took part."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from insitu import __version__
from insitu.devices import library
from insitu.devices.library.bibtex import bibtex

INSITU = bibtex(
    "insitu", "{The insitu developers}", 2026, "software",
    title="insitu: training neural networks inside the memory that stores their weights", version=__version__,
)  # fmt: skip
_CRISTIANO = bibtex(
    "cristiano2018", "Cristiano, G. and others", 2018, journal="Journal of Applied Physics", volume=124, pages=151901,
    title="Perspective on training fully connected networks with resistive memories: Device requirements for multiple "
    "conductances of varying significance", doi="10.1063/1.5042462",
)  # fmt: skip
_SOFT_PRUNING = bibtex(
    "shi2019", "Shi, Y. and others", 2019, journal="Frontiers in Neuroscience", volume=13, pages=405,
    title="A soft-pruning method applied during training of spiking neural networks for in-memory computing applications",
    doi="10.3389/fnins.2019.00405",
)  # fmt: skip
_MOVELLAN = bibtex(
    "movellan1991", "Movellan, J. R.", 1991, "inproceedings", booktitle="Connectionist Models Summer School",
    title="Contrastive Hebbian learning in the continuous Hopfield model",
)  # fmt: skip
_SCELLIER = bibtex(
    "scellier2017", "Scellier, B. and Bengio, Y.", 2017, journal="Frontiers in Computational Neuroscience", volume=11,
    pages=24, title="Equilibrium propagation: Bridging the gap between energy-based models and backpropagation",
)  # fmt: skip
_LABORIEUX = bibtex(
    "laborieux2021", "Laborieux, A. and others", 2021, journal="Frontiers in Neuroscience", volume=15, pages=633674,
)  # fmt: skip
_GOKMEN2021 = bibtex(
    "gokmen2021", "Gokmen, T.", 2021, journal="Frontiers in Artificial Intelligence", volume=4, pages=699148,
    doi="10.3389/frai.2021.699148",
)  # fmt: skip
_RASCH2024 = bibtex(
    "rasch2024", "Rasch, M. J. and Carta, F. and Fagbohungbe, O. and Gokmen, T.", 2024, journal="Nature Communications",
    volume=15, doi="10.1038/s41467-024-51221-z",
)  # fmt: skip
_MNIST = bibtex(
    "lecun1998", "LeCun, Y. and Bottou, L. and Bengio, Y. and Haffner, P.", 1998, journal="Proceedings of the IEEE",
    volume=86, pages="2278--2324", title="Gradient-based learning applied to document recognition",
)  # fmt: skip
_DIGITS = bibtex(
    "pedregosa2011", "Pedregosa, F. and others", 2011, journal="Journal of Machine Learning Research", volume=12,
    pages="2825--2830", title="Scikit-learn: Machine learning in Python",
)  # fmt: skip
_DATA = {"mnist": [_MNIST], "digits": [_DIGITS]}


def citations(recipe: str, table: Mapping[str, Any], result: Mapping[str, Any], dataset: str) -> list[str]:
    """Return BibTeX entries for one run, without doubles: insitu, the system, its methods, its devices, its data.

    Parameters
    ----------
    table : the fields of the recipe, as in recipe.toml. result : of the run. dataset : its name.
    """
    papers = _SYSTEMS.get(recipe, lambda _: [])(table)
    return unique([INSITU, *papers, *(_device(name) for name in devices(table, result)), *_DATA.get(dataset, [])])


def unique(entries: Iterable[str]) -> list[str]:
    """Return entries without empty ones and without a second one of the same key."""
    found: dict[str, str] = {}
    for entry in entries:
        if key := re.match(r"@\w+\{([^,]+),", entry):
            found.setdefault(key[1], entry.strip())
    return list(found.values())


def devices(table: Mapping[str, Any], result: Mapping[str, Any]) -> list[str]:
    """Return the names of the devices that took part: of every ``device`` in the recipe, ``auto`` as the result says."""
    named = [value for value in _all_of("device", table) if isinstance(value, str) and value != "auto"]
    told = result.get("device")
    return list(dict.fromkeys([*named, *([told] if isinstance(told, str) else [])]))


def _all_of(name: str, table: Mapping[str, Any]) -> Iterable[Any]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _all_of(name, value)
        elif key == name:
            yield value


def _device(name: str) -> str:
    """Return the citation of a library device; of a user's file nothing, for it must not be executed to be cited."""
    if name not in library.names():
        return ""
    return library.load(name).citation


def _of(table: Mapping[str, Any], *path: str) -> Any:
    for key in path:
        table = table.get(key, {}) if isinstance(table, Mapping) else {}
    return table or None


def _shi(table: Mapping[str, Any]) -> list[str]:
    pruned = _of(table, "pruning", "method") in ("soft", "conventional")
    return [library.load("shi2018-cbram").citation, *([_SOFT_PRUNING] if pruned else [])]


def _yi(table: Mapping[str, Any]) -> list[str]:
    task = "images" if _of(table, "data", "task") == "mnist" else "two_layer"
    mode = _of(table, task, "mode")
    rules = {"clamped": [_MOVELLAN], "nudged": [_SCELLIER], "centred": [_SCELLIER, _LABORIEUX], "coupled": [_SCELLIER]}
    return [library.load("yi2022-taox").citation, *rules.get(str(mode), [])]


def _cristiano(table: Mapping[str, Any]) -> list[str]:
    found = [_CRISTIANO, library.load("ambrogio2018-pcm").citation]
    if _of(table, "pulses", "trains") == "stochastic":
        found.append(library.load("gokmen2016-rpu").citation)
    method = _of(table, "method", "name")
    if method == "mixed-precision":
        found.append(library.load("nandakumar2020-pcm").citation)
    if method == "tiki-taka":
        found += [_GOKMEN2021, *([_RASCH2024] if _of(table, "method", "chop") else [])]
    return found


_SYSTEMS: dict[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "shi2018": _shi,
    "yi2022": _yi,
    "cristiano2018": _cristiano,
}
