"""The pages behind the numbers: every address leads somewhere, and as many sentences stand there as were counted."""

import re
from html import unescape

import numpy as np
import pandas as pd
import pytest
from made_up import OUTLETS, made_up_tables

from framing.comparison import compare, compare_pairs, per_article, rates
from framing.comparison.keyness import distinctive_terms
from framing.records import CUE_CLASSES, FRAMES
from framing.report import evidence, phrasing, summary
from framing.report.evidence import PER_PAGE, Trail
from framing.report.page import Evidence, Section
from framing.report.render import Results, table
from framing.tables import loaded_counts

WIRE, KLAXON, LANTERN = OUTLETS
# Names as an input may have them; the last three are one file name where it is made of their letters alone.
HOSTILE = (
    "</h1><script>document.documentElement.dataset.fired=1</script>",
    "../../../etc/passwd",
    "O" * 300,
    "\u202eשופר העיר",
    "a b",
    "A-B",
    "a/b",
)
MEASURES = ("loaded_rate_author", "loaded_rate_source", "loaded_rate")
CLASSES = [f"{name}_cues" for name in CUE_CLASSES]
TARGETS = ["Marta Quill", "Kelder"]


def whole(outlets=OUTLETS, per_outlet=6, rates=(0.05, 0.40, 0.15), names=lambda name: name):
    """Made-up tables with every column that evidence is taken from; ``names`` renames terms, sources and targets."""
    made = made_up_tables(outlets, per_outlet, rates)
    sentences, said, terms = made["sentences"], made["attributions"], made["loaded_terms"]
    # Every third loaded sentence is of both voices, its term in one of them by turns, or in none.
    mixed = (sentences["loaded"] > 0.5) & (sentences["sentence"] % 3 == 0)
    sentences["voice"] = sentences["voice"].mask(mixed, "mixed")
    terms["voice"] = np.where((terms["sentence"] % 6 == 3), "source", "author")
    made["loaded_terms"] = terms = terms[terms["sentence"] % 9 != 0].assign(term=terms["term"].map(names))
    said["cue_text"] = said["cue_class"].map({"charged": "lashed out"}).fillna("said")
    said.loc[said["attribution"] == 0, "cue_class"] = "endorsing"
    said.loc[said["attribution"] == 1, "cue_text"] = None  # no cue, and
    said.loc[said["attribution"] == 2, "content_start"] = None  # a cue that passes on nothing
    said["source"] = said["source"].map(names)
    made["stances"]["target"] = made["stances"]["target"].map(names)
    made["frames"]["evidence"] = "[0, 2]"
    made["articles"]["headline_terms"] = '["Story"]'
    return {**made, "articles": recounted(made)}


def recounted(made):
    """The counts of the articles table as the package makes them."""
    texts = {key: list(rows.itertuples()) for key, rows in made["loaded_terms"].groupby(["article_id", "sentence"])}
    counts = [
        loaded_counts(rows := list(mine.itertuples()), [texts.get((one.article_id, one.sentence), []) for one in rows])
        for _, mine in made["sentences"].groupby("article_id")
    ]
    counts = pd.DataFrame(counts, index=sorted(made["articles"]["article_id"]))
    articles = made["articles"].set_index("article_id")
    return articles.assign(**{name: counts[name] for name in counts}).reset_index()


TABLES = whole()


def every_address(trail, targets=TARGETS):
    """All addresses a report takes from a trail, by kind."""
    terms = distinctive_terms(trail.tables, minimum_z=-9, top=3)
    return {
        "loaded": trail.loaded(), "headlines": trail.headlines(), "said": trail.said(), "openings": trail.openings(),
        "stances": trail.stances(targets), "quoted": trail.stances(targets, "source"), "frames": trail.frames(),
        "terms": trail.terms(terms), "sources": trail.sources(summary.quoted_sources(trail.tables)),
    }  # fmt: skip


def read(folder, address):
    file, _, anchor = address.partition("#")
    return (folder / file).read_text("utf-8"), anchor


