"""What a recipe says does nothing is refused where it is set; carried out all the same, it changes nothing."""

import json
from functools import cache

import pytest
from rich.console import Console

import insitu
from insitu.datasets import load_digits
from insitu.errors import InputError
from insitu.recipes import registry
from insitu.recipes.claims import require_effect
from insitu.recipes.imperfect import DeviceTable
from insitu.recipes.loading import flat, to_toml
from insitu.recipes.running import carry_out
from insitu.recipes.session import Session
from insitu.runs import RunFolder

SMALL = {
    "shi2018": ("network.neurons=10", "training.presentations=1437", "training.epochs=1", "pruning.maturity=200"),
    "cristiano2018": ("network.hidden=[6]", "training.epochs=1", "training.twin=false", "transfer.every=700"),
    "yi2022": (
        *("two_layer.updates=4", "one_layer.updates=4", "two_layer.batch=20", "one_layer.batch=20", "data.examples=10"),
        *("images.hidden=[6]", "images.epochs=1"),
    ),
}
MNIST = ("data.task=mnist",)
LSP, MSP = ("cell.parts=lsp",), ("cell.parts=msp", "msp.device=li2018-3t1c")
IDEAL, NUMBERS = ("array.weights=ideal",), ("scheme.name=exact",)
LAW = ("array.steps=20", "array.nonlinearity=0.3", "array.nonlinearity_down=0.1", "array.asymmetry=0.2")
SCATTER = (
    "array.c2c=0.1",
    "array.step_cv=0.5",
    "array.asymmetry_cv=0.4",
    "array.endurance=3",
    "array.endurance_cv=0.5",
)
CELLS = ("array.range_cv=0.3", "array.dead=0.1", "array.stuck_low=0.1", "array.stuck_high=0.1", "array.write_error=0.1")
TIME = ("array.leak=0.01", "array.drift=0.1", "array.read_noise=0.2", "array.jumping=0.3")
#: recipe, what it is set to, and what then does nothing
CASES = [
    ("shi2018", ("pruning.method=none",), ("pruning.fraction=0.5", "pruning.order=highest", "pruning.value=-1.0")),
    ("shi2018", ("pruning.method=none",), ("pruning.power=2", "pruning.maturity=100")),
    ("shi2018", ("pruning.method=conventional",), ("pruning.value=-1.0",)),
    ("shi2018", ("array.weights=digital",), ("array.encoding=pair",)),
    ("shi2018", (), ("array.bits=3",)),
    ("shi2018", ("data.coding=population",), ("data.min_active=0.2", "data.threshold=3.0")),
    ("yi2022", MNIST, ("data.words=['one','two']", "data.flips=[0.2]", "data.erased=1", "data.examples=7")),
    ("yi2022", MNIST, ("data.cells=20", "training.flips=[0.1,0.2]", "two_layer.hidden=3", "one_layer.rate=0.1")),
    ("yi2022", (), ("images.hidden=[3]", "data.validation=10", "two_layer.beta=0.1", "array.bits=2")),
    ("yi2022", MNIST, ("images.beta=0.1",)),
    ("yi2022", ("array.weights=ideal",), ("scheme.dead_band=0.1", "scheme.loop.burst=3")),
    ("cristiano2018", LSP, ("msp.device=nandakumar2018-pcm", "cell.gain=2.0", "transfer.inversion=rows")),
    (
        "cristiano2018",
        LSP,
        ("transfer.offset=0.2", "transfer.groups=3", "transfer.write=pulses", "transfer.charge_cv=0.5"),
    ),
    ("cristiano2018", MSP, ("lsp.device=li2018-3t1c", "cell.lsp=shared", "transfer.groups=3", "cell.tiles=2")),
    ("cristiano2018", LSP, ("transfer.residual=0.1", "transfer.slower=2")),
    (
        "cristiano2018",
        ("cell.tiles=2", "transfer.residual=0.1"),
        ("transfer.inversion=rows", "transfer.probability=0.2"),
    ),
    (
        "cristiano2018",
        ("cell.tiles=2", "transfer.residual=0.1"),
        ("transfer.offset=0.2", "transfer.write=pulses", "transfer.charge_cv=0.5"),
    ),
    ("cristiano2018", (), ("transfer.slower=2",)),
    ("cristiano2018", LSP, ("closed_loop.burst=1", "transfer.refresh=7", "transfer.looks=2", "transfer.every=100")),
    ("cristiano2018", ("cell.tiles=2", *LSP, "transfer.residual=0.1"), ("closed_loop.burst=1", "transfer.slower=2")),
    ("cristiano2018", ("closed_loop.blind=true",), ("closed_loop.burst=1", "closed_loop.tolerance=0.1")),
    ("cristiano2018", ("transfer.every=off",), ("transfer.residual=0.1", "transfer.slower=2")),
    ("cristiano2018", (), ("transfer.probability=0.1",)),
    (
        "cristiano2018",
        ("transfer.every=off",),
        ("transfer.inversion=off", "transfer.looks=2", "closed_loop.iterations=1"),
    ),
    (
        "cristiano2018",
        ("transfer.every=off",),
        ("transfer.refresh=100", "transfer.write=pulses", "transfer.charge_cv=off"),
    ),
    (
        "shi2018",
        (),
        (
            "chip.dac_bits=2",
            "chip.signed_dac=true",
            "chip.adc_range=3",
            "chip.wire_tolerance=0",
            "chip.column_gain=true",
        ),
    ),
    ("yi2022", (), ("chip.adc_quantile=0.9", "chip.wire_tolerance=0", "chip.wires_act=after learning")),
    ("cristiano2018", (), ("chip.partial_sums=currents", "chip.adc_range=0.1", "chip.wire_tolerance=0.5")),
    *(
        (recipe, ("chip.row_ohm=1", "chip.wires_act=after learning"), ("chip.wire_tolerance=0",))
        for recipe in ("shi2018", "yi2022", "cristiano2018")
    ),
    ("shi2018", (), ("chip.image_seconds=0.1", "chip.aging=50")),
    ("yi2022", (), ("chip.image_seconds=0.1", "chip.aging=50")),
    ("yi2022", (*MNIST, *IDEAL), ("chip.image_seconds=0.1",)),
    (
        "cristiano2018",
        (*LSP, "lsp.device=yi2022-taox"),
        ("chip.image_seconds=0.1", "chip.aging=50"),
    ),
    ("shi2018", ("chip.read_disturb=1e-4",), ("chip.read_disturb_negative=5e-5",)),
    (
        "yi2022",
        (*MNIST, "images.hidden=[]", "images.ratios=[1.0]", "chip.read_disturb=1e-4"),
        ("chip.read_disturb_negative=5e-5",),
    ),
    (
        "cristiano2018",
        ("network.feedback=alignment", "chip.read_disturb=1e-4"),
        ("chip.read_disturb_negative=5e-5",),
    ),
    ("cristiano2018", ("network.hidden=[]", "chip.read_disturb=1e-4"), ("chip.read_disturb_negative=5e-5",)),
    *(
        (recipe, ("scheme.name=sign-pulses", "scheme.error_threshold=0.1"), ("scheme.threshold=2.0",))
        for recipe in ("cristiano2018", "yi2022")
    ),
    ("cristiano2018", ("scheme.name=exact",), ("transfer.every=100", "closed_loop.burst=1")),
    *(
        (
            "cristiano2018",
            NUMBERS,
            tuple(one.replace("array", part) for one in (*law, *SCATTER, "array.leak=0.01", CELLS[-1])),
        )
        for part, law in (
            ("msp", (*LAW[:2], "array.drift=0.1")),
            ("lsp", (LAW[0], LAW[2], LAW[3], "array.nonlinearity_up=0.1")),
        )
    ),
    ("cristiano2018", NUMBERS, ("lsp.nonlinearity=0.3", "chip.image_seconds=0.1")),
    ("shi2018", IDEAL, (*SCATTER, *CELLS, *TIME)),
    ("yi2022", IDEAL, ("array.nonlinearity_up=0.3", *SCATTER, *CELLS, *TIME)),
    ("shi2018", NUMBERS, (*LAW, *SCATTER, *CELLS)),
    ("yi2022", NUMBERS, ("array.delay=0.5", *SCATTER)),
    ("yi2022", (*MNIST, *NUMBERS), CELLS),
    ("yi2022", (*MNIST, "scheme.name=mixed-precision"), ("array.write_error=0.1",)),
    ("shi2018", ("array.weights=digital",), ("array.write_error=0.1",)),
]


