"""``insitu fit --kind`` as a user runs it: retention, endurance and noise, joined into one device."""

import json
import sys
from pathlib import Path

import pytest
from refusing import refused

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from cells_at_rest import drifting, wearing

from insitu.devices.library import load
from insitu.ledger import costset


def write(path, series, axis="time_s"):
    """Write readings as a file of one row a reading."""
    rows = zip(series.device, series.level, series.at, series.g, strict=True)
    lines = [f"{device},{level},{at:.8g},{g:.8g}" for device, level, at, g in rows]
    path.write_text("\n".join([f"device_id,level,{axis},g_S", *lines]) + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture
def retention(tmp_path):
    return write(tmp_path / "retention.csv", drifting(1, devices=4, levels=(5e-6,)))


def test_kinds_join_into_one_device(command, tmp_path, retention):
    code, out, err = command("fit", retention, "--kind", "retention", "--device", "yi2022-taox")
    assert code == 0
    assert "64 readings of 4 devices, from" in err
    assert "retention.nu_sd" in out
    assert "Train on it: insitu run shi2018 --device fits/retention/retention.py" in out
    folder = Path("fits/retention")
    files = {"retention.py", "retention.costs.toml", "fit.json", "fit.png", "fit.svg", "report.html"}
    assert {path.name for path in folder.iterdir()} == files
    one = load(folder / "retention.py")
    assert one.device.retention.nu == pytest.approx(0.05, abs=0.03)
    assert one.device.without("retention") == load("yi2022-taox").device
    assert one.provenance["retention.nu"].note.startswith("fit: ± ")
    assert one.provenance["g_max"].note.startswith("yi2022-taox: stated, 100 uS")
    assert one.validity.endswith("retention from 1 s to 100 ks, at a temperature that the file does not give")
    assert costset.memory_of(str(folder.resolve() / "retention.py")).get("g_on") == costset.memory_of(
        "yi2022-taox"
    ).get("g_on")
    cycles = write(tmp_path / "cycles.csv", wearing(1), "cycle")
    code, out, _ = command("fit", cycles, "--kind", "endurance", "--device", "fits/retention/retention.py", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["kind"] == "endurance"
    assert found["numbers"]["endurance.writes"]["value"] == pytest.approx(2e5, rel=0.6)
    assert found["device"] == "retention"
    both = load("fits/cycles/cycles.py")
    assert both.device.endurance.writes == pytest.approx(found["imperfections"]["endurance"]["writes"], rel=1e-5)
    assert both.device.retention == one.device.retention
    assert "<script" not in Path("fits/cycles/report.html").read_text()


PULSES = "polarity,g_after_S\n" + "1,1e-6\n-1,2e-6\n" * 30


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("{file}", "--kind", "retentoin"), "--kind: unknown kind 'retentoin'; did you mean 'retention'?"),
        (("{file}", "--kind", "retention", "--law", "linear"), "--law: is of pulses; leave --kind out"),
        (("--kind", "retention"), "file: give one of retention"),
        (("{file}", "--device", "ideal"), "--device: is of retention, endurance, noise; say which with --kind"),
        (("{file}", "--kind", "retention", "--window", "0.4"), "--window: is of --kind endurance"),
        (("{file}", "--kind", "noise", "--temperature", "300"), "--temperature: is of --kind retention"),
        (("{file}", "--kind", "retention", "--temperature", "85"), "85 °C is 358 K"),
        (("{file}", "--kind", "retention", "--temperature", "300"), "temperature: needs readings at two temperatures"),
        (("{file}", "--kind", "noise"), "readings: 16 of a state at most; noise needs 50"),
        (("{file}", "--kind", "endurance"), "readings over 'time_s' and none over cycles"),
        (("{file}", "--kind", "retention", "--device", "nothing"), "device: unknown name 'nothing'"),
        (("{file}", "--kind", "retention", "--without", "d9"), "--without: there is no device 'd9'"),
        (("{file}", "--kind", "retention", "--where", "level=9"), "no row has level = 9"),
        (("{file}", "--kind", "retention", "--name", "a/b"), "--name: got 'a/b'"),
        (
            ("{file}", "--kind", "retention", "--try"),
            "--try: trains on a device; give the one it belongs to (--device)",
        ),
        (("{file}",), "looks like a trace over time"),
        (("pulses.csv", "--kind", "retention"), "looks like pulses ('polarity')"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_no_folder(command, retention, options, message):
    Path("pulses.csv").write_text(PULSES)
    code, out, err = command("fit", *(option.format(file=retention) for option in options))
    refused((code, out, err.replace("\n", " ").replace("error: ", "\nerror: ")), message)
    assert not list(Path().glob("fits/*"))