def sentences_at(folder, address):
    """The sentences under an address, through all pages that continue it."""
    found, (page, anchor) = [], read(folder, address)
    while True:
        section = re.search(rf'<h2 id="{anchor}">.*?</section>', page, re.DOTALL)
        found += re.findall(r"<blockquote>(.*?)</blockquote>", section[0], re.DOTALL) if section else []
        later = re.search(r'<a href="([^"]*)" rel="next">', page)
        if not later:
            return [unescape(re.sub("<[^>]*>", "", one)) for one in found]
        page = (folder / "evidence" / later[1]).read_text("utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    return folder, every_address(Trail(TABLES, str(folder)))


@pytest.mark.parametrize("names", [OUTLETS, HOSTILE], ids=["plain names", "hostile names"])
def test_every_address_is_a_file_of_the_report_and_a_place_on_it(names, tmp_path):
    nasty = dict(zip(("Ana Ruiz", "Marta Quill", "Kelder", "debacle"), HOSTILE, strict=False))
    renamed = (lambda name: name) if names is OUTLETS else (lambda name: nasty.get(name, name))
    tables = whole(names, 6, (0.4,) * len(names), renamed)
    folder = tmp_path / "run"
    found = every_address(Trail(tables, str(folder)), [renamed(target) for target in TARGETS])
    addresses = [address for links in found.values() for address in links.values()]
    assert len(addresses) > 20 * len(names)
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.parent != folder / "evidence"] == []
    for address in set(addresses):
        assert re.fullmatch(r"evidence/[a-z0-9-]{1,70}[.]html(#[\w-]+)?", address, re.ASCII)
        page, anchor = read(folder, address)
        assert not anchor or f'<h2 id="{anchor}">' in page
        assert page.count("<script") == 1 and 'href="../report.html"' in page
    own = [found["loaded"][name, "loaded_rate_author"].partition("#")[0] for name in names]
    assert len(set(own)) == len(names), "no outlet has the page of another"
    for name, address in zip(names, own, strict=True):
        assert f"{phrasing.named(name)}: loaded sentences" in unescape(read(folder, address)[0])


