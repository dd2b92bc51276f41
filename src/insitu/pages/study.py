"""A study as the page wants it: what its folder says of it, read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insitu.errors import RunError
from insitu.parsing import parse_json
from insitu.recipes import registry
from insitu.recipes.axes import SCHEMES
from insitu.recipes.loading import as_overrides
from insitu.reports.captions import DATASETS, STUDIES
from insitu.runs.writing import read_bytes, read_json

#: studies of several recipes, which say in KIND.json what they found, and the key of its table or tables
TOLD = {"energy": "tables", "assess": "tables", "league": "rows"}

_NUMBER, _SPREAD = (int, float), (int, float, type(None))
#: kind -> what each row must hold, and of which type
_COMPARED: dict[str, Any] = {
    "seeds": int,
    "mean": _NUMBER,
    "sd": _SPREAD,
    "difference": _NUMBER,
    "difference_sd": _SPREAD,
}
_WANTED: dict[str, dict[str, Any]] = {
    "tune": {"trial": int, "mean": _SPREAD},
    "ladder": {"rung": str, **_COMPARED},
    "wires": {"ohm": _SPREAD, "behind": bool, "gains": bool, **_COMPARED},
    "requirements": dict.fromkeys(("factor", "property", "unit", "says"), str),
    "tiles": {"tile": int, "ohm": _NUMBER, "bits": (int, type(None)), "mean": _NUMBER, "sd": _SPREAD,
        "difference": _NUMBER, "joule": _NUMBER, "converters": _NUMBER,
    },
    **{kind: {"title": str, "columns": list, "text": list} for kind in ("energy", "assess")},
    "league": {
        **dict.fromkeys(("system", "device", "scheme", "missing", "tuned", "command"), str),
        **dict.fromkeys(("learns", "front"), bool),
        **dict.fromkeys(("mean", "pulses", "reads", "digital_ops", "kept"), _NUMBER),
        **dict.fromkeys(("sd", "ideal", "held_back_stands", "held_back_best", "writes"), _SPREAD),
        **{key + end: _SPREAD for key in ("energy", "seconds", "trainings") for end in ("", "_low", "_high")},
    },
}  # fmt: skip

Row = dict[str, Any]


@dataclass(frozen=True)
class Study:
    """A ladder, a list of requirements, a look at wires or tiles, a plain sweep; or of several recipes, one of :data:`TOLD`.

    Parameters
    ----------
    kind : ladder, wires, requirements, tiles, tune, sweep, energy (a claim), assess (a device) or league.
    about : what sweep.json says; one a recipe.
    rows : of the table of verdicts; of a plain sweep one a run, of a league one an entry; of a claim or a device one a table.
    told : of several recipes, what KIND.json says.
    """

    path: Path
    kind: str
    about: tuple[dict[str, Any], ...]
    rows: list[Row]
    told: dict[str, Any]

    @property
    def title(self) -> str:
        """What was done, on which data."""
        if self.kind in TOLD:
            return str(self.told.get("title", self.kind.capitalize()))
        name = self.about[0]["dataset"]["name"]
        return f"{self.about[0]['recipe']} on {DATASETS.get(name, name)}: {STUDIES[self.kind]}"

    @property
    def recipes(self) -> list[str]:
        """Names of the recipes."""
        return [str(one["recipe"]) for one in self.about]

    def entries(self, recipe: str) -> list[list[str]]:
        """Return what makes the entries of a league, as overrides of a recipe; no scheme of a file, which is executed."""
        field = registry.about(recipe).device
        rows = [
            row for row in self.rows if self.kind == "league" and row["system"] == recipe and row["scheme"] in SCHEMES
        ]
        return [as_overrides({field: row["device"], "scheme.name": row["scheme"]}) for row in rows]


def is_study(path: Path) -> bool:
    """Return whether a folder holds a study, finished or not."""
    known = any((path / name).is_file() for name in ("sweep.json", *(f"{kind}.json" for kind in TOLD)))
    return known or ((path / "points").is_dir() and not (path / "manifest.json").exists())


def load_study(path: Path) -> Study:
    """Return a study; RunError if it has not ended or is damaged."""
    for kind, key in TOLD.items():
        file = path / f"{kind}.json"
        if not file.is_file():
            continue
        told = read_json(file)
        for part in ("sentences", "refused"):
            if not isinstance(told.get(part, []), list):
                raise RunError(f"{file}: damaged, {part} is no list")
        about = tuple(map(_about, sorted(path.glob("*/sweep.json"))))
        if not about:
            raise RunError(f"{path}: damaged, it holds no sweep.json of the runs that {file.name} tells of")
        return Study(path, kind, about, _checked(told.get(key), kind, file), told)
    if not (path / "sweep.json").is_file():
        raise RunError(f"{path}: the study is not finished, it has no sweep.json; the command that began it goes on")
    kind = next(
        (kind for kind in ("ladder", "wires", "requirements", "tiles", "tune") if (path / f"{kind}.json").is_file()),
        "sweep",
    )
    file = path / ("rows.json" if kind == "sweep" else f"{kind}.json")
    try:
        rows = parse_json(read_bytes(file))
    except ValueError as error:
        raise RunError(f"{file}: damaged, not JSON ({error})") from error
    return Study(path, kind, (_about(path / "sweep.json"),), _checked(rows, kind, file), {})


def _about(file: Path) -> dict[str, Any]:
    about = read_json(file)
    dataset = about["dataset"] if isinstance(about.get("dataset"), dict) else {}
    if not all(isinstance(one, str) for one in (about.get("recipe"), dataset.get("name"), dataset.get("sha256"))):
        raise RunError(f"{file}: damaged, it does not say recipe and data set")
    for key, kind in {"overrides": list, "failed": list, "seeds": list, "vary": dict}.items():
        if not isinstance(about.get(key, kind()), kind):
            raise RunError(f"{file}: damaged, {key} is no {kind.__name__}")
    return about


def _checked(rows: Any, kind: str, file: Path) -> list[Row]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RunError(f"{file}: damaged, not a list of rows")
    wanted = _WANTED.get(kind, {})
    if any(not isinstance(row.get(key, wanted), types) for row in rows for key, types in wanted.items()):
        raise RunError(f"{file}: damaged, a row is not made of {', '.join(wanted)}")
    lines = [(line, table["columns"]) for table in rows if "text" in wanted for line in table["text"]]
    if not all(isinstance(line, list) and len(line) == len(heads) for line, heads in lines):
        raise RunError(f"{file}: damaged, a line of a table has not one text a column")
    return rows
