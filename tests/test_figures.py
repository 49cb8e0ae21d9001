"""Figures: every estimate with its interval, outlets in their own colour, words for those who cannot see them."""

import warnings
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from made_up import OUTLETS, made_up_tables

from framing import figures
from framing.comparison import compare, rates
from framing.comparison.keyness import distinctive_terms
from framing.errors import ParameterError

TABLES = made_up_tables()
LOADED = rates(TABLES, groups=[*OUTLETS, "Ghost"], resamples=200)
PAIRS = pd.DataFrame(
    [
        ("Daily Klaxon", "Northgate Wire", "loaded_rate_author", 0.35, 0.25, 0.45, "higher"),
        ("Daily Klaxon", "The Common Lantern", "loaded_rate_author", 0.25, 0.12, 0.38, "higher"),
        ("Northgate Wire", "The Common Lantern", "loaded_rate_author", -0.10, -0.22, 0.02, "no clear difference"),
    ],
    columns=["group", "against", "measure", "estimate", "low", "high", "verdict"],
)
MONTHS = [f"2026-{month:02d}" for month in range(1, 9)]


def stances_of(names):
    rows = [(name, target, 0.2, -0.1, 0.45, 9, 20) for name in names for target in ("Marta Quill", "Kelder")]
    return pd.DataFrame(rows, columns=["group", "target", "stance", "low", "high", "n", "mentions"])


def pairs_of(names):
    rows = [(a, b, 0.1, 0.05, 0.15, "higher") for place, a in enumerate(names) for b in names[place + 1 :]]
    return pd.DataFrame(rows, columns=["group", "against", "estimate", "low", "high", "verdict"])


def over_time(name):
    """Eight months: too few articles for an interval in the third, none in the fifth and the seventh."""
    table = pd.DataFrame({"group": name, "period": MONTHS, "measure": "loaded_rate_author", "n": 9, "note": ""})
    table["rate"] = [0.10, 0.12, 0.30, 0.14, np.nan, 0.16, np.nan, 0.20]
    known = table["rate"].notna() & (table["period"] != "2026-03")
    return table.assign(low=(table["rate"] - 0.05).where(known), high=(table["rate"] + 0.05).where(known))


STANCE = stances_of(OUTLETS)
TREND = pd.concat([over_time(outlet) for outlet in OUTLETS])
MARKS = pd.DataFrame(
    [("Daily Klaxon", "2026-06", "loaded_rate_author", "higher"), ("Daily Klaxon", "2026-08", "stance", "lower")],
    columns=["group", "period", "measure", "verdict"],
)
BINS = pd.DataFrame({"curve": "linear", "predicted": [0.1, 0.5, 0.9], "observed": [0.12, 0.4, 1.0], "n": [50, 50, 51]})
SCORES = pd.DataFrame(
    [("sentences", "Northgate Wire", 0.807, True), ("sentences", "TextBlob", 0.554, False)],
    columns=["task", "system", "score", "ours"],
)
DRAWN = {
    "loaded_rates": lambda: figures.loaded_rates(LOADED),
    "differences": lambda: figures.differences(
        compare(TABLES, measure=["loaded_rate_author", "stance"], resamples=200)
    ),
    "stance_heatmap": lambda: figures.stance_heatmap(STANCE),
    "cue_classes": lambda: figures.cue_classes(rates(TABLES, measures=["neutral_cues", "charged_cues"], resamples=200)),
    "distinctive": lambda: figures.distinctive(distinctive_terms(TABLES, minimum_z=0)),
    "pairs": lambda: figures.pairs(PAIRS),
    "trend": lambda: figures.trend(TREND, MARKS),
    "calibration": lambda: figures.calibration(pd.concat([BINS.assign(curve=name) for name in OUTLETS])),
    "bars_beside": lambda: figures.bars_beside(pd.concat([SCORES.assign(system=name) for name in OUTLETS])),
}


@pytest.fixture(scope="module")
def drawn():
    return {name: draw() for name, draw in DRAWN.items()}


@pytest.mark.parametrize("name", DRAWN)
def test_every_figure_says_in_words_what_it_shows(drawn, name):
    assert all(outlet in drawn[name].alt for outlet in OUTLETS)


def test_every_interval_of_the_table_is_drawn(drawn):
    lines = [line.get_xdata() for axis in drawn["loaded_rates"].axes for line in axis.lines]
    ends = {(round(x[0], 6), round(x[1], 6)) for x in lines if len(x) == 2}
    known = LOADED.dropna(subset="low")
    assert {
        (round(low * 100, 6), round(high * 100, 6)) for low, high in zip(known["low"], known["high"], strict=True)
    } == ends


