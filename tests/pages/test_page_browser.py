"""The page in a real browser: it renders, its console stays silent, it asks for nothing, and it fits a phone."""

import re
import shutil
import subprocess

import pytest
from page_runs import make_run

from insitu import pages
from insitu.ledger.amount import Amount
from insitu.pages.blocks import Page, Section
from insitu.pages.rendering import render
from insitu.reports.tables import Column, Table, words

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = (
    *(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ),
    *("--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--v=0"),
    "--host-resolver-rules=MAP * ~NOTFOUND",  # so that the browser itself asks nobody either
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")


def browse(tmp_path, path, *options):
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    command = [CHROMIUM, *OPTIONS, profile, *options, path.as_uri()]
    return subprocess.run(command, capture_output=True, timeout=120, check=True)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs")
    runs = [make_run(out, seed=0), make_run(out, "yi2022"), make_run(out, "cristiano2018", name="<script>alert(1)<b>")]
    return pages.report([run.path for run in runs], out / "report.html")


def test_it_renders_and_its_console_is_silent(tmp_path, report):
    done = browse(tmp_path, report, "--dump-dom")
    drawn, log = done.stdout.decode(), done.stderr.decode(errors="replace")
    assert "side by side" in drawn
    assert "</footer>" in drawn
    assert "CONSOLE" not in log, log


#: a page that filters a table in a frame, sorts it by energy twice by the keyboard's click, and says what it then shows
SORTER = """<title>?</title><body><iframe src="page.html"></iframe><script>
addEventListener("load", () => {
  const d = document.querySelector("iframe").contentDocument, table = d.querySelector("table.sorts");
  const heads = [...table.tHead.rows[0].cells], at = heads.findIndex(h => h.textContent === "Energy");
  const shown = () => [...table.tBodies[0].rows].filter(r => !r.hidden).map(r => r.cells[1].textContent).join("");
  const said = [shown()], field = d.querySelector(".filter input");
  for (let i = 0; i < 2; i++) { heads[at].querySelector("button").click(); said.push(shown(), heads[at].ariaSort); }
  field.value = "C 90"; field.dispatchEvent(new Event("input"));
  said.push(shown(), d.querySelector(".filter output").textContent);
  document.title = said.join();
});
</script>"""


def test_a_table_sorts_by_its_numbers_and_filters_its_rows(tmp_path):
    energies = {"A": 2e-6, "B": None, "C": 1, "D": 3e-3}  # 2 uJ is less than 3 mJ
    lines = [("x", name, value and Amount(0, value, 9), 90) for name, value in energies.items()]
    table = Table("T", (*words("System", "Device"), Column("Energy", "J"), Column("Correct")), lines, sorts=True)
    made = Page(title="t", lead="", cards=(), facts=(), sections=(Section("s", "S", (table,)),))
    (tmp_path / "page.html").write_text(render(made))  # its policy is on: it is the script's hash that lets it run
    (tmp_path / "probe.html").write_text(SORTER)
    drawn = browse(tmp_path, tmp_path / "probe.html", "--dump-dom", "--allow-file-access-from-files").stdout.decode()
    said = drawn.partition("<title>")[2].partition("</title>")[0]
    assert said == "ABCD,CDAB,descending,ADCB,ascending,C,1 of 4 rows"


#: a page that looks at the report in frames as wide as a phone and a desk
PROBE = """<title>?</title><body><script>
addEventListener("load", () => { document.title = [...document.querySelectorAll("iframe")].map(f => {
  const d = f.contentDocument, pictures = [...d.images];
  const asked = f.contentWindow.performance.getEntriesByType("resource").filter(e => !e.name.startsWith("data:"));
  const fits = d.documentElement.scrollWidth <= f.clientWidth;
  return [fits, pictures.length, pictures.every(p => p.naturalWidth > 0), asked.length].join();
}).join(";"); });
</script>"""


def probe(tmp_path, html):
    """Return for each frame: whether all fits its width, how many pictures, whether all loaded, how much was asked for."""
    (tmp_path / "page.html").write_text(html)
    frames = "".join(
        f'<iframe src="page.html" style="width:{w}px;height:900px;border:0"></iframe>' for w in (400, 1400)
    )
    (tmp_path / "probe.html").write_text(PROBE + frames)
    drawn = browse(tmp_path, tmp_path / "probe.html", "--dump-dom", "--allow-file-access-from-files").stdout.decode()
    return [frame.split(",") for frame in drawn.partition("<title>")[2].partition("</title>")[0].split(";")]


def test_nothing_is_too_wide_every_picture_loads_and_nothing_is_asked_for(tmp_path, report):
    html = report.read_text()
    policy = re.search(r"<meta http-equiv.*?>", html)
    free = html.replace(policy[0], "")  # so that nothing is only just forbidden
    pictures = str(html.count("<img "))
    assert probe(tmp_path, free) == [["true", pictures, "true", "0"]] * 2


def test_the_probe_sees_what_is_wrong(tmp_path, report):
    wide = '<div style="width:700px">w</div><img src="http://127.0.0.1:9/x.png"></footer>'
    html = report.read_text()
    policy = re.search(r"<meta http-equiv.*?>", html)
    phone, desk = probe(tmp_path, html.replace(policy[0], "").replace("</footer>", wide))
    assert (phone[0], desk[0]) == ("false", "true")
    assert (phone[2], phone[3]) == ("false", "1")