@cache
def found(recipe, sets):
    """What a run says, its times left out, and what it was told of a DAC."""
    table = to_toml(registry.resolved(recipe, [*SMALL[recipe], *sets]))
    session = Session(RunFolder("nowhere"), Console(quiet=True), result_only=True)
    dataset = registry.data_of(recipe, registry.resolved(recipe, sets), load_digits)
    result = carry_out(recipe, registry.module_name(recipe), table, dataset, session)
    for one in result["usage"]:
        one.pop("dac_bits")
    return json.dumps({key: value for key, value in result.items() if "second" not in key}, default=str)


#: fields of schemes that no recipe has by default
SCHEME = ("scheme.dead_band", "scheme.loop.burst", "scheme.threshold", "scheme.error_threshold")
IDS = [f"{c[0]}-{c[2][0]}" for c in CASES]


@pytest.mark.parametrize(("recipe", "when", "idle"), CASES, ids=IDS)
def test_it_is_refused(recipe, when, idle):
    whole = to_toml(registry.resolved(recipe, [*when, *idle]))
    for one in idle:
        field = one.partition("=")[0]
        with pytest.raises(InputError, match=rf"^{field}: has no effect here, for .*; leave it out$"):
            require_effect(recipe, whole, [*when, one])


@pytest.mark.parametrize(
    ("recipe", "when", "idle"),
    [
        pytest.param(*c, id=name, marks=[pytest.mark.slow] * (n % 6 > 0))
        for n, (c, name) in enumerate(zip(CASES, IDS, strict=True))
    ],
)
def test_it_would_change_nothing(recipe, when, idle):
    assert found(recipe, when) == found(recipe, (*when, *idle))


