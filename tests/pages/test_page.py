"""What stands on the page, and that it loads nothing and escapes everything."""

import base64
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from page_runs import make_run

from insitu import open_run, pages
from insitu.errors import InsituError
from insitu.pages import pictures
from insitu.pages.loading import load_runs
from insitu.pages.rendering import without_folders
from insitu.pages.wear import coarse, write_counts
from insitu.reports.captions import CAPTIONS

_VOID = {"meta", "img", "br", "link"}


class Reader(HTMLParser):
    """Keeps the text of every element, the attributes, and whether the tags close each other."""

    def __init__(self, text):
        super().__init__()
        self.open, self.found, self.cells, self.texts = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)
        if tag == "tr":
            self.cells.append([])
        if tag in ("td", "th"):
            self.cells[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)
        if "td" in self.open or "th" in self.open:
            self.cells[-1][-1] += data.strip()

    def all(self, tag):
        return [attrs for name, attrs in self.found if name == tag]

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())

    def row(self, head):
        return next(row for row in self.cells if row[0] == head)


def read(*paths, out=None):
    written = pages.report([getattr(path, "path", path) for path in paths], out)
    return Reader(written.read_text(encoding="utf-8"))


def test_the_first_screen_answers_what_how_well_and_against_what(tmp_path):
    shown = read(
        *(make_run(tmp_path, seed=s, accuracy=a) for s, a in enumerate((0.92, 0.93, 0.94))), out=tmp_path / "p"
    )
    before = shown.text.partition("Results")[0]
    for words in (
        "shi2018 on MNIST",
        "93.00 ± 1.00 %",
        "mean ± standard deviation of 3 seeds",
        "The paper: 93 % stated",
    ):
        assert words in before.replace("\xa0", " "), words
    assert "all of mnist. SHA-256 mnist-012345" in before
    assert "the recipe as it is shipped, with our choices" in before
    assert shown.row("test images named correctly")[1:] == ["93.00 %", "1.00 %"]


def test_a_single_run_has_no_spread_and_says_what_was_changed(tmp_path):
    folder = make_run(tmp_path, sets=["training.epochs=1"])
    shown = read(folder)
    assert (folder.path / "report.html").is_file()
    assert "one seed, so no spread; settings changed: training.epochs" in shown.text
    assert "training.epochs = 1 (recipe: 3)" in shown.text
    assert "±" not in shown.text.partition("Beside the paper")[0]


@pytest.mark.parametrize("sets", [[], ["pruning.method=none"]])  # with a claim of the paper, and without
def test_the_headline_stands_beside_the_network_without_learning(tmp_path, sets):
    words = "Test images without learning (initial weights): 78.00 %"
    assert words in read(make_run(tmp_path, sets=sets, untrained_accuracy=0.78)).text.partition("Results")[0]
    assert "without learning" not in read(make_run(tmp_path, sets=sets, seed=1)).text.partition("Results")[0]


def test_our_number_stands_beside_a_claim_only_where_it_is_comparable(tmp_path):
    soft = read(make_run(tmp_path))
    headline = soft.row("MNIST, up to 75 % of the weights soft-pruned")
    assert (headline[1], headline[3]) == ("93 %", "stated")
    ours, treated = headline[2].split("; ", 1)
    assert ours == "93.00 % (test images named correctly)"
    assert treated == "hold (value of soft-pruned weights; one constant for all in the paper, their own with hold)"
    constant = read(make_run(tmp_path, sets=["pruning.value=-1"]))
    ours = constant.row("MNIST, up to 75 % of the weights soft-pruned")[2]
    assert "; -1 (value of soft-pruned weights; one constant" in ours
    other = soft.row("MNIST, 40 % of the weights pruned the conventional way")
    assert other[2] == "not comparable: needs pruning.method = conventional and pruning.fraction = 0.4"
    sets = ["pruning.method=conventional", "pruning.fraction=0.4"]
    hard = read(make_run(tmp_path, sets=sets, accuracy=0.92, accuracy_vote=0.88))
    by_both = hard.row("MNIST, 40 % of the weights pruned the conventional way")[2]
    assert by_both == "92.00 % (test images named correctly); 88.00 % (test images by vote, each neuron for one class)"
    assert "not comparable" in hard.row("MNIST, up to 75 % of the weights soft-pruned")[2]
    assert "under 90 %" in hard.text.partition("Results")[0]  # the claim that these settings answer is the headline


