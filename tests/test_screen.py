"""No word is broken on a screen of any usual width, in the table of any command."""

import io
import re
from types import SimpleNamespace as Of

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insitu import terminal
from insitu.devices import library
from insitu.ledger import costset
from insitu.ledger.amount import Amount
from insitu.measure.diagnosing import diagnose
from insitu.recipes import registry
from insitu.reports import assess, cost_tables, device_tables, league, study_tables, tiles
from insitu.reports.columns import turned, widths
from insitu.reports.results import results_table
from insitu.reports.storage import storage_table
from insitu.reports.tables import Column, Table, numbers, words
from insitu.reports.tune import trials_table
from insitu.studies.matrix import Tried
from insitu.studies.matrix import table as matrix_table

WIDTHS = (60, 80, 120)
SOME = Amount(535e-6, 31.7e-3, 730e-3)
ENTRY = {
    "system": "cristiano2018", "device": "nandakumar2018-pcm", "scheme": "error-aware", "mean": 0.9843, "sd": 0.0005,
    "energy": 1.2e-3, "energy_high": 2e-2, "seconds": 31.7e-3, "seconds_high": 0.7, "writes": 123_456, "front": False,
    "missing": "pulses up: no set",
}  # fmt: skip
WAY = Of(
    name="nandakumar2018-pcm by mixed-precision", accuracy=Of(mean=0.98, sd=0.005), energy=Of(value=1.2e-3), missing=("x",),
    seconds=Of(value=31.7e-3), writes=123_456.0, trainings=Of(value=25_000.0), learns=False, reason="",
)  # fmt: skip
RESULT = dict.fromkeys(("accuracy", "untrained_accuracy", "pruned_fraction"), 0.5) | {"pulses_up": 10**9}
TILES = [
    {"tile": size, "ohm": ohm, "bits": bits, "mean": 0.9, "sd": 0.1, "seeds": 2, "difference": 0.0}
    | {"joule": 1e-6, "converters": 1e-9}
    for size in (16, 128) for ohm in (0.1, 1.0, 10.0) for bits in (None, 4, 6, 8)
]  # fmt: skip


def _labels(recipe: str) -> dict[str, str]:
    return registry.about(recipe).labels


def _results(recipe: str) -> dict:
    return {key: 0.12345 if "accuracy" in key or "fraction" in key else 123_456_789 for key in _labels(recipe)}


def _tables() -> dict[str, Table]:
    found = {
        "devices": device_tables.library_table(
            {kind: [library.load(name) for name in names] for kind, names in library.groups().items()}
        ),
        "costs": cost_tables.cost_sets(),
        "league": league.standings([ENTRY, ENTRY]),
        "ladder": study_tables.ladder_table(
            "From an ideal network",
            [{"rung": "exponential device", "seeds": 3, "mean": 0.9, "sd": 0.01, "difference": -0.1, "difference_sd": 0.01}],
        ),
        "requirements": study_tables.requirements_table(
            "How bad",
            [{"factor": "LSP.asymmetry_cv", "property": "spread of the asymmetry, of the pairs", "unit": "of the range",
              "says": "0.3 (0.2 to 0.41)"}],
        ),
        "sweep": study_tables.sweep_table(
            "cristiano2018 on digits",
            [{"pruning.fraction": 0.4, "lsp.device": "nandakumar2018-pcm", **_results("cristiano2018")}] * 2,
            ("pruning.fraction", "lsp.device"),
            _labels("cristiano2018"),
            4,
        ),
        "tune": trials_table(
            "yi2022", "held-back training images named correctly",
            [{"trial": 1, "mean": 0.9, "images.rate": 0.0123456, "scheme.tolerance": 0.25, "two_layer.beta": 3}],
            ("images.rate", "scheme.tolerance", "two_layer.beta"),
        ),
        "matrix": matrix_table(
            [Tried("nandakumar2018-pcm", "one-sided-pair", "mixed-precision", signal, "learns", 0.9, 0.95, "")
             for signal in ("stdp", "activity-difference", "backpropagation", "feedback-alignment")]
        ),
        "assess": assess.systems_table([Of(recipe="cristiano2018", ways=[WAY], like=WAY)]),
        "storage": storage_table([RESULT | {"storage": [{"seconds": 1e6, "accuracy": 0.5, "untrained_accuracy": 0.5}]}], {}),
        "price": Table(
            "Energy of learning",
            (*words("Where"), *numbers("Energy", "Low", "High", unit="J"), Column("Share", "%"), Column("An image", "J")),
            [("all that is modelled", 73e-6, 7.5e-6, 63.2e-3, 1.0, 12.3e-9)],
        ),
        "headline": Table("Cost", (*words("What"), Column("Result", "s")), [("time of learning on the chip", SOME)]),
    }  # fmt: skip
    for name in ("shi2018-cbram", "nandakumar2018-pcm", "ambrogio2018-3t1c"):
        shown = library.load(name)
        found |= {f"devices {name}": device_tables.device_table(shown)}
        found |= {f"devices {name}, merits": device_tables.merit_table(diagnose(shown.device))}
    for name in costset.names():
        found[f"costs {name}"] = cost_tables.cost_set(costset.load(name))
    for recipe in ("shi2018", "yi2022", "cristiano2018"):
        one = _results(recipe)
        found[f"run {recipe}"] = results_table(f"{recipe} on digits", {"Result": [one]}, _labels(recipe))
        found[f"run {recipe} --seeds 2"] = results_table(f"{recipe} on digits", {"Result": [one, one]}, _labels(recipe))
    return found | {f"tiles {place}": one for place, one in enumerate(tiles.tile_tables(TILES))}