def test_an_outlet_that_is_missing_is_named_in_the_figure_and_has_no_point(drawn):
    axis = drawn["loaded_rates"].axes[0]
    assert "not in the corpus" in [" ".join(text.get_text().split()) for text in axis.texts]
    assert "Ghost not in the corpus" in drawn["loaded_rates"].alt
    points = [line for line in axis.lines if len(line.get_xdata()) == 1]
    assert len(points) == len(OUTLETS)


def test_an_outlet_keeps_its_colour_where_others_are_absent():
    everyone = figures.outlet_colours([*OUTLETS, "Ghost"])
    some = figures.distinctive(
        distinctive_terms(TABLES, minimum_z=0).query("group == 'Northgate Wire'"), outlets=[*OUTLETS, "Ghost"]
    )
    from matplotlib.colors import to_hex

    assert to_hex(some.axes[0].patches[0].get_facecolor()).upper() == everyone["Northgate Wire"].upper()


def test_unclear_differences_are_drawn_hollow():
    table = compare(TABLES, resamples=400)
    figure = figures.differences(table)
    hollow = [line.get_markerfacecolor() == "white" for line in figure.axes[0].lines if len(line.get_xdata()) == 1]
    assert hollow == [verdict not in ("higher", "lower") for verdict in table["verdict"]]


def test_a_cell_without_an_interval_has_no_colour_but_its_number():
    table = STANCE.assign(low=np.nan, high=np.nan)
    figure = figures.stance_heatmap(table)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert sum("n = " in text for text in texts) == len(table)


@pytest.mark.parametrize("name", DRAWN)
def test_the_same_figure_is_the_same_file(name):
    assert figures.save(DRAWN[name]()) == figures.save(DRAWN[name]())


def test_png_is_at_twice_the_usual_resolution(drawn):
    png = figures.save(drawn["loaded_rates"], "png")
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20], "big") == pytest.approx(figures.WIDTH * 192, rel=0.05)
    with pytest.raises(ParameterError, match="svg, png"):
        figures.save(drawn["loaded_rates"], "gif")


HOSTILE = ("$x$ & $y", "\\frac{1}{2}", "<b>Post</b>", "]]>--><script>", "N" * 300, "", "a\nb\tc", "العربية", "😀 新聞")


@pytest.mark.parametrize("name", DRAWN)
def test_the_name_of_an_outlet_is_never_markup_or_mathematics(name):
    tables = made_up_tables(HOSTILE, 6, tuple(np.linspace(0.1, 0.9, len(HOSTILE))))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a sign that no font has is no reason to warn
        figure = {
            "loaded_rates": lambda: figures.loaded_rates(rates(tables, resamples=100)),
            "differences": lambda: figures.differences(compare(tables, resamples=100)),
            "stance_heatmap": lambda: figures.stance_heatmap(stances_of(HOSTILE)),
            "cue_classes": lambda: figures.cue_classes(rates(tables, measures=["neutral_cues"], resamples=100)),
            "distinctive": lambda: figures.distinctive(distinctive_terms(tables, minimum_z=-9)),
            "pairs": lambda: figures.pairs(pairs_of(HOSTILE)),
            "trend": lambda: figures.trend(pd.concat([over_time(name) for name in HOSTILE])),
            "calibration": lambda: figures.calibration(pd.concat([BINS.assign(curve=name) for name in HOSTILE])),
            "bars_beside": lambda: figures.bars_beside(pd.concat([SCORES.assign(system=name) for name in HOSTILE])),
        }[name]()
        svg = figures.save(figure)
    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(svg).iter()}
    assert tags <= {"svg", "metadata", "RDF", "Work", "type", "format", "title", "defs", "style", "g", "path", "use",
                    "clipPath", "rect", "a"}  # fmt: skip
    assert figure.get_figwidth() == figures.WIDTH


@pytest.mark.parametrize(
    ("draw", "table"),
    [
        (figures.loaded_rates, LOADED),
        (figures.differences, compare(TABLES, resamples=100)),
        (figures.stance_heatmap, STANCE),
        (figures.distinctive, distinctive_terms(TABLES, minimum_z=0)),
        (figures.cue_classes, LOADED),
        (figures.pairs, PAIRS),
        (figures.trend, TREND),
        (figures.calibration, BINS),
        (figures.bars_beside, SCORES),
    ],
)
def test_an_empty_table_says_so_in_words(draw, table):
    figure = draw(table.head(0))
    (text,) = [text.get_text() for axis in figure.axes for text in axis.texts]
    assert figure.alt.lower() == f"{text}." and figures.save(figure)


