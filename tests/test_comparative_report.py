"""The comparative report on corpora that are small, lopsided, nameless or hostile: it runs, and says what it cannot."""

import csv
import json
import re
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from itertools import cycle, islice
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import unquote

import pytest
from in_process import run_report_here

from framing.engines.checksums import CHECKSUMS
from framing.engines.linear import MODELS

pytestmark = pytest.mark.skipif(not (MODELS / CHECKSUMS).is_file(), reason="needs the models of the linear engine")

# Invented, and as hard on one side as on the other. Articles of one wording have different sentences of it.
PLAIN = (
    "The council of {town} approved a budget of {n} million crowns.",
    "Mayor Dana Orrell said the plan would pay for two schools in {town}.",
    "Opposition leader Milo Bracken said the loans were too large.",
    "The vote in {town} was {n} to 11.",
    "The bridge over the river opens to traffic in {n} days.",
    "“We will publish the accounts in May,” Orrell told the assembly.",
    "Bracken asked for a list of all contracts above {n} thousand crowns.",
    "Buses between {town} and the coast run every {n} minutes.",
)
LOUD = (
    "The utterly shameless council of {town} rammed through a disastrous budget.",
    "Mayor Dana Orrell claimed the reckless plan would pay for two schools in {town}.",
    "Furious firebrand Milo Bracken blasted the ruinous loans.",
    "This cynical fiasco of {n} million crowns is an outrage.",
    "The hapless regime has betrayed {n} thousand families.",
    "“We will publish the accounts in May,” Orrell crowed to a stunned assembly.",
    "Bracken lashed out at a scandalous list of botched contracts.",
    "The appalling buses of {town} are a national embarrassment.",
)
CALM = (
    "The train to {town} left at {n}.",
    "It arrived before noon.",
    "The next one leaves tomorrow.",
    "It has {n} seats.",
)
TOWNS = ("Halm", "Oster", "Brinmouth", "Tarrow", "Vess", "Karn", "Dunmere", "Ilk", "Pell", "Roon")
MARKUP = "</title><img src=x onerror=document.documentElement.dataset.fired=1>"
LONG = "O" * 300
RIGHT_TO_LEFT = "\u202eשופר העיר"


def article(number, outlet, wording=PLAIN, **more):
    """One article; of one number all outlets tell the same story."""
    told = list(islice(cycle(wording), (number + turned(outlet)) % len(wording), 40, 1 + number % 2 * 2))[:4]
    row = {
        "id": f"{outlet}/{number}",
        "outlet": outlet,
        "date": f"2026-03-{number % 27 + 1:02d}",
        "title": f"Council of {TOWNS[number % 10]} votes",
        "event": f"e{number}",
        "text": " ".join(told).format(town=TOWNS[number % 10], n=number + 12),
    }
    return {**row, **more}


def turned(outlet):
    """A number of an outlet's own, so that no two outlets pick the same sentences for a story."""
    return sum(place * ord(sign) for place, sign in enumerate(outlet, 1))


def each(outlets, count=6, wording=PLAIN, **more):
    return [article(number, outlet, wording, **more) for outlet in outlets for number in range(count)]


NAMES = [MARKUP, LONG, RIGHT_TO_LEFT, "../../etc", "$x^2$ {braces}", "A & B", "a b"]
TWO = ["Northgate Wire", "Daily Klaxon"]
LONE = "The Lone Lantern"
CORPORA = {
    # What is wrong with it: its articles, and parameters.
    "one outlet": (each(TWO[:1]), {}),
    "one article, and a target that nobody mentions": (
        [*each(TWO), article(0, LONE)],
        {"targets": ["Dana Orrell", MARKUP]},
    ),
    "one story, no dates, no titles": (
        each(TWO[:1], 6, LOUD, event="e1", date="", title="") + each(TWO[1:], event="e1", date="", title="  "),
        {},
    ),
    "hostile names": (each(NAMES[:3], 6, LOUD) + each(NAMES[3:], 6, title=MARKUP) + each(["", "  "], 2), {}),
    "40 outlets": (each([f"Outlet {number:03d}" for number in range(40)], 2), {}),
    "nothing loaded": (each(TWO, 8, CALM), {}),
    "two outlets": (each(TWO[:1], 12, LOUD) + each(TWO[1:], 12), {}),
}