TABLES = _tables()


def test_a_tile_that_loses_little_is_told_to_be_the_largest_that_was_tried():
    (wires, *_) = tiles.tile_verdicts(TILES, 0.01)
    assert wires.startswith("Largest tile that loses at most 1 point, ideal converters: ")
    assert wires.count("128 x 128, the largest tried") == 3
    worse = [row | {"difference": -0.02 * (row["tile"] == 128)} for row in TILES]
    assert "the largest tried" not in tiles.tile_verdicts(worse, 0.01)[0]


def test_a_verdict_of_one_seed_says_so():
    words = "Of one seed each, so these may be chance; --seeds 5 tells."
    for seeds, said in ((1, True), (5, False)):
        assert (tiles.tile_verdicts([row | {"seeds": seeds} for row in TILES], 0.01)[-1] == words) == said


def shown(table: Table, width: int) -> list[str]:
    """Return the lines of a screen."""
    text = io.StringIO()
    console = terminal.console(file=text, width=width, force_terminal=True, color_system=None)
    terminal.show(console, table)
    return text.getvalue().splitlines()


def words_of(text: str) -> set[str]:
    return set(text.split())


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", TABLES)
def test_no_word_of_a_cell_is_split_over_lines(name, width):
    table = TABLES[name]
    lines = shown(table, width)
    seen = words_of("\n".join(lines))
    heads = max(len(column.head) for column in table.columns)
    for text in [*(column.head for column in table.columns), *(cell for row in table.texts for cell in row)]:
        room = {word for word in text.split() if len(word) <= width - heads - 6}  # longer than a line: cannot be whole
        assert room <= seen, text
    for line in lines[1:]:
        assert len(line) <= max(width, *map(len, words_of(line)), 1), line


@given(
    st.lists(st.lists(st.text("ab c", max_size=30), min_size=3, max_size=3), min_size=1, max_size=3),
    st.integers(5, 80),
    st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_columns_hold_their_words_and_fit(rows, most, whole):
    heads = ("one", "two words", "three")
    found = widths(heads, rows, whole, most)
    longest = [
        max((len(word.rstrip()) for text in (head, *cells) for word in re.findall(r"^\s*\S+|\S+", text)), default=0)
        for head, cells in zip(heads, zip(*rows, strict=True), strict=True)
    ]
    if found is None:
        assert sum(longest) > most
    else:
        assert sum(found) <= most
        assert all(width >= word for width, word in zip(found, longest, strict=True))


def test_cells_that_are_to_be_whole_are_wrapped_last():
    row = [("a name of some words", "12.3 mJ (1.2 mJ to 4.5 mJ)")]
    assert widths(("What", "Energy"), row, (False, True), 34) == [8, 26]
    assert widths(("What", "Energy"), row, (False, True), 24) == [12, 12]
    assert widths(("What", "Energy"), row, (False, True), 9) is None
    assert widths((), [], (), 9) == []


def test_a_table_without_room_is_turned():
    rows = [("yi2022", "98 %", ""), ("shi2018", "91 %", "front")]
    assert turned(("System", "Correct", "Front"), rows) == [
        ("System", "yi2022"), ("Correct", "98 %"), ("", ""), ("System", "shi2018"), ("Correct", "91 %"), ("Front", "front"),
    ]  # fmt: skip
    lines = [line.split() for line in shown(TABLES["league"], 60)]
    assert ["System", "cristiano2018"] in lines
    assert ["Device", "nandakumar2018-pcm"] in lines


def test_abbreviations_are_told_where_they_stand():
    note = TABLES["requirements"].note
    assert note == "LSP: the least significant pair, which takes the pulses of training."
    row = {"seeds": 1, "mean": 0.9, "sd": None, "difference": 0.0, "difference_sd": None}
    rungs = study_tables.ladder_table("t", [row | {"rung": "ideal"}, row | {"rung": "+ c2c of the MSP"}])
    assert rungs.note.startswith(
        "MSP: the most significant pair of devices of a weight; c2c: scatter from cycle to cycle"
    )
    assert not study_tables.ladder_table("t", [row | {"rung": "MSPs"}]).note