def test_one_outlet_and_one_measure_are_enough():
    assert figures.save(figures.loaded_rates(LOADED.head(1)))


def test_drawing_leaves_nobody_elses_settings_changed():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    figures.loaded_rates(LOADED)
    assert dict(mpl.rcParams) == before


def test_many_outlets_share_colours_but_not_colour_and_marker():
    names = [f"Outlet {i:02d}" for i in range(16)]
    colours, markers = figures.outlet_colours(names), figures.outlet_markers(names)
    assert len({(colours[name], markers[name]) for name in names}) == len(names)
    table = pd.concat([LOADED.head(1).assign(group=name) for name in names])
    assert len(figures.loaded_rates(table).axes[0].get_yticklabels()) == len(names)


# Links


def links_of(figure):
    """Where the saved SVG leads to."""
    elements = ElementTree.fromstring(figures.save(figure)).iter("{http://www.w3.org/2000/svg}a")
    return [element.get("{http://www.w3.org/1999/xlink}href") for element in elements]


LINKED = {
    "loaded_rates": (("Daily Klaxon", "loaded_rate_author"), lambda x: figures.loaded_rates(LOADED, links=x)),
    "differences": (
        ("Daily Klaxon", "loaded_rate_author"),
        lambda x: figures.differences(compare(TABLES, resamples=100), links=x),
    ),
    "stance_heatmap": (("Northgate Wire", "Kelder"), lambda x: figures.stance_heatmap(STANCE, links=x)),
    "cue_classes": (
        ("Daily Klaxon", "charged_cues"),
        lambda x: figures.cue_classes(rates(TABLES, measures=["charged_cues"], resamples=100), links=x),
    ),
    "distinctive": (
        ("Daily Klaxon", "regime"),
        lambda x: figures.distinctive(distinctive_terms(TABLES, minimum_z=0), links=x),
    ),
    "pairs": (("Daily Klaxon", "Northgate Wire"), lambda x: figures.pairs(PAIRS, links=x)),
    "trend": (("Daily Klaxon", "loaded_rate_author"), lambda x: figures.trend(TREND, links=x)),
    "calibration": (("linear", "calibration"), lambda x: figures.calibration(BINS, links=x)),
    "bars_beside": (("TextBlob", "sentences"), lambda x: figures.bars_beside(SCORES, links=x)),
    "where_it_stands": (
        ("this article", "loaded_rate"),
        lambda x: figures.where_it_stands([0.1, 0.2, 0.4], 0.3, "loaded_rate", links=x),
    ),
}


@pytest.mark.parametrize("name", LINKED)
def test_a_value_leads_to_its_evidence_and_no_other_does(name):
    key, draw = LINKED[name]
    href = 'evidence/a&b.html#s"1'
    found = links_of(draw({key: href, ("Nobody", "nothing"): "evidence/none.html"}))
    assert len(found) >= 2 and set(found) == {href}, "the mark and the number"
    assert links_of(draw(None)) == []


@pytest.mark.parametrize("href", ["https://example.org", "javascript:alert(1)", "//example.org", "/etc", "a b"])
def test_a_link_stays_inside_the_report(href):
    key, draw = LINKED["loaded_rates"]
    with pytest.raises(ParameterError, match="relative"):
        draw({key: href})


# Every outlet against every other


def test_clear_differences_of_pairs_are_bold_and_stand_in_both_directions():
    figure = figures.pairs(PAIRS)
    bold = {text.get_text() for text in figure.axes[0].texts if text.get_fontweight() == "bold"}
    assert bold == {"+35.0", "-35.0", "+25.0", "-25.0"}
    assert "Daily Klaxon against Northgate Wire +35.0 (+25.0 to +45.0), higher" in figure.alt
    faint = [text.get_text() for text in figure.axes[0].texts if text.get_fontweight() == "normal"]
    assert {"-10.0", "+10.0"} <= set(faint)


def test_of_many_outlets_twelve_are_paired_and_the_figure_says_so():
    names = [f"Outlet {i:02d}" for i in range(16)]
    figure = figures.pairs(pairs_of(names))
    assert "12 of 16 outlets" in figure.axes[0].get_xlabel() and "12 of 16 outlets" in figure.alt
    assert len(figure.axes[0].get_yticks()) == 12


