"""Figures: every estimate with its interval, outlets in their own colour, words for those who cannot see them."""

import numpy as np
import pandas as pd
import pytest
from made_up import OUTLETS, made_up_tables

from framing import figures
from framing.comparison import compare, rates
from framing.comparison.keyness import distinctive_terms
from framing.errors import ParameterError
from framing.report.summary import stance_by_target

TABLES = made_up_tables()
LOADED = rates(TABLES, groups=[*OUTLETS, "Ghost"], resamples=200)
STANCE = stance_by_target(TABLES, resamples=200)
DRAWN = {
    "loaded_rates": lambda: figures.loaded_rates(LOADED),
    "differences": lambda: figures.differences(
        compare(TABLES, measure=["loaded_rate_author", "stance"], resamples=200)
    ),
    "stance_heatmap": lambda: figures.stance_heatmap(STANCE),
    "cue_classes": lambda: figures.cue_classes(rates(TABLES, measures=["neutral_cues", "charged_cues"], resamples=200)),
    "distinctive": lambda: figures.distinctive(distinctive_terms(TABLES, minimum_z=0)),
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
    assert "not in the corpus" in [text.get_text() for text in axis.texts]
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
    assert int.from_bytes(png[16:20], "big") > 1200
    with pytest.raises(ParameterError, match="svg, png"):
        figures.save(drawn["loaded_rates"], "gif")


@pytest.mark.parametrize(
    "outlet", ["$x$ & $y", "\\frac{1}{2}", "<b>Post</b>", "N" * 80, "", "a\nb\tc", "Zeitung für Ω"]
)
def test_the_name_of_an_outlet_is_never_markup_or_mathematics(outlet):
    table = LOADED.assign(group=LOADED["group"].replace("Ghost", outlet))
    assert figures.save(figures.loaded_rates(table)).startswith(b"<?xml")


@pytest.mark.parametrize(
    ("draw", "table"),
    [
        (figures.loaded_rates, LOADED),
        (figures.stance_heatmap, STANCE),
        (figures.distinctive, distinctive_terms(TABLES, minimum_z=0)),
        (figures.cue_classes, LOADED),
    ],
)
def test_an_empty_table_gives_an_empty_figure_and_no_error(draw, table):
    assert figures.save(draw(table.head(0)))


def test_one_outlet_and_one_measure_are_enough():
    assert figures.save(figures.loaded_rates(LOADED.head(1)))


def test_drawing_leaves_nobody_elses_settings_changed():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    figures.loaded_rates(LOADED)
    assert dict(mpl.rcParams) == before


def test_many_outlets_share_colours_but_not_colour_and_marker():
    names = [f"Outlet {i:02d}" for i in range(12)]
    table = pd.concat([LOADED.head(1).assign(group=name) for name in names])
    assert figures.save(figures.loaded_rates(table))
