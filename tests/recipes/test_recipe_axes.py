import json
import re

import pytest

from insitu.arrays.closed_loop import ClosedLoop
from insitu.devices.library import load
from insitu.errors import InputError
from insitu.learning.backprop import FeedbackAlignment
from insitu.recipes import axes, cristiano2018, registry, yi2022
from insitu.recipes.loading import resolve, to_toml, validate
from insitu.schemes import (
    BlindPulses,
    DeterministicTrains,
    ErrorAware,
    Exact,
    MixedPrecision,
    SignPulses,
    TikiTaka,
    Transfer,
    WriteVerify,
)


def recipe(*sets, name="cristiano2018"):
    kind = registry.load_module(registry.module_name(name)).Recipe
    return resolve(kind, registry.toml_text(name), sets)


@pytest.mark.parametrize(
    ("sets", "scheme"),
    [
        (["scheme.name=exact"], Exact()),
        (["scheme.name=tiki-taka", "scheme.chop=0.1"], TikiTaka(chop=0.1)),
        (["scheme.name=mixed-precision", "scheme.burst=3"], MixedPrecision(burst=3)),
        (["scheme.name=error-aware", "scheme.threshold=2"], ErrorAware(threshold=2.0)),
        (["scheme.name=sign-pulses", "scheme.threshold=0"], SignPulses(threshold=0.0)),
        (["scheme.name=sign-pulses", "scheme.alternate=true"], SignPulses(alternate=True)),
        (["scheme.name=sign-pulses", "scheme.error_threshold=0.2"], SignPulses(error_threshold=0.2)),
        (["scheme.trains.x_levels=4"], BlindPulses(trains=DeterministicTrains(x_levels=4))),
        (["scheme.name=write-verify", "scheme.dead_band=off"], WriteVerify(dead_band=None)),
        (["scheme.name=write-verify", "scheme.loop.tolerance=off"], WriteVerify(loop=ClosedLoop(tolerance=None))),
    ],
)
def test_the_table_of_a_scheme_is_that_scheme_and_is_kept_as_such(sets, scheme):
    one = recipe(*sets)
    assert one.scheme == scheme
    assert validate(cristiano2018.Recipe, to_toml(one)).scheme == scheme


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        (["scheme.name=[1]"], "scheme.name: unknown name '[1]'"),
        (["scheme.name=tiki-tako"], "scheme.name: unknown name 'tiki-tako'; did you mean 'tiki-taka'"),
        (["scheme.name=exact", "scheme.chop=0.1"], "unknown field 'scheme.chop'"),
        (["scheme.name=tiki-taka", "scheme.chop=1.5"], "tiki_taka.chop: got 1.5"),
        (["scheme.name=error-aware", "scheme.threshold=-1"], "error_aware.threshold: got -1"),
        (["scheme.name=sign-pulses", "scheme.threshold=-1"], "sign_pulses.threshold: got -1"),
        (["scheme.name=sign-pulses", "scheme.alternate=2"], "scheme.alternate: got 2"),
        (["scheme.name=sign-pulses", "scheme.error_threshold=-1"], "sign_pulses.error_threshold: got -1"),
        (["scheme.trains.slots=64"], "scheme.trains.slots: got 64"),
        (["scheme.trains.slots=many"], 'scheme.trains.slots: got "many"; it must be a valid integer'),
        (["scheme.trains.x_levels=0"], "scheme.trains.x_levels: got 0; allowed is a whole number from 1"),
        (["scheme.transfer.every=10"], "scheme.transfer: not set here"),
        (["chip.output_nose=1"], "unknown field 'chip.output_nose'; did you mean 'chip.output_noise'?"),
        (["chip=3"], "chip: got 3; it is a table, set one of its fields: chip.image_seconds"),
        (["scheme.name=nowhere.py:Mine"], "nowhere.py"),
    ],
)
def test_options_that_are_none_are_one_sentence_about_the_field(sets, words):
    with pytest.raises(InputError) as found:
        recipe(*sets)
    assert words in str(found.value)
    assert "\n" not in str(found.value)
    assert "more)" not in str(found.value)


def test_a_scheme_of_ones_own_is_kept_by_the_path_of_its_file(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "from dataclasses import dataclass\n"
        "from insitu.schemes import MixedPrecision\n"
        "@dataclass(frozen=True, kw_only=True)\n"
        "class Mine(MixedPrecision):\n"
        "    more: float = 1.0\n"
    )
    one = recipe(f"scheme.name={json.dumps(f'{file}:Mine')}", "scheme.more=2.0", name="yi2022")
    assert (type(one.scheme).__name__, one.scheme.more) == ("Mine", 2.0)
    table = to_toml(one)
    assert table["scheme"]["name"] == f"{file}:Mine"
    assert validate(yi2022.Recipe, table) == one


def test_what_is_missing_after_a_transfer_is_charged_into_capacitors_and_pulsed_into_others():
    def pulses(*sets):
        return cristiano2018.scheme_of(recipe(*sets)).transfer.pulses

    assert not pulses()
    assert pulses("lsp.device=shi2018-cbram")
    assert pulses("transfer.write=pulses")
    assert not pulses("lsp.device=shi2018-cbram", "transfer.write=charge")


def test_transfers_are_those_of_their_own_tables():
    made = cristiano2018.scheme_of(recipe("transfer.every=500", "transfer.inversion=off", "closed_loop.burst=3"))
    loop = ClosedLoop(tolerance=0.0375, burst=3)
    assert made.transfer == Transfer(every=500, inversion=None, closed_loop=loop)
    assert cristiano2018.scheme_of(recipe("transfer.every=off")).transfer is None


def test_errors_go_back_as_the_recipe_says():
    assert isinstance(cristiano2018._wired(recipe("network.feedback=alignment"), 4, 2)["feedback"], FeedbackAlignment)


@pytest.mark.parametrize("name", ["auto", "pair"])
def test_a_pair_of_devices_that_only_rise_is_one_sided(name):
    rising, other = load("ambrogio2018-pcm").device, load("shi2018-cbram").device
    single = axes.SingleDevice()
    assert isinstance(axes.encoding_of(name, rising, bits=2, otherwise=single), axes.OneSidedPair)
    found = axes.encoding_of(name, other, bits=2, otherwise=single)
    assert found == (single if name == "auto" else axes.DifferentialPair())


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (("cell.parts=lsp", "cell.tiles=16"), "up to 10 tiles"),
        (("cell.tiles=10",), "allowed is 1e-06 to 1e+06, at this cell.gain up to 9 tiles"),
        (("cell.gain=1e-3", "cell.tiles=3"), "up to 2 tiles"),
    ],
)
def test_too_many_tiles_are_refused_by_name_with_how_many_there_may_be(sets, message):
    with pytest.raises(InputError, match=rf"^cell\.tiles: got .*{re.escape(message)}$") as caught:
        recipe(*sets)
    most = int(re.search(r"up to (\d+)", str(caught.value))[1])
    assert cristiano2018.cell_of(recipe(*sets, f"cell.tiles={most}"))
    with pytest.raises(InputError, match=r"^cell\.tiles: got"):
        recipe(*sets, f"cell.tiles={most + 1}")


@pytest.mark.parametrize("field", ["cell.gain", "cell.unit"])
def test_a_significance_beyond_all_measure_is_refused_by_name(field):
    with pytest.raises(InputError, match=rf"^{field}: got 10000000.0; it must be at most 1000000"):
        recipe(f"{field}=1e7")