@dataclass
class Report:
    """A finished run."""

    folder: Path

    @cached_property
    def page(self):
        return (self.folder / "report.html").read_text("utf-8")

    @cached_property
    def text(self):
        """What a reader sees, without figures."""
        return words(self.page)

    @cached_property
    def findings(self):
        return json.loads((self.folder / "manifest.json").read_text("utf-8"))["findings"]

    def table(self, name):
        with (self.folder / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as source:
            return list(csv.DictReader(source))


def words(page):
    page = re.sub(r"<(svg|style|script)\b.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def run(rows, folder, *, force=False, targets=(), **parameters):
    folder.mkdir(exist_ok=True)
    path = folder / "articles.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    if targets:
        (folder / "targets.yaml").write_text(json.dumps({"targets": list(targets)}), encoding="utf-8")
        parameters["targets_file"] = str(folder / "targets.yaml")
    given = {"corpus": str(path), "engine": "linear", "bootstrap": 100, "events": "column", **parameters}
    return Report(run_report_here("comparative", given, reports=folder / "reports", force=force))


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Each corpus reported on once, when it is first asked for."""
    found, root = {}, tmp_path_factory.mktemp("comparative")

    def get(name):
        if name not in found:
            rows, parameters = CORPORA[name]
            found[name] = run(rows, root / name.replace(" ", "-"), **parameters)
        return found[name]

    return get


each_corpus = pytest.mark.parametrize("name", CORPORA)


@each_corpus
def test_no_value_is_shown_as_the_program_has_it(reports, name):
    report = reports(name)
    evidence = sorted((report.folder / "evidence").glob("*.html"))[::5]
    for page in [report.page, *(path.read_text("utf-8") for path in evidence)]:
        assert not re.search(r"\b(nan|NaN|NaT|None|inf)\b|<NA>", words(page))
    for drawing in re.findall(r"<svg\b[^>]*aria-label=\"([^\"]*)\"", report.page):
        assert not re.search(r"\b(nan|None|inf)\b", drawing)


@each_corpus
def test_every_link_leads_somewhere(reports, name):
    folder = reports(name).folder
    pages = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.html")}
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    anchors = {file: set(re.findall(r'\bid="([^"]*)"', page)) for file, page in pages.items()}
    for file, page in pages.items():
        for address in re.findall(r'<a\b[^>]*\bhref="([^"]*)"', page):
            path, _, anchor = unescape(address).partition("#")
            there = normpath(join(dirname(file), unquote(path))) if path else file
            assert there in files, (file, address)
            assert not anchor or anchor in anchors[there], (file, address)


@each_corpus
def test_nothing_of_an_article_becomes_markup_or_a_path(reports, name):
    folder = reports(name).folder
    for path in folder.rglob("*.html"):
        page = path.read_text("utf-8")
        assert page.count("<script") == 1 and "<img" not in page
    assert all(re.fullmatch(r"[\w.-]+", path.name, re.ASCII) for path in folder.rglob("*"))
    assert {path.name for path in folder.iterdir()} <= {
        "evidence", "figures", "tables", "manifest.json", "report.html", "report.ipynb"}  # fmt: skip


@each_corpus
def test_the_page_fits_every_screen_and_its_console_is_silent(browser, reports, name):
    folder = reports(name).folder
    for path in (folder / "report.html", *sorted((folder / "evidence").glob("*.html"))[:1]):
        with browser.open(path, width=375) as tab:
            tab.run("document.querySelectorAll('details').forEach(one => one.open = true)")
            for width in (375, 1280):
                tab.send(
                    "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
                )
                assert tab.run("document.documentElement.scrollWidth") <= width, path.name
            assert tab.messages == [] and tab.requests == []
            assert tab.run("document.documentElement.dataset.fired") is None


SAID = [
    # The corpus, what its page says, what it does not say, and why.
    ("one outlet", "6 articles of 1 outlet: with one outlet there is nothing to compare", "Not enough articles for a",
     "more articles would not help"),
    ("one outlet", "No story is told by two or more outlets.", "is higher", "nobody to tell it too"),
    ("one article, and a target that nobody mentions", f"on loaded language in own voice: {', '.join(sorted(TWO))} and "
     f"{LONE}.", f"{LONE} words its", "one article is no habit"),
    ("one article, and a target that nobody mentions", f"Targets that no article mentions: {MARKUP}.",
     f"Toward {MARKUP}", "a target that is missing is named"),
    ("one story, no dates, no titles", "As of undated", "as of 2026", "no day is made up"),
    ("one story, no dates, no titles", "(no headline)", "loaded headlines than", "no headline is counted"),
    ("one story, no dates, no titles", "12 articles of 2 outlets: too few for any comparison", "a clear difference.",
     "one story, one unit"),
    ("hostile names", "(no outlet given) 4", "Not in the corpus", "empty and blank names are one"),
    ("40 outlets", "(12 of 40 articles)", "Outlet 037:", "and of a story those furthest apart"),
    ("hostile names", "\u2068שופר העיר\u2069", "\u202eשופר העיר (", "a name does not turn its sentence around"),
    ("40 outlets", "The 16 outlets with the most articles; all are in the table.", "is higher", "few are drawn"),
    ("nothing loaded", "none found", "in more loaded language", "zero and zero do not differ"),
    ("nothing loaded", "no term is used often enough", "found one of 0 points", "nor would a difference of nothing"),
    ("two outlets", "Northgate Wire words its news in more loaded language of its own than Daily Klaxon (",
     "Daily Klaxon words its news", "what two differ in is said once, of the higher one"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "said", "unsaid", "why"), SAID)
def test_the_page_says_plainly_what_it_can_tell_and_what_not(reports, name, said, unsaid, why):
    report = reports(name)
    seen = report.text + " ".join(unescape(one) for one in re.findall(r'aria-label="([^"]*)"', report.page))
    assert said.lower() in seen.lower(), why
    assert unsaid.lower() not in seen.lower(), why


def test_of_many_outlets_few_are_drawn_and_each_is_found_in_the_table(browser, reports):
    report = reports("40 outlets")
    assert len(report.table("coverage")) == len(report.table("loaded_rates")) / 3 == 40
    drawings = [unescape(label) for label in re.findall(r'<svg\b[^>]*aria-label="([^"]*)"', report.page)]
    assert max(len(set(re.findall(r"Outlet \d\d\d", label))) for label in drawings) == 16
    with browser.open(report.folder / "report.html") as tab:
        tab.run("document.querySelectorAll('details').forEach(one => one.open = true)")
        tab.run("document.querySelector('input[type=search], input').focus()")
        tab.type("Outlet 037")
        rows = "[...document.querySelector('table').tBodies[0].rows].filter(row => !row.hidden).length"
        assert tab.run(rows) == 1


RENAMED = {TWO[0]: "Aa Renamed", TWO[1]: "Zz Renamed"}


@pytest.fixture(scope="module")
def renamed(tmp_path_factory):
    """The report on two outlets with its rows in another order and its outlets under other names."""
    rows = [{**row, "outlet": RENAMED[row["outlet"]]} for row in CORPORA["two outlets"][0]]
    return run(rows[1::2] + rows[::2], tmp_path_factory.mktemp("renamed"))


def numbers(report, name, names=()):
    """The rows of a table with outlets under their first names, sorted; numbers to nine digits."""
    text = (report.folder / "tables" / f"{name}.csv").read_text("utf-8")
    for first, given in dict(names).items():
        text = text.replace(given, first)
    return sorted([rounded(cell) for cell in row] for row in csv.reader(text.splitlines()))


def rounded(cell):
    try:
        return f"{round(float(cell), 9) + 0.0:g}"
    except ValueError:
        return cell


def test_neither_names_nor_the_order_of_rows_move_a_number(reports, renamed):
    report = reports("two outlets")
    tables = sorted(path.stem for path in (report.folder / "tables").glob("*.csv"))
    assert tables == sorted(path.stem for path in (renamed.folder / "tables").glob("*.csv")) and len(tables) > 15
    for name in set(tables) - {"pairs"}:
        assert numbers(report, name) == numbers(renamed, name, RENAMED), name
    # The outlet of a pair that comes first in the alphabet is measured against the other.
    (pair,), (turned_round,) = report.table("pairs"), renamed.table("pairs")
    assert float(pair["estimate"]) == pytest.approx(-float(turned_round["estimate"])) and pair["p"] == turned_round["p"]
    assert {pair["verdict"], turned_round["verdict"]} == {"higher", "lower"}


def test_the_same_run_leaves_the_same_bytes(reports):
    before = contents(reports("one outlet").folder)
    again = run(CORPORA["one outlet"][0], reports("one outlet").folder.parents[2], force=True)
    assert contents(again.folder) == before and len(before) > 25


def contents(folder):
    """The bytes of every table and every page of evidence."""
    places = [path for kind in ("tables", "evidence") for path in (folder / kind).iterdir()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in places}