def test_every_rule_names_fields_and_is_tried():
    tried = {item.partition("=")[0] for _, _, idle in CASES for item in idle}
    for recipe in registry.names():
        fields = flat(to_toml(registry.resolved(recipe))) | dict.fromkeys(SCHEME, 0)
        fields |= {f"{part}.{name}": None for part in ("array", "msp", "lsp") for name in DeviceTable.model_fields}
        for one in registry.about(recipe).idle:
            assert {*one.when, *one.unless} <= fields.keys()
            for name in one.fields:
                under = {key for key in fields if f"{key}.".startswith(f"{name}.")}
                assert under & tried, f"{recipe}: {name}"


def test_a_run_that_sets_it_never_begins_and_a_short_form_may_name_it(tmp_path, monkeypatch):
    monkeypatch.setattr("insitu.datasets.find", lambda *_: load_digits())
    with pytest.raises(InputError, match=r"images\.epochs: has no effect here, for data.task is braille"):
        insitu.run("yi2022", set={"images.epochs": 3}, out=tmp_path, quiet=True)
    assert not list(tmp_path.iterdir())
    require_effect("yi2022", to_toml(registry.resolved("yi2022")), registry.about("yi2022").quick)


def test_the_usual_settings_of_every_recipe_are_no_matter():
    for recipe in registry.names():
        require_effect(recipe, to_toml(registry.resolved(recipe)), ["seed=3", "scheme.name=blind-pulses"])