def test_settings_and_systems_side_by_side(tmp_path):
    runs = [
        make_run(tmp_path, seed=0),
        make_run(tmp_path, seed=1, accuracy=0.95),
        make_run(tmp_path, sets=["network.neurons=100"], accuracy=0.9, neurons=100),
        make_run(tmp_path, "yi2022"),
    ]
    shown = read(*runs, out=tmp_path / "p.html")
    heads = shown.row("What")
    assert heads == ["What", "shi2018, neurons 500 (2 seeds)", "shi2018, neurons 100 (1 seed)", "yi2022 (1 seed)"]
    assert shown.row("test images named correctly")[1:] == ["94.00 ± 1.41 %", "90.00 %", "–"]
    assert shown.text.count("@article{shi2018,") == shown.text.count("@article{yi2022,") == 1
    ids = [attrs["id"] for _, attrs in shown.found if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_a_repeated_seed_is_counted_once_and_told(tmp_path):
    one, two = make_run(tmp_path, accuracy=0.9), make_run(tmp_path, accuracy=0.9, name="again")
    shown = read(one, two, one, out=tmp_path / "p.html")
    assert "again repeats shi2018-s0, seed included; counted once." in shown.text
    assert "one seed, so no spread" in shown.text


def test_counts_wear_and_manifest(tmp_path):
    shown = read(make_run(tmp_path))
    assert shown.row("reads") == ["reads", "2,000,000", "5"]
    assert "Not priced: an older insitu made this run" in shown.text
    assert shown.row("array") == ["array", "70", "34.5", "68", "69"]  # 0 ... 69
    assert '"platform": "a machine"' in shown.text
    assert shown.row("network.neurons")[:2] == ["network.neurons", "500"]


def test_a_run_without_arrays_figures_and_ledger_has_a_page_too(tmp_path):
    folder = make_run(tmp_path, "cristiano2018", ledger={})
    (folder.path / "arrays.npz").unlink()
    for path in folder.figures.iterdir():
        path.write_bytes(b"")
    shown = read(folder)
    assert not shown.all("img")
    assert "98.10 %" in shown.row("test accuracy against the same network in software")[2]


EVIL = "<script>alert(1)</script>"


def test_text_from_a_user_is_escaped_everywhere(tmp_path):
    folder = make_run(tmp_path, sets=[f"array.device={EVIL}"], name=EVIL.replace("/", ""), device=EVIL)
    manifest = json.loads((folder.path / "manifest.json").read_text())
    manifest["argv"] += [EVIL, '"><img src=x onerror=alert(1)>']
    manifest["dataset"]["note"] = EVIL
    folder.write_json("manifest.json", manifest)
    other = make_run(tmp_path, sets=["array.device=ideal"])
    written = pages.report([folder.path, other.path], tmp_path / "p.html").read_text()
    assert "<script" not in written
    assert written.count("&lt;script&gt;") >= 4
    shown = Reader(written)
    assert shown.open == []
    assert not any("onerror" in attrs for _, attrs in shown.found)
    assert "<script" not in open_run(folder.path)._repr_html_()


def test_nothing_leaves_the_file(tmp_path):
    shown = read(make_run(tmp_path), make_run(tmp_path, "yi2022"), out=tmp_path / "p.html")
    tags = {tag for tag, _ in shown.found}
    assert not tags & {"script", "link", "iframe", "object", "embed", "form", "video", "audio", "base", "source"}
    for tag, attrs in shown.found:
        assert attrs.get("src", "data:image/").startswith("data:image/"), tag
        assert attrs.get("href", "#").startswith("#"), tag
        assert "style" not in attrs
        assert not any(name.startswith("on") for name in attrs), tag
    (policy,) = [m["content"] for m in shown.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")
    style = (tmp_path / "p.html").read_text().partition("<style>")[2].partition("</style>")[0]
    assert not re.search(r"url\(|@import|https?:", style)
    for attrs in shown.all("img"):
        kind, _, packed = attrs["src"].partition(";base64,")
        picture = base64.b64decode(packed)
        assert kind != "data:image/svg+xml" or b"<script" not in picture
    anchors = {attrs["href"] for attrs in shown.all("a")}
    ids = {f"#{attrs['id']}" for _, attrs in shown.found if "id" in attrs}
    assert anchors <= ids


def test_structure_that_a_screen_reader_needs(tmp_path):
    shown = read(make_run(tmp_path))
    tags = [tag for tag, _ in shown.found]
    assert tags.count("main") == tags.count("h1") == tags.count("nav") == 1
    assert shown.all("html")[0]["lang"] == "en"
    assert all(attrs["alt"] for attrs in shown.all("img"))
    assert len(shown.all("caption")) == len(shown.all("table"))
    assert all(attrs["scope"] in ("row", "col") for attrs in shown.all("th"))
    assert shown.all("a")[0] == {"class": "skip", "href": "#content"}
    regions = [attrs for attrs in shown.all("div") if attrs.get("class") == "scroll"]
    assert all(attrs["tabindex"] == "0" and attrs["aria-label"] for attrs in regions)
    assert shown.open == []


def _luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_contrast_of_text_in_light_and_dark():
    style = (Path(pages.__file__).parent / "page.css").read_text()
    schemes = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    for scheme in schemes:
        colors = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", scheme))
        for text in ("ink", "soft", "accent", "stated", "inferred"):
            for ground in ("ground", "raised", "wash"):
                high, low = sorted((_luminance(colors[text]), _luminance(colors[ground])), reverse=True)
                assert (high + 0.05) / (low + 0.05) >= 4.5, (text, ground)
    assert len(schemes) == 2


def test_the_same_run_gives_the_same_bytes(tmp_path):
    folder = make_run(tmp_path)
    first = pages.write_page(folder).read_bytes()
    assert pages.write_page(folder).read_bytes() == first


def test_a_page_stays_small_and_says_what_it_leaves_out(tmp_path, monkeypatch):
    folder = make_run(tmp_path)
    (folder.figures / "huge.svg").write_bytes(b"<svg" + b" " * pictures._VECTOR + b"/>")
    (folder.figures / "huge.png").write_bytes(b"\x89PNG")
    sources = {attrs["alt"]: attrs["src"] for attrs in read(folder).all("img")}
    assert sources["Figure: huge"].startswith("data:image/png")  # the vector one is too large
    assert sources["Figure: accuracy"].startswith("data:image/svg+xml")
    (folder.figures / "huge.png").write_bytes(b"\x89PNG" + b"0" * pictures.FIGURES)
    shown = read(folder)
    assert "Left out, to keep this page small: huge; see the run folders." in shown.text
    assert (folder.path / "report.html").stat().st_size < 5_000_000


def _unfinished(folder):
    (folder.path / "result.json").unlink()


def _broken_result(folder):
    (folder.path / "result.json").write_text('{"accuracy": 0.')


def _broken_recipe(folder):
    (folder.path / "recipe.toml").write_text("= 3")


def _broken_arrays(folder):
    (folder.path / "arrays.npz").write_bytes(b"PK")


def _wrong_writes(folder):
    folder.write_npz("arrays.npz", {"writes": np.zeros(3)})


def _newer(folder):
    folder.write_json("manifest.json", json.loads((folder.path / "manifest.json").read_text()) | {"format": 99})


def _no_manifest(folder):
    (folder.path / "manifest.json").unlink()


def _other_recipe(folder):
    folder.write_json("manifest.json", json.loads((folder.path / "manifest.json").read_text()) | {"recipe": "shi2081"})


BAD = [
    (_unfinished, r"not finished, it has no result\.json; go on with: insitu run --resume"),
    (_broken_result, r"result\.json: damaged"),
    (_broken_recipe, r"recipe\.toml: damaged"),
    (_broken_arrays, r"arrays\.npz: damaged"),
    (_wrong_writes, r"arrays\.npz: damaged, writes is no table"),
    (_newer, "newer insitu"),
    (_no_manifest, "not a run folder"),
    (_other_recipe, "did you mean 'shi2018'"),
]


@pytest.mark.parametrize(("harm", "words"), BAD, ids=[harm.__name__ for harm, _ in BAD])
def test_a_bad_folder_is_one_sentence_and_nothing_is_written(tmp_path, harm, words):
    folder = make_run(tmp_path)
    harm(folder)
    with pytest.raises(InsituError, match=words) as told:
        pages.report([folder.path, make_run(tmp_path).path], tmp_path / "p.html")
    assert "\n" not in str(told.value)
    assert not (tmp_path / "p.html").exists()


def test_a_run_shows_itself_in_a_notebook(tmp_path):
    opened = open_run(make_run(tmp_path).path)
    shown = Reader(opened._repr_html_())
    assert "shi2018 on MNIST" in shown.text
    assert shown.row("test images named correctly") == ["test images named correctly", "93.00 %"]
    assert "the paper: 93 % (stated)" in shown.text
    assert opened.result["accuracy"] == 0.93
    assert "shi2018" in repr(opened)
    assert "jinja2" in sys.modules


def test_a_pixel_of_the_map_is_the_most_worn_of_its_cells():
    writes = np.zeros((2, 300, 500), np.int64)
    writes[1, 299, 499] = 9
    picture = coarse(writes)
    assert picture.shape == (2 * 150, 125)
    assert picture.max() == picture[-1, -1] == 9
    small = np.arange(70).reshape(2, 5, 7)
    np.testing.assert_array_equal(coarse(small), small.reshape(10, 7))


def test_names_of_arrays_of_writes():
    zeros = np.zeros((1, 2, 3), np.uint32)
    keys = (
        "writes",
        "msp_writes_0",
        "fast_writes_1",
        "two_layer.1.writes",
        "one_layer.writes",
        "one_layer.fast_writes",
    )
    found = write_counts(dict.fromkeys(keys, zeros) | {"g": zeros})
    assert list(found) == ["array", "layer 1 MSP", "layer 2 fast", "two layers, layer 2", "one layer", "one layer fast"]


def test_a_group_is_what_differs_in_the_seed_alone(tmp_path):
    from insitu.pages.loading import grouped

    paths = [make_run(tmp_path, seed=s).path for s in (0, 1)] + [make_run(tmp_path, sets=["wta.gain=3.0"]).path]
    groups, repeated = grouped(load_runs(paths))
    assert [len(group.runs) for group in groups] == [2, 1]
    assert [group.name for group in groups] == ["gain 2", "gain 3"]
    assert not repeated


def test_every_caption_is_short():
    assert all(40 < len(says) < 130 and says.endswith(".") for says in CAPTIONS.values())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("MNIST from /home/ada/.cache/insitu/mnist.", "MNIST from …/mnist."),
        ('"argv": ["/usr/bin/insitu", "run"]', '"argv": ["…/insitu", "run"]'),
        (f"device = {Path.home()}/x/dev.py (recipe: auto)", "device = …/dev.py (recipe: auto)"),
        (r"C:\Users\ada\dev.py", "…/dev.py"),
        ("https://doi.org/10.1038/s41467, runs/a/b, and/or 1/2 J/pulse /s", None),
    ],
)
def test_a_page_names_no_folders_of_the_machine(text, shown):
    assert without_folders(text) == (shown or text)