# Over time


def test_where_an_outlet_has_no_article_the_line_is_broken_and_never_zero():
    axis = figures.trend(TREND).axes[0]
    stretches = [line.get_xdata() for line in axis.lines if line.get_linestyle() == "-" and line.get_marker() == "None"]
    assert [0, 1, 2, 3] in [list(x) for x in stretches] and [5] in [list(x) for x in stretches]
    points = [line for line in axis.lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in points] == [0, 1, 2, 3, 5, 7]
    assert all(line.get_ydata()[0] > 0 for line in points)
    assert [line.get_xdata()[0] for line in points if line.get_markerfacecolor() == "white"] == [2], "no interval"


def test_a_change_is_marked_in_the_panel_of_its_outlet_and_measure_only():
    panels = {axis.get_title(loc="left"): axis for axis in figures.trend(TREND, MARKS).axes if axis.get_visible()}
    found = {name: [text.get_text() for text in axis.texts] for name, axis in panels.items()}
    assert found == {"Northgate Wire": [], "Daily Klaxon": ["higher, 2026-06"], "The Common Lantern": []}
    assert "Daily Klaxon: 2026-01 10.0% (5.0 to 15.0) to 2026-08 20.0% (15.0 to 25.0); higher in 2026-06" in (
        figures.trend(TREND, MARKS).alt
    )


def test_panels_share_one_scale_and_an_outlet_without_any_article_says_so():
    silent = over_time("Ghost").assign(rate=np.nan, low=np.nan, high=np.nan, note="no article")
    axes = figures.trend(pd.concat([TREND, silent])).axes
    assert len({axis.get_ylim() for axis in axes}) == 1
    assert [text.get_text() for text in axes[3].texts] == ["no article"]


def test_a_trend_is_of_one_measure():
    with pytest.raises(ParameterError, match="loaded_rate_author, stance"):
        figures.trend(pd.concat([TREND, TREND.assign(measure="stance")]))


# Calibration and scores


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (3, 10), (10, 10), (150, 296)])
def test_intervals_of_shares_are_those_of_scipy(hits, n):
    from scipy.stats import binomtest

    expected = binomtest(hits, n).proportion_ci(method="wilson")
    low, high = figures.wilson(hits / n, n)
    assert (float(low), float(high)) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_every_bin_is_drawn_with_its_interval_and_the_bins_are_counted():
    figure = figures.calibration(BINS)
    low, high = figures.wilson(BINS["observed"], BINS["n"])
    drawn = {tuple(line.get_ydata()) for line in figure.axes[0].lines if len(line.get_ydata()) == 2}
    assert set(zip(low.tolist(), high.tolist(), strict=True)) <= drawn
    assert "3 bins of 50 to 51" in [text.get_text() for text in figure.axes[0].texts]
    assert "0.50 given, 0.40 (0.28 to 0.54) found" in figure.alt


def test_ours_are_filled_and_every_score_stands_beside_its_mark():
    axis = figures.bars_beside(SCORES).axes[0]
    assert [line.get_markerfacecolor() == "white" for line in axis.lines] == [False, True]
    assert [text.get_text() for text in axis.texts] == ["sentences", ".807", ".554"]


@pytest.mark.parametrize(
    ("values", "own", "words"),
    [
        ([0.1, 0.2, 0.4, 0.5], 0.3, "50% of 4 articles are lower, 50% higher"),
        ([0.1, 0.2, 0.2, np.nan], 0.2, "33% of 3 articles are lower, 0% higher"),
        ([*np.linspace(0, 0.5, 999), 0.7], 0.6, "over 99% of 1,000 articles are lower, under 1% higher"),
        ([0.3], 0.3, "0% of 1 articles are lower, 0% higher"),
    ],
)
def test_where_an_article_stands_is_said_in_words(values, own, words):
    figure = figures.where_it_stands(values, own, "loaded_rate")
    assert words in figure.alt and words in figure.axes[0].texts[0].get_text() and figures.save(figure)


@pytest.mark.parametrize(("values", "own"), [([], 0.3), ([np.nan], 0.3), ([0.1, 0.2], np.nan)])
def test_where_nothing_can_be_compared_a_figure_says_so(values, own):
    assert not figures.where_it_stands(values, own, "loaded_rate").axes[0].patches
