"""Files and options of any content end in a value or in one sentence, within seconds and little memory."""

import gzip
import io
import json
import random
import struct
import sys
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import pytest

sys.path[:0] = [
    str(Path(__file__).parent),
    *(str(Path(__file__).parents[1] / name) for name in ("datasets", "reports")),
]

from idx_files import NAMES, write_folder  # noqa: E402
from mutations import NASTY, damaged, mutated  # noqa: E402
from page_runs import make_run  # noqa: E402
from systems import ROUNDS, SYSTEMS, digits_folder, limited  # noqa: E402

from insitu import terminal  # noqa: E402
from insitu.datasets.finding import read_folder  # noqa: E402
from insitu.devices import library  # noqa: E402
from insitu.devices.library import set_file  # noqa: E402
from insitu.errors import InsituError  # noqa: E402
from insitu.ledger import costset  # noqa: E402
from insitu.measure import read_pulses  # noqa: E402
from insitu.recipes import registry  # noqa: E402
from insitu.recipes.claims import require_effect  # noqa: E402
from insitu.recipes.loading import flat, to_toml  # noqa: E402
from insitu.recipes.running import resumed_job  # noqa: E402
from insitu.reports import page  # noqa: E402
from insitu.runs import RunFolder, load_checkpoint, save_checkpoint  # noqa: E402
from insitu.runs.pricing import price  # noqa: E402
from insitu.studies.matrix import read as read_matrix  # noqa: E402
from insitu.studies.opened import open_run  # noqa: E402

TIMES = 12 + 100 * ROUNDS
SETS = Path(set_file.__file__).parent / "sets"
RECIPES = ("shi2018", "yi2022", "cristiano2018")


def outcome(do) -> str:
    """Return the sentence that refuses an input, nothing if it is taken; whatever else is raised is a fault."""
    with limited():
        try:
            do()
        except InsituError as error:
            sentence = str(error)
            assert sentence.strip()
            assert len(sentence) <= 1000
            return sentence
    return ""


def attacked(name: str, content: bytes, do, path: Path, table=None, kind: str = "", times: int = TIMES) -> int:
    """Change a file many times, each time have it read; return how often it was refused."""
    chance, refused = random.Random(name), 0
    for _ in range(times):
        path.write_bytes(changed := mutated(chance, content, table, kind))
        try:
            refused += bool(outcome(do))
        except BaseException as error:
            raise AssertionError(f"{name}: {changed[:2000]!r}") from error
    print(f"{name}: {times} changed files, {refused} refused")
    return refused


TABLE = "device_id,pulse_index,polarity,amplitude_V,width_s,g_before_S,g_after_S\n"
TABLE += "".join(
    f"a,{i},{'+1' if i < 30 else '-1'},1.0,1e-6,{(i + 1) * 1e-7:g},{(i + 2) * 1e-7:g}\n" for i in range(60)
)
CURVES = "up,down\n" + "".join(f"{(i + 1) * 1e-7:g},{(40 - i) * 1e-7:g}\n" for i in range(40))


@pytest.mark.parametrize("text", [TABLE, CURVES], ids=["table", "curves"])
def test_pulses(text, tmp_path):
    path = tmp_path / "pulses.csv"
    assert attacked(f"pulses {len(text)}", text.encode(), lambda: read_pulses(path), path)


