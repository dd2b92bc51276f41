"""The page of real runs of the three systems, small ones, as the command line leaves them."""

import json
from pathlib import Path

import pytest
from test_page import Reader

from insitu import datasets, pages
from insitu.ledger.statement import choose, statement
from insitu.ledger.usage import accounts_of
from insitu.reports.captions import CAPTIONS
from insitu.units import si

SMALL = {
    "shi2018": ["network.neurons=12", "training.epochs=1", "training.presentations=1", "training.evaluations=1"],
    "yi2022": ["two_layer.updates=20", "one_layer.updates=10", "data.examples=10"],
    "cristiano2018": ["network.hidden=[12]", "training.epochs=1", "transfer.every=500"],
}


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.slow] * (name != "cristiano2018")) for name in SMALL])
def run(request, command, monkeypatch):
    """The folder of a finished run of a recipe, on the embedded digits."""
    monkeypatch.setattr(datasets, "find", lambda *_: datasets.load_digits())
    sets = [part for item in SMALL[request.param] for part in ("--set", item)]
    code, out, err = command("run", request.param, "--json", *sets)
    assert code == 0, err
    return Path(json.loads(out)["run"])


def test_every_figure_has_a_caption_and_every_part_its_section(run):
    figures = {path.stem for path in (run / "figures").iterdir()}
    assert figures <= CAPTIONS.keys()
    shown = Reader(pages.report([run]).read_text(encoding="utf-8"))
    assert {attrs["alt"].removeprefix("Figure: ") for attrs in shown.all("img")} == {
        name.replace("_", " ") for name in figures | {"wear_map"}
    }
    headings = ("Results", "Beside the paper", "Figures", "Energy, time and endurance", "Wear", "Settings and manifest")
    for words in (*headings, "How to cite", "Energy of learning, priced with", "The same training in software"):
        assert words in shown.text, words
    assert "@software{insitu," in shown.text
    assert (run / "report.html").stat().st_size < 5_000_000
    accounts = accounts_of(json.loads((run / "result.json").read_text()), "run")
    bill = statement(accounts, choose(usage.device for usage in accounts.usages)).learning
    whole = bill.energy
    amounts = [si(value, "J").replace(" u", " µ") for value in (whole.value, whole.low, whole.high)]
    assert shown.row("all that is modelled")[1:5] == [*amounts, "100.0 %"]
    if run.name.startswith("yi2022"):
        far = shown.row("energy against digital hardware, scaled up")[2]
        assert " times less than gpu-a100 (" in far
        assert " times less than gpu-a100-tf32 (" in far  # words are trained in batches of more than 128
    if not run.name.startswith("shi2018"):  # whose claims quote no energy
        assert ("all parts counted" in shown.text) is not bool(bill.missing)
    if run.name.startswith("cristiano2018"):
        ops = sum(2 * (one.macs + one.changes) for one in accounts.work.values())
        said = shown.row("work for an energy")[2].partition(" GOP/s/W")[0].replace(",", "")
        assert float(said) == pytest.approx(ops / whole.value * 1e-9, rel=5e-3)