def test_nothing_is_written_and_no_address_given_where_a_notebook_is_run_by_hand(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trail = Trail(TABLES)
    assert set(map(str, every_address(trail).values())) == {"{}"}
    assert trail.story(1, "A story", []) == "" and not list(tmp_path.iterdir())
    told = rates(TABLES, measures=["attributed_share", "direct_quotes"], resamples=100)
    table(phrasing.rates_shown(told), "Shares.", links=phrasing.rate_links(told, trail.said()))


COUNTED = [
    # Kind of page, measure, numerator of that measure, what is counted.
    ("loaded", "loaded_rate_author", "loaded parts in the author's voice"),
    ("loaded", "loaded_rate_source", "loaded parts in a source's voice"),
    *(("said", measure, "attributions with such a cue") for measure in CLASSES),
    ("openings", "quoted_openings", "articles that a source opens"),
]


@pytest.mark.parametrize(("kind", "measure", "what"), COUNTED)
def test_as_many_sentences_stand_behind_a_number_as_were_counted(made, kind, measure, what):
    folder, found = made
    counted = per_article(TABLES, measure).groupby("group")["numerator"].sum()
    assert counted.sum() > 0
    for outlet in OUTLETS:
        assert len(sentences_at(folder, found[kind][outlet, measure])) == counted[outlet], what


def test_the_sentences_behind_a_rate_are_the_loaded_ones_of_that_outlet_and_voice(made):
    folder, found = made
    articles = TABLES["articles"].query("outlet == @KLAXON")["article_id"]
    loaded = TABLES["sentences"].query("loaded >= 0.5 and voice == 'author'")
    plain = sorted(loaded[loaded["article_id"].isin(articles)]["text"])
    shown = sentences_at(folder, found["loaded"][KLAXON, "loaded_rate_author"])
    assert sorted(shown) != plain and not set(plain) - set(shown), "sentences of both voices come on top"
    quoted = sentences_at(folder, found["loaded"][KLAXON, "loaded_rate_source"])
    assert quoted and len(quoted) < len(shown)


def test_mentions_terms_and_frames_are_all_there(made):
    folder, found = made
    articles = TABLES["articles"].set_index("article_id")["outlet"]
    stances = TABLES["stances"].groupby([TABLES["stances"]["article_id"].map(articles), "target"]).size()
    for (outlet, target), address in found["stances"].items():
        assert len(sentences_at(folder, address)) == stances[outlet, target]
    terms = TABLES["loaded_terms"].query("voice == 'author'")
    uses = terms.groupby([terms["article_id"].map(articles), "term"]).size()
    for (outlet, term), address in found["terms"].items():
        assert len(sentences_at(folder, address)) == uses[outlet, term]
    assert {measure for _, measure in found["frames"]} == {f"frame_{name}" for name in FRAMES}
    assert found["quoted"] == {}, "nobody who is quoted holds a stance here"


def test_a_number_of_nothing_leads_to_a_page_that_says_so(tmp_path):
    silent = {**TABLES, "sentences": TABLES["sentences"].assign(loaded=0.1)}
    silent["sentences"].loc[0, ["loaded", "voice"]] = 0.9, "author"
    links = Trail(silent, str(tmp_path)).loaded()
    page, anchor = read(tmp_path, links[WIRE, "loaded_rate_source"])
    assert f'<h2 id="{anchor}">' in page and "No sentences." in page and "0 sentences." in page
    assert "1 sentence." in page and {outlet for outlet, _ in links} == {WIRE}, (
        "where nothing is loaded there is no page"
    )


def test_pages_are_cut_and_lead_to_one_another(tmp_path):
    many = pd.concat([TABLES["sentences"].query("loaded > 0.5").iloc[:1]] * (2 * PER_PAGE + 5), ignore_index=True)
    many["sentence"], many["voice"] = many.index + 1000, "author"
    trail = Trail({**TABLES, "sentences": many}, str(tmp_path))
    links = trail.loaded()
    files = sorted((tmp_path / "evidence").iterdir())
    assert len(files) == 3 and len(sentences_at(tmp_path, links[WIRE, "loaded_rate_author"])) == 2 * PER_PAGE + 5
    pages = {path.name: path.read_text("utf-8") for path in files}
    stem = links[WIRE, "loaded_rate_author"].partition("#")[0].removeprefix("evidence/").removesuffix(".html")
    first, second, third = (pages[name] for name in (f"{stem}.html", f"{stem}-2.html", f"{stem}-3.html"))
    assert [page.count("<blockquote>") for page in (first, second, third)] == [PER_PAGE, PER_PAGE, 5]
    assert f'href="{stem}-2.html" rel="next"' in first and "prev" not in re.findall(r'rel="(\w+)"', first)
    assert f'href="{stem}.html" rel="prev"' in second and f'href="{stem}-3.html" rel="next"' in second
    assert "Page 2 of 3." in second and "continued" in second and 'rel="next"' not in third
    assert links[WIRE, "loaded_rate_source"] == f"evidence/{stem}-3.html#quoted"


@pytest.mark.parametrize(
    ("sizes", "pages", "why"),
    [
        ([], [[]], "there is always a page"),
        ([0], [[0]], "an empty section stands as such"),
        ([PER_PAGE, 0], [[PER_PAGE, 0]], "and needs no page of its own"),
        ([PER_PAGE, 1], [[PER_PAGE], [1]], "a full page takes no more"),
        ([1, PER_PAGE], [[1, PER_PAGE - 1], [1]], "a section is cut where the page is full"),
    ],
)
def test_sections_fill_pages(sizes, pages, why):
    parts = [
        Section(f"S{n}", [Evidence(f"a{n}-{k}", "") for k in range(size)], "", f"s{n}") for n, size in enumerate(sizes)
    ]
    assert [[len(part.sentences) for part in page] for page in evidence._paged(parts)] == pages, why


def test_the_terms_of_a_headline_are_marked_with_the_category_they_have_in_texts(tmp_path):
    tables = {
        **TABLES,
        "articles": TABLES["articles"].assign(title="A Debacle, no story", headline_terms='["Debacle"]'),
    }
    tables["loaded_terms"] = TABLES["loaded_terms"].assign(category="labelling")
    line = Trail(tables).headline(next(tables["articles"].itertuples()), "h1")
    assert [(line.text[a:b], category) for a, b, category in line.marks] == [("Debacle", "labelling")]


SHOWN = rates(TABLES, measures=MEASURES, groups=[*OUTLETS, "Ghost"], resamples=100)


def test_cells_with_a_number_lead_to_their_evidence_and_gaps_do_not(made):
    links = phrasing.rate_links(SHOWN, {**made[1]["loaded"], ("Ghost", "loaded_rate"): "evidence/ghost.html"})
    shown = phrasing.rates_shown(SHOWN)
    assert {(shown["outlet"][row], column) for row, column in links} == {
        (outlet, voice) for outlet in OUTLETS for voice in ("own voice", "quoted voices", "both")
    }
    assert links[1, "quoted voices"] == made[1]["loaded"][KLAXON, "loaded_rate_source"]
    assert "href" in Results().table(SHOWN, "rates", "Rates.", shown=shown, links=links).html


def test_cells_of_a_column_lead_by_their_row():
    frame = pd.DataFrame({"outlet": [WIRE, KLAXON, WIRE], "source": ["Ana Ruiz", "Ana Ruiz", "Kelder"]})
    links = {(WIRE, "Kelder"): "evidence/a.html#s2", (KLAXON, "Ana Ruiz"): "", (LANTERN, "Kelder"): "evidence/b.html"}
    assert phrasing.row_links(frame, links, group="outlet", key="source") == {(2, "source"): "evidence/a.html#s2"}


def test_differences_are_shown_with_sign_interval_and_reason():
    shown = phrasing.differences_shown(compare(TABLES, groups=[*OUTLETS, "Ghost"], resamples=100)).set_index("outlet")
    assert re.fullmatch(r"[+-]\d+\.\d \([+-]\d+\.\d to [+-]\d+\.\d\)", shown.loc[KLAXON, "difference"])
    assert list(shown.loc["Ghost", ["outlet's", "difference", "q", "verdict"]]) == ["–", "–", "–", "not in the corpus"]
    pairs = phrasing.differences_shown(compare_pairs(TABLES, resamples=100), against=True)
    assert list(pairs.columns[:2]) == ["outlet", "against"] and len(pairs) == 3


@pytest.mark.parametrize(
    ("value", "measure", "signed", "text"),
    [
        (-0.0001, "loaded_rate_author", True, "+0.0"),
        (-0.0001, "loaded_rate_author", False, "0.0%"),
        (-0.001, "stance_author", True, "+0.00"),
        (-0.126, "loaded_rate_author", True, "-12.6"),
        (np.nan, "stance", True, "–"),
    ],
)
def test_what_rounds_to_zero_has_no_minus(value, measure, signed, text):
    assert phrasing.amount(value, measure, signed=signed) == text
    assert phrasing.signed(-0.001) == "+0.00" and phrasing.signed(np.nan) == "–"


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("A & <b>", "A & <b>", "markup is left to whoever writes the page"),
        ("O" * 300, "O" * 79 + "…", "an endless name is cut, with a sign of it"),
        ("\u202eWire\u202c", "Wire", "nothing in a name turns what follows it"),
        ("\u2069\u202eשופר", "\u2068שופר\u2069", "what runs right to left is set apart"),
    ],
)
def test_a_name_in_a_sentence_leaves_the_sentence_alone(name, text, why):
    assert phrasing.named(name) == text, why


@pytest.mark.parametrize(
    ("names", "text"),
    [([], ""), (["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C"),
     (["A", "B", "C", "D"], "A, B and 2 more outlets")],
)  # fmt: skip
def test_names_are_listed_as_one_writes_them(names, text):
    assert phrasing.listed(names, 3, "outlets") == text
