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
from PIL import Image

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "datasets")]

from idx_files import NAMES, write_folder  # noqa: E402
from mutations import NASTY, damaged, other_arrays  # noqa: E402
from outcomes import TIMES, attacked, outcome  # noqa: E402
from own_files import blobs, write_csv, write_images  # noqa: E402

from insitu import datasets  # noqa: E402
from insitu.datasets.finding import read_folder  # noqa: E402
from insitu.devices import library  # noqa: E402
from insitu.devices.library import set_file  # noqa: E402
from insitu.ledger import costset  # noqa: E402
from insitu.measure import read_pulses  # noqa: E402
from insitu.recipes import registry  # noqa: E402
from insitu.recipes.claims import require_effect  # noqa: E402
from insitu.recipes.loading import flat, to_toml  # noqa: E402
from insitu.runs import RunFolder, load_checkpoint, save_checkpoint  # noqa: E402
from insitu.runs.writing import pack_npz, read_toml  # noqa: E402
from insitu.studies.matrix import read as read_matrix  # noqa: E402
from insitu.validation import validate  # noqa: E402

SETS = Path(set_file.__file__).parent / "sets"
RECIPES = ("shi2018", "yi2022", "cristiano2018")
TABLE = "device_id,pulse_index,polarity,amplitude_V,width_s,g_before_S,g_after_S\n"
TABLE += "".join(
    f"a,{i},{'+1' if i < 30 else '-1'},1.0,1e-6,{(i + 1) * 1e-7:g},{(i + 2) * 1e-7:g}\n" for i in range(60)
)
CURVES = "up,down\n" + "".join(f"{(i + 1) * 1e-7:g},{(40 - i) * 1e-7:g}\n" for i in range(40))


@pytest.mark.parametrize("text", [TABLE, CURVES], ids=["table", "curves"])
def test_pulses(text, tmp_path):
    path = tmp_path / "pulses.csv"
    assert attacked(f"pulses {len(text)}", text.encode(), lambda: read_pulses(path), path)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_tables_of_data(packed, tmp_path):
    path = write_csv(tmp_path / "mine.csv", "a,b,c,d,label", *blobs())
    content = path.read_bytes()
    if packed:
        path, content = tmp_path / "mine.csv.gz", gzip.compress(content, mtime=0)
    assert attacked(f"tables {packed}", content, lambda: datasets.load(path), path)


@pytest.mark.parametrize("kind", ["png", "jpg", "gif", "bmp", "tif", "webp", "ppm"])
def test_folders_of_images(kind, tmp_path):
    write_images(tmp_path, each=3)
    path = tmp_path / f"dark/0.{kind}"
    Image.fromarray(np.arange(108, dtype=np.uint8).reshape(6, 6, 3)).save(path)
    assert attacked(f"folder {kind}", path.read_bytes(), lambda: datasets.load(tmp_path), path)


def test_a_packed_table_that_claims_too_much(tmp_path):
    path = tmp_path / "mine.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"0,0\n" * 2**22))
    assert "unpacks to more than 200 times its size" in outcome(lambda: datasets.load(path))


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


@pytest.mark.parametrize("names", [("X", "y"), ("X_train", "y_train", "X_test", "y_test")], ids=len)
def test_arrays_of_data(names, tmp_path):
    path, arrays = tmp_path / "mine.npz", dict(zip(names, 2 * blobs(), strict=False))
    assert attacked(f"data {len(names)}", _packed(**arrays), lambda: datasets.load(path), path)
    chance, refused = random.Random(f"arrays {len(names)}"), 0
    for _ in range(TIMES):
        path.write_bytes(pack_npz(changed := other_arrays(chance, arrays)))
        try:
            refused += bool(outcome(lambda: datasets.load(path)))
        except BaseException as error:
            raise AssertionError(repr(changed)[:2000]) from error
    assert refused
    print(f"arrays {len(names)}: {TIMES} changed files, {refused} refused")


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
def test_recipes(recipe, tmp_path):
    text, path, kind = registry.toml_text(recipe), tmp_path / "recipe.toml", registry.carrier(recipe).Recipe

    def do():
        validate(kind, read_toml(path))

    assert attacked(f"recipe {recipe}", text.encode(), do, path, tomllib.loads(text), "toml")


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
