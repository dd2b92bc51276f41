"""Data of a person's own, from files and folders: read back as written, or refused in a sentence."""

import gzip

import numpy as np
import pytest
from idx_files import NAMES, idx, write_folder
from own_files import blobs, write_csv, write_images
from PIL import Image

from insitu import memory
from insitu.datasets import lasting, load
from insitu.errors import DataError, InputError

X, Y = blobs()


def everything(dataset):
    """Features of both parts, by class, sorted."""
    rows = np.concatenate([dataset.train_images, dataset.test_images])
    labels = np.concatenate([dataset.train_labels, dataset.test_labels])
    return {dataset.names[k]: rows[labels == k][np.lexsort(rows[labels == k].T)] for k in range(dataset.classes)}


@pytest.mark.parametrize("between", [",", ";", "\t"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_table_is_read_back(tmp_path, between, packed):
    path = write_csv(tmp_path / "t.csv", "p,q,r,s,kind", X, Y)
    text = path.read_text().replace(",", between)
    path = tmp_path / ("t.csv.gz" if packed else "t.csv")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    dataset = load(path)
    assert (dataset.name, dataset.names, dataset.shape) == (path.name, ("a", "b", "c"), None)
    assert (len(dataset.train_images), len(dataset.test_images)) == (48, 12)
    for label, rows in everything(dataset).items():
        wanted = dataset.scaling(X["abc".index(label) == Y])
        np.testing.assert_allclose(rows, wanted[np.lexsort(wanted.T)], atol=1e-4)
    assert "labels are column 'kind', the last one" in dataset.note


@pytest.mark.parametrize(
    ("header", "column", "says"),
    [
        ("class,q,r,s,kind", None, "column 'class', so called"),
        ("p,Label,r,y,target", None, "column 'Label', so called"),
        ("p,q,r,s,kind", "q", "column 'q', named"),
    ],
)
def test_the_label_column_is_named_looked_for_or_the_last(tmp_path, header, column, says):
    path = tmp_path / "t.csv"
    np.savetxt(
        path, np.random.default_rng(0).integers(0, 3, (60, 5)), fmt="%d", delimiter=",", header=header, comments=""
    )
    assert says in load(f"{path}#{column}" if column else path).note


def test_columns_that_number_the_rows_are_left_out(tmp_path):
    path = write_csv(tmp_path / "t.csv", "Id,q,r,s,kind", X, Y)
    dataset = load(path)
    assert dataset.train_images.shape == (48, 3)
    assert "and Id is left out" in dataset.note


def test_npz_with_parts_and_without(tmp_path):
    np.savez(tmp_path / "parts.npz", X_train=X[:40], y_train=Y[:40], X_test=X[40:], y_test=Y[40:])
    np.savez_compressed(tmp_path / "whole.npz", X=X.astype(np.float32), y=np.array(["u", "v", "w"])[Y], more=[1])
    parts, whole = load(tmp_path / "parts.npz"), load(tmp_path / "whole.npz")
    assert (len(parts.train_images), len(whole.train_images)) == (40, 48)
    np.testing.assert_array_equal(np.array(parts.names)[parts.test_labels], Y[40:])
    assert whole.names == ("u", "v", "w")


@pytest.mark.parametrize("colours", [1, 3])
def test_folders_of_images_are_read_back(tmp_path, colours):
    images = write_images(tmp_path / "mine", colours)
    (tmp_path / "mine" / "dark" / "notes.txt").write_text("not an image")
    dataset = load(tmp_path / "mine")
    assert (dataset.name, dataset.names) == ("mine/", ("bright", "dark"))
    assert dataset.shape == ((6, 6) if colours == 1 else (6, 3, 6))
    found = everything(dataset)
    for label, some in (("bright", images[:10]), ("dark", images[10:])):
        rows = (np.moveaxis(some, 3, 2) if colours == 3 else some).reshape(10, -1)
        np.testing.assert_array_equal(found[label], rows[np.lexsort(rows.T)])


def test_train_and_test_folders_are_taken_as_they_are(tmp_path):
    write_images(tmp_path / "mine" / "train", 1)
    write_images(tmp_path / "mine" / "test", 1, each=3)
    dataset = load(tmp_path / "mine")
    assert (len(dataset.train_images), len(dataset.test_images)) == (20, 6)


def test_one_image_in_colour_makes_all_so(tmp_path):
    write_images(tmp_path / "mine", 1)
    Image.new("RGB", (6, 6), (9, 8, 7)).save(tmp_path / "mine" / "dark" / "more.png")
    assert load(tmp_path / "mine").shape == (6, 3, 6)


def test_idx_of_any_shape_and_any_labels(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (30, 2, 3, 3), dtype=np.uint8)
    labels = np.arange(30) % 26 + 1
    parts = [np.concatenate([images] * 2), np.r_[labels, labels], images, labels]
    for name, array in zip(NAMES, parts, strict=True):
        (tmp_path / name.replace("idx3", "idx4")).write_bytes(idx(array))
    dataset = load(tmp_path)
    assert (dataset.name, dataset.shape, dataset.classes, dataset.names[0]) == ("idx", (2, 3, 3), 26, 1)


def test_what_is_named_is_found_from_another_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "t.csv", "p,q,r,s,kind", X, Y)
    assert lasting("t.csv#kind") == f"{tmp_path / 't.csv'}#kind"
    assert lasting("kmnist") == "kmnist"
    assert load(lasting("t.csv#kind")).sha256 == load("t.csv").sha256
    (tmp_path / "a#b.csv").write_text((tmp_path / "t.csv").read_text())  # a name comes before a column
    assert load("a#b.csv").sha256 == load("t.csv").sha256
    assert load("a#b.csv#kind").sha256 == load("t.csv").sha256


def _table(text):
    return lambda folder: (folder / "t.csv").write_text(text) and "t.csv"


def _npz(**arrays):
    return lambda folder: np.savez(folder / "t.npz", **arrays) or "t.npz"


def _images(change):
    def make(folder):
        write_images(folder / "mine")
        change(folder / "mine" / "dark" / "zz.png")
        return "mine"

    return make


GOOD = "a,b,kind\n1,2,u\n3,4,v\n5,6,u\n7,8,v\n"
WRONG = {
    "nothing": (lambda _: "t.csv", "no such file, folder or name"),
    "a name": (lambda _: "fashion", "did you mean 'fashion-mnist'"),
    "a kind": (lambda f: (f / "t.xyz").write_text("1") and "t.xyz", "of a kind that is not known"),
    "empty csv": (_table(" "), "t.csv: cannot be read as CSV .No columns"),
    "no rows": (_table("a,b,kind\n"), "has 0 rows of 3 columns"),
    "one column": (_table("a\n1\n2\n"), "of 1 columns"),
    "no header": (_table("1,2,0\n3,4,1\n5,6,0\n7,8,1\n"), "begins with numbers"),
    "no labels": (
        _table("a,b\n1,0.5\n2,0.25\n3,0.1\n"),
        "the label 0.5 is no class.*another label column: .*#COLUMN, of a, b",
    ),
    "missing label": (_table(GOOD.replace("7,8,v", "7,8,")), "label column 'kind': nothing.* in row 4"),
    "missing value": (_table(GOOD.replace("3,4,v", "3,,v")), "in row 2, column 'b'"),
    "infinity": (_table(GOOD.replace("3,4,v", "3,inf,v")), "in row 2, column 'b'"),
    "text": (_table(GOOD.replace("3,4,v", "3,red,v")), "column 'b' holds text, such as"),
    "ragged": (_table(GOOD.replace("3,4,v", "3,4,v,9")), "cannot be read as CSV"),
    "all ragged": (_table("a,b,kind\n1,2,u,9\n3,4,v,9\n"), "cannot be read as CSV"),
    "bytes": (lambda f: (f / "t.csv").write_bytes(b"\xff\xfe\x00a,b\n\x81") and "t.csv", "cannot be read as CSV"),
    "column": (lambda f: _table(GOOD)(f) and "t.csv#knd", "has no column 'knd'; did you mean 'kind'"),
    "column of npz": (lambda f: _npz(X=X, y=Y)(f) + "#y", "for .csv files only"),
    "other arrays": (_npz(data=X), "holds data; allowed are X_train"),
    "objects": (_npz(X=np.array([{}]), y=Y), "cannot be read as .npz"),
    "no npz": (lambda f: (f / "t.npz").write_text("PK") and "t.npz", "cannot be read as .npz"),
    "unseen": (_npz(X_train=X, y_train=np.minimum(Y, 1), X_test=X, y_test=Y), "2 of the test part is no class"),
    "no images": (lambda f: (f / "mine" / "x").mkdir(parents=True) or "mine", "holds no images"),
    "no folders": (lambda f: (f / "mine").mkdir() or "mine", "holds no folder of images"),
    "sizes": (_images(lambda p: Image.new("RGB", (6, 7)).save(p)), "zz.png: is 7 x 6 pixels, .* 6 x 6"),
    "deep": (_images(lambda p: Image.fromarray(np.zeros((6, 6), np.uint16)).save(p)), "zz.png: has pixels of kind I"),
    "damaged": (_images(lambda p: p.write_bytes(b"\x89PNG")), "zz.png: cannot be read as an image"),
    "cut": (
        _images(lambda p: p.write_bytes((p.parent / "00.png").read_bytes()[:70])),
        "zz.png: cannot be read as an image",
    ),
    "half idx": (lambda f: (f / NAMES[0]).write_bytes(b"") or ".", "not found; a data folder holds"),
}


@pytest.mark.parametrize(("make", "words"), WRONG.values(), ids=list(WRONG))
def test_what_cannot_be_used_is_refused_in_a_sentence(tmp_path, monkeypatch, make, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=words) as refusal:
        load(make(tmp_path))
    assert "\n" not in str(refusal.value)


def test_what_has_no_room_is_refused_with_its_size_before_it_is_read(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "t.npz", X=np.zeros((1000, 5000)), y=np.arange(1000) % 2)
    assert (tmp_path / "t.npz").stat().st_size < 100_000  # 40 MB unpacked
    write_csv(tmp_path / "t.csv", "p,q,r,s,kind", X, Y)
    write_images(tmp_path / "mine")
    monkeypatch.setattr(memory, "free_memory", lambda: 1e3)
    monkeypatch.setattr(np, "load", lambda *_, **__: pytest.fail("read"))
    with pytest.raises(InputError, match=r"t.npz takes 0.0 GB of memory or more, but 0.0 GB are free"):
        load(tmp_path / "t.npz")
    for name in ("t.csv", "mine"):
        with pytest.raises(InputError, match=f"{name} takes .* GB are free"):
            load(tmp_path / name)


def test_mnist_s_own_format_is_mnist_s_own(tmp_path):
    from insitu.datasets import find

    folder = write_folder(tmp_path / "mine")
    assert load(folder).sha256 == find(folder).sha256


@pytest.mark.parametrize(("at", "value"), [(6, 173), (10, 99)], ids=["version", "compression"])
def test_an_archive_of_a_kind_that_nobody_unpacks_is_refused(tmp_path, at, value):
    """What zipfile does not know is neither an OSError nor a ValueError."""
    path = tmp_path / "t.npz"
    np.savez(path, X=X, y=Y)
    packed = bytearray(path.read_bytes())
    packed[packed.index(b"PK\1\2") + at] = value
    path.write_bytes(packed)
    with pytest.raises(DataError, match=r"t\.npz: cannot be read as \.npz"):
        load(path)


def test_half_precision_is_read_without_a_warning(tmp_path):
    np.savez(tmp_path / "t.npz", X=X.astype(np.float16), y=Y.astype(np.float16))
    assert load(tmp_path / "t.npz").names == (0, 1, 2)