@pytest.mark.parametrize("place", range(4), ids=NAMES)
@pytest.mark.parametrize("packed", [True, False], ids=["gzip", "plain"])
def test_images(place, packed, tmp_path):
    folder = write_folder(tmp_path / "data", packed=packed)
    path = folder / (NAMES[place] + ".gz" * packed)
    assert attacked(f"images {place} {packed}", path.read_bytes(), lambda: read_folder(folder), path, times=TIMES // 4)


@pytest.mark.parametrize(
    "content",  # made by the test that reads it: what is packed here takes seconds, wherever tests are only collected
    [
        lambda: b"\0\0\x08\x03" + struct.pack(">3I", 10**9, 28, 28),
        lambda: gzip.compress(b"\0\0\x08\x03" + struct.pack(">3I", 600, 28, 28) + bytes(2**27), 9),
        lambda: gzip.compress(gzip.compress(bytes(2**24))),
        lambda: b"\0\0\x08\xff" + b"\0\0\0\1" * 255,
    ],
    ids=["a billion images", "a bomb", "packed twice", "255 dimensions"],
)
def test_images_that_claim_too_much(content, tmp_path):
    folder = write_folder(tmp_path / "data", packed=False)
    (folder / NAMES[0]).write_bytes(content())
    assert "error" not in outcome(lambda: read_folder(folder)) != ""


def _packed(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def _claiming(shape: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        head = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
        archive.writestr("a.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head)
    return file.getvalue()


def test_arrays(tmp_path):
    path = tmp_path / "arrays.npz"
    content = _packed(a=np.arange(50.0), b=np.zeros((3, 4), np.uint8))
    assert attacked("arrays", content, lambda: RunFolder(tmp_path).read_npz("arrays.npz"), path)


@pytest.mark.parametrize(
    "content",
    [
        lambda: _claiming("(1000000000000,)"),
        lambda: _claiming("(10000000,) * 10**9"),
        lambda: _claiming(f"({'9' * 4000},)"),
        lambda: _packed(a=np.zeros(2**28, np.uint8), b=np.zeros(2**28, np.uint8), c=np.zeros(2**29 + 2**28, np.uint8)),
    ],
    ids=["a terabyte", "no literal", "4000 digits", "a bomb"],
)
def test_arrays_that_claim_too_much(content, tmp_path):
    (tmp_path / "arrays.npz").write_bytes(content())
    assert "damaged" in outcome(lambda: RunFolder(tmp_path).read_npz("arrays.npz"))


@pytest.mark.parametrize("name", ["Ambrogio2018", "Shi2018"])
def test_device_sets(name, tmp_path):
    text = (SETS / f"{name}.toml").read_bytes()
    path = tmp_path / "mine.toml"
    table = tomllib.loads(text.decode())
    assert attacked(f"sets {name}", text, lambda: set_file.load_sets(path), path, table, "toml")
    shared = {key: value for key, value in table.items() if not isinstance(value, dict)}
    first = next(value for value in table.values() if isinstance(value, dict))
    alone = shared | {"mine": first}
    assert attacked(f"set {name}", text, lambda: library.load(str(path)), path, alone, "toml")


@pytest.mark.parametrize("name", ["metal-cbram", "asic-int8-45nm", "periphery-28nm"])
def test_cost_sets(name, tmp_path):
    text = (costset._FOLDER / f"{name}.toml").read_bytes()
    path = tmp_path / "mine.toml"
    table = tomllib.loads(text.decode())
    assert attacked(f"costs {name}", text, lambda: costset.load.__wrapped__(str(path)), path, table, "toml")


@pytest.mark.parametrize("recipe", RECIPES)
def test_options(recipe):
    chance, fields = random.Random(f"options {recipe}"), list(flat(to_toml(registry.resolved(recipe))))
    refused = 0
    for _ in range(TIMES):
        items = [f"{chance.choice(fields)}={_written(chance)}" for _ in range(chance.choice((1, 1, 2)))]
        if chance.random() < 0.2:
            items = [damaged(chance, items[0].encode(errors="replace")).decode(errors="surrogateescape")]

        def do(items=items):
            require_effect(recipe, to_toml(registry.resolved(recipe, items)), items)

        try:
            refused += bool(outcome(do))
        except BaseException as error:
            raise AssertionError(f"--set {items!r}"[:2000]) from error
    assert refused
    print(f"options {recipe}: {TIMES} changes, {refused} refused")


def _written(chance: random.Random) -> str:
    value = chance.choice((*NASTY, "9" * 100_000, "[" * 3000, "{a={a=", "0x" + "f" * 5000, "1979-05-27", "'", '"""'))
    return value if isinstance(value, str) else json.dumps(value)


def _use(folder: Path) -> None:
    opened = open_run(folder)
    for show in (repr, lambda one: one._repr_html_(), lambda one: one.as_dict(), lambda one: one.show(_quiet())):
        show(opened)


def _quiet():
    return terminal.console(stderr=True, quiet=True)


USES = {
    "open": _use,
    "page": lambda folder: page.report([str(folder)], folder / "page.html", ()),
    "price": lambda folder: price(str(folder), ()),
    "model": lambda folder: open_run(folder).model,
    "resume": lambda folder: resumed_job(RunFolder.open(folder)),
}


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("name", ["manifest.json", "recipe.toml", "result.json", "metrics.jsonl"])
def test_run_folders(recipe, name, tmp_path, monkeypatch):
    monkeypatch.setenv("INSITU_DATA", str(write_folder(tmp_path / "data")))
    folder = make_run(tmp_path, recipe, name="one").path
    (folder / "metrics.jsonl").write_text('{"images": 10, "accuracy": 0.5}\n{"images": 20, "accuracy": 0.7}\n')
    path, kind = folder / name, name.partition(".")[2]
    content = path.read_bytes()
    table = {"toml": tomllib.loads, "json": json.loads}.get(kind, lambda _: None)(content.decode())
    for use, do in USES.items():
        times = TIMES // (8 if use in ("page", "model") else 4)
        attacked(f"{recipe} {name} {use}", content, lambda do=do: do(folder), path, table, kind, times)


def test_checkpoints(tmp_path):
    folder = RunFolder(tmp_path)
    save_checkpoint(folder, {"a": np.arange(9)}, {"step": 3, "rows": []})
    path = tmp_path / "checkpoint.bin"
    assert attacked("checkpoint", path.read_bytes(), lambda: load_checkpoint(folder), path)


def test_studies(tmp_path):
    path = tmp_path / "matrix.csv"
    rows = "ideal,pair,write-verify,stdp,learns,0.9,0.9,\nideal,pair,tiki-taka,stdp,refused,,,\"a, 'b'\"\n"
    content = f"device,encoding,scheme,signal,verdict,accuracy,ideal,reason\n{rows}".encode()
    assert attacked("matrix", content, lambda: read_matrix(path), path)


def _other_arrays(chance: random.Random, arrays: dict) -> dict:
    """Return arrays of which one is lost, or of another shape, kind or content."""
    name = chance.choice(sorted(arrays))
    one = arrays[name]
    others = [one.ravel(), one[..., None], one.astype(np.float16), one.astype("U3"), one.astype(complex), one[:0]]
    others += [np.zeros(()), np.full(3, np.nan), np.full_like(one, -1 if one.dtype.kind != "u" else 255), one[:1]]
    others += [np.full(one.shape, np.inf), np.zeros((*one.shape, 2)), np.array([10**9, 10**9, 3])]
    found = {key: value for key, value in arrays.items() if key != name}
    return found if chance.random() < 0.1 else found | {name: chance.choice(others) if one.ndim else others[-1]}


@pytest.mark.skipif(not ROUNDS, reason="trains first; INSITU_ATTACK=1 does")
@pytest.mark.parametrize("recipe", RECIPES)
def test_run_folders_of_trained_networks(recipe, tmp_path, monkeypatch):
    monkeypatch.setenv("INSITU_DATA", str(digits_folder(tmp_path)))
    SYSTEMS[recipe].finish(tmp_path)
    folder = RunFolder.open(tmp_path / SYSTEMS[recipe].folder)
    for name, parse in {"manifest.json": json.loads, "recipe.toml": tomllib.loads, "result.json": json.loads}.items():
        content = (folder.path / name).read_bytes()
        for use, do in USES.items():
            times = TIMES // (8 if use in ("page", "model") else 4)
            kind = name.partition(".")[2]
            path, table = folder.path / name, parse(content.decode())
            attacked(f"trained {recipe} {name} {use}", content, lambda do=do: do(folder.path), path, table, kind, times)
        (folder.path / name).write_bytes(content)
    chance, arrays, refused = random.Random(recipe), folder.read_npz("arrays.npz"), 0
    for use in ("model", "page"):
        for _ in range(TIMES // 4):
            folder.write_npz("arrays.npz", _other_arrays(chance, arrays))
            refused += bool(outcome(lambda use=use: USES[use](folder.path)))
    print(f"trained {recipe} arrays.npz: {TIMES // 4 * 2} changed files, {refused} refused")
