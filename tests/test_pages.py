"""In a real browser: pages fit their screen, are quiet, lead somewhere, sort by keyboard, and read without scripts."""

from itertools import pairwise
from urllib.parse import unquote

import pandas as pd
import pytest
from headless import CHROMIUM, WHY_NOT
from made_up_pages import NAMES, PLAIN, notebook

from framing.report.page import page
from framing.report.render import table

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=WHY_NOT)

PAGES = ("report", "evidence", "index")
# Text of every row, hidden ones left out.
ROWS = "[...document.querySelectorAll('tbody tr')].filter(r => !r.hidden).map(r => r.cells[COLUMN].textContent.trim())"


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("kind", NAMES)
def test_a_page_fits_its_screen_says_nothing_and_asks_for_nothing(browser, sites, kind, name, width):
    with browser.open(sites[kind][name], width=width) as tab:
        tab.run("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert tab.run("document.documentElement.scrollWidth") <= width
        assert tab.messages == [] and tab.requests == []
        assert tab.run("document.documentElement.dataset.fired") is None
        assert tab.run("document.scripts.length") == 1


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("kind", NAMES)
def test_every_link_leads_to_a_file_or_to_a_place_on_its_page(browser, sites, kind, name):
    path = sites[kind][name]
    with browser.open(path) as tab:
        links = tab.run("[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
        ids = tab.run("[...document.querySelectorAll('[id]')].map(e => e.id)")
        assert len(ids) == len(set(ids))
    assert len(links) > 2
    for link in links:
        file, _, anchor = link.partition("#")
        if file:
            assert (path.parent / unquote(file)).is_file(), link
        elif anchor:
            assert anchor in ids, link
        if file.startswith("evidence/") and anchor:
            assert f'id="{anchor}"' in (path.parent / file).read_text("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_head_line_one_main_part_and_a_way_to_skip_to_it(browser, sites, name):
    with browser.open(sites["plain"][name]) as tab:
        assert tab.run("[document.querySelectorAll('h1').length, document.querySelectorAll('main').length]") == [1, 1]
        levels = tab.run("[...document.querySelectorAll('h1, h2, h3, h4')].map(h => +h.tagName[1])")
        assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
        tab.press("Tab")
        assert tab.run("document.activeElement.className") == "skip"
        assert tab.run("document.activeElement.getBoundingClientRect().left >= 0")  # it is seen while it has the focus
        tab.press("Enter")
        assert tab.run("location.hash") == "#report"


def opened(browser, tmp_path, frame, **options):
    path = tmp_path / "page.html"
    path.write_text(page(notebook(table(frame, "Values.")), title="T", facts={}), encoding="utf-8")
    return browser.open(path, **options)


def focus_head(tab, name):
    """Tab until the head of that column has the focus."""
    for _ in range(60):
        tab.press("Tab")
        if tab.run("document.activeElement.className") == "fr-sort" and name == tab.run(
            "document.activeElement.textContent.trim()"
        ):
            return
    raise AssertionError(f"no key leads to {name}")


@pytest.mark.parametrize(
    ("why", "values", "ascending"),
    [
        ("whole numbers with separators", ["1,200", "90", "1,000,000"], ["90", "1,200", "1,000,000"]),
        ("percent", ["9.0%", "10.0%", "0.5%"], ["0.5%", "9.0%", "10.0%"]),
        ("signs, of both kinds", ["+3.1", "-20", "−4", "0"], ["-20", "−4", "0", "+3.1"]),
        ("numbers with an interval", ["10.0% (8 to 12)", "9.5% (1 to 99)"], ["9.5% (1 to 99)", "10.0% (8 to 12)"]),
        ("below a bound", ["0.2", "<0.001", "0.05"], ["<0.001", "0.05", "0.2"]),
        ("small numbers", ["1e-05", "0.2", "3e-07"], ["3e-07", "1e-05", "0.2"]),
        ("a dash comes last", [None, "2", "1"], ["1", "2", "–"]),
        ("an empty cell comes last", ["", "b", "a"], ["a", "b", ""]),
        ("days are no numbers", ["2026-11-02", "2026-01-30"], ["2026-01-30", "2026-11-02"]),
        ("words", ["pear", "Apple", "zebra"], ["Apple", "pear", "zebra"]),
        ("words that hold numbers", ["day 10", "day 9"], ["day 9", "day 10"]),
    ],
)
def test_columns_sort_as_a_reader_expects(browser, tmp_path, why, values, ascending):
    frame = pd.DataFrame({"row": [str(place) for place in range(len(values))], "value": values})
    with opened(browser, tmp_path, frame) as tab:
        column = ROWS.replace("COLUMN", "1")
        before = tab.run(column)
        focus_head(tab, "value")
        state = "[...document.querySelectorAll('th[aria-sort]')].map(h => h.getAttribute('aria-sort'))"
        assert tab.run(state) == ["none", "none"]
        tab.press("Enter")
        assert (tab.run(column), tab.run(state)) == (ascending, ["none", "ascending"]), why
        tab.press("Enter")
        gone = [value for value in ascending if value in ("–", "")]
        assert tab.run(column) == [value for value in reversed(ascending) if value not in gone] + gone
        assert tab.run(state) == ["none", "descending"]
        tab.press(" ")
        assert (tab.run(column), tab.run(state)) == (before, ["none", "none"])


def test_rows_that_repeat_the_name_above_are_pale_in_every_order(browser, tmp_path):
    frame = pd.DataFrame({"outlet": ["A", "A", "B"], "n": [1, 3, 2]})
    with opened(browser, tmp_path, frame) as tab:
        pale = "[...document.querySelectorAll('tbody tr')].map(r => r.classList.contains('fr-same'))"
        assert tab.run(pale) == [False, True, False]
        focus_head(tab, "n")
        tab.press("Enter")
        assert tab.run(ROWS.replace("COLUMN", "0")) == ["A", "B", "A"]
        assert tab.run(pale) == [False, False, False]


def test_a_long_table_is_filtered_as_one_types(browser, tmp_path):
    frame = pd.DataFrame({"outlet": ["Northgate Wire", "Daily Klaxon"] * 7, "n": range(14)})
    with opened(browser, tmp_path, frame) as tab:
        for _ in range(20):
            tab.press("Tab")
            if tab.run("document.activeElement.type") == "search":
                break
        assert tab.run("document.activeElement.labels[0].textContent") == "Filter rows"
        tab.type("kLAX")
        assert tab.run(ROWS.replace("COLUMN", "0")) == ["Daily Klaxon"] * 7
        assert tab.run("document.querySelector('[role=status]').textContent") == "7 of 14 rows"
        tab.press("Escape")
        assert len(tab.run(ROWS.replace("COLUMN", "0"))) == 14


def test_a_short_table_has_no_filter_and_a_single_row_no_order(browser, tmp_path):
    for rows, controls in ((12, [0, 1]), (1, [0, 0])):
        with opened(browser, tmp_path, pd.DataFrame({"n": range(rows)})) as tab:
            count = "[document.querySelectorAll('input').length, document.querySelectorAll('button').length]"
            assert tab.run(count) == controls


@pytest.mark.parametrize("name", PAGES)
def test_without_scripts_everything_can_be_read_and_no_control_is_dead(browser, sites, name):
    visible = "document.body.innerText.replace(/\\s+/g, ' ')"
    with browser.open(sites["plain"][name], scripts=False) as tab:
        assert tab.run("document.querySelectorAll('button, input, [aria-sort]').length") == 0
        without = tab.run(visible)
    with browser.open(sites["plain"][name]) as tab:
        assert tab.run("document.querySelectorAll('button').length > 0") == (name != "evidence")
        tab.run("document.querySelectorAll('.fr-filter').forEach(box => box.remove())")
        assert tab.run(visible) == without
    assert all(outlet in without for outlet in PLAIN)


def test_wide_tables_and_figures_scroll_in_their_own_box_which_takes_the_focus(browser, sites):
    with browser.open(sites["plain"]["report"], width=375) as tab:
        boxes = tab.run(
            "[...document.querySelectorAll('.fr-table, .fr-figure > div')].filter(b => b.scrollWidth > b.clientWidth)"
            ".map(b => [b.tabIndex, !!b.getAttribute('aria-label')])"
        )
    assert len(boxes) >= 3 and all(box == [0, True] for box in boxes)


def test_the_links_of_a_figure_can_be_reached_by_key_and_have_names(browser, sites):
    with browser.open(sites["plain"]["report"]) as tab:
        links = tab.run("[...document.querySelectorAll('svg a')].map(a => [a.getAttribute('aria-label'), a.tabIndex])")
        assert [name for name, tab_index in links if tab_index == 0] == [f"Sentences of {name}" for name in PLAIN] * 2
        assert [name for name, tab_index in links if tab_index != 0] == [None] * 10  # the labels beside the bars
        assert tab.run("document.querySelector('svg').getAttribute('role')") == "group"


def test_a_figure_is_as_wide_as_its_place_and_on_white_in_the_dark(browser, sites):
    with browser.open(sites["plain"]["report"], dark=True) as tab:
        wide, card = tab.run(
            "(() => { const s = document.querySelector('.fr-figure svg'); const box = s.parentElement;"
            "return [s.getBoundingClientRect().width / box.clientWidth, getComputedStyle(box).backgroundColor] })()"
        )
        assert wide == pytest.approx(1, abs=0.02) and card == "rgb(255, 255, 255)"
        assert tab.run("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"


def test_on_paper_the_text_is_black_and_only_what_can_be_read_is_printed(browser, sites):
    with browser.open(sites["plain"]["report"], media="print", width=720) as tab:
        for hidden in (".contents", ".downloads", ".fr-filter", ".skip"):
            assert tab.run(f"getComputedStyle(document.querySelector('{hidden}')).display") == "none"
        assert tab.run("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        assert tab.pdf().startswith(b"%PDF")


def test_the_section_that_is_read_is_marked_in_the_contents(browser, sites):
    with browser.open(sites["plain"]["report"]) as tab:
        if not tab.run("CSS.supports('selector(:target-current)')"):
            pytest.skip("this Chromium does not mark the current section")
        current = "[...document.querySelectorAll('.contents a:target-current')].map(a => a.hash)"
        first = tab.run(current)
        tab.run("document.querySelector('.contents li:nth-child(6) a').click()")
        tab.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert len(first) == len(tab.run(current)) == 1 and tab.run(current) == [tab.run("location.hash")]


def test_a_screen_without_room_has_the_contents_above_the_text(browser, sites):
    place = "['.contents', 'main'].map(s => document.querySelector(s).getBoundingClientRect())"
    for width, above in ((375, True), (1280, False)):
        with browser.open(sites["plain"]["report"], width=width) as tab:
            contents, main = tab.run(f"{place}.map(r => [r.left, r.top, r.right, r.bottom])")
            assert (contents[3] <= main[1]) == above and (contents[2] <= main[0]) != above
