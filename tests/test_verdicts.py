"""What a comparative report finds, in words: never more than its tests say, and nothing twice."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import OUTLETS, made_up_tables
from scipy import stats

from framing.comparison import HIGHER, LOWER, MISSING, REST, TOO_FEW, UNCLEAR
from framing.report import verdicts
from framing.report.scored import Scored
from framing.report.verdicts import ACROSS, VOICES, Verdicts

OWN, QUOTED = VOICES
WIRE, KLAXON, LANTERN = OUTLETS
COLUMNS = ["group", "against", "measure", "estimate", "low", "high", "group_value", "rest_value", "p", "q",
           "detectable", "verdict", "target"]  # fmt: skip


def row(group, verdict=UNCLEAR, measure=OWN, against=REST, *, value=0.3, rest=0.1, target="", detectable=0.05):
    """A comparison as it was judged; one that is not made has no p."""
    made = verdict in (HIGHER, LOWER, UNCLEAR)
    value, rest = (rest, value) if verdict == LOWER else (value, rest)
    p = 0.001 if verdict in (HIGHER, LOWER) else 0.4
    numbers = (value - rest, value - rest - 0.01, value - rest + 0.01, value, rest, p, p, detectable)
    return dict(
        zip(COLUMNS, (group, against, measure, *(numbers if made else [np.nan] * 8), verdict, target), strict=True)
    )


def told(across=(), within=(), stance=(), *, outlets=OUTLETS, missing=()):
    """The findings of such comparisons among those outlets, those on other measures after the others."""
    tables = [pd.DataFrame(list(rows), columns=COLUMNS) for rows in (across, within, (), stance)]
    articles = pd.DataFrame({"article_id": [str(n) for n in range(9)], "outlet": (list(outlets) * 9)[:9]})
    scored = Scored(tables={"articles": articles}, outlets=tuple(outlets), missing=tuple(missing))
    found = Verdicts(*tables)
    return [*verdicts.findings(scored, found), *verdicts.further_findings(found)]


MORE, LESS = (f"words its news in {how} loaded language of its own" for how in ("more", "less"))
VOICE = "Not enough articles for a verdict on loaded language in own voice"
CASES = [
    # Comparisons; what is said after the opening line; why.
    ([row(KLAXON, HIGHER)], [f"{KLAXON} {MORE} than the rest (30.0% against 10.0%)."],
     "higher, with both values"),
    ([row(KLAXON, LOWER)], [f"{KLAXON} {LESS} than the rest (10.0% against 30.0%)."],
     "lower"),
    ([row(WIRE, HIGHER, value=0.2), row(KLAXON, HIGHER, value=0.4)],
     [f"{KLAXON} (40.0% against 10.0%) and {WIRE} (20.0% against 10.0%) word their news in more loaded language of "
      "their own than the rest."], "several in one sentence, the highest first"),
    ([row(f"Outlet {n}", HIGHER, value=0.9 - n / 10) for n in range(6)],
     ["Outlet 0 (90.0% against 10.0%), Outlet 1 (80.0% against 10.0%), Outlet 2 (70.0% against 10.0%) and 3 more "
      "outlets word their news in more loaded language of their own than the rest."],
     "many: the first, and how many more"),
    ([row(WIRE, HIGHER, against=KLAXON), row(KLAXON, LOWER, against=WIRE)],
     [f"{WIRE} {MORE} than {KLAXON} (30.0% against 10.0%)."],
     "two outlets: the other by name, and once"),
    ([row(KLAXON, LOWER, against=WIRE), row(WIRE, UNCLEAR, against=KLAXON)],
     [f"{KLAXON} {LESS} than {WIRE} (10.0% against 30.0%)."],
     "of two, where only the lower one is clear, that one"),
    ([row(WIRE, LOWER, "loaded_headlines")],
     [f"{WIRE} has fewer loaded headlines than the rest (10.0% against 30.0%)."],
     "headlines are counted: fewer, not less"),
    ([row(WIRE)], [], "what is not clear is not told"),
    ([row(WIRE), row(LANTERN, TOO_FEW)], [f"{VOICE}: {LANTERN}."],
     "too few articles in own voice"),
    ([row(WIRE), row(LANTERN, TOO_FEW), row(LANTERN, TOO_FEW, QUOTED), row(KLAXON, TOO_FEW, QUOTED)],
     [f"{VOICE}: {LANTERN}.",
      f"Not enough articles for a verdict on some measures: {KLAXON}."], "each outlet under what it lacks, once"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "said", "why"), CASES)
def test_a_verdict_becomes_a_sentence(rows, said, why):
    assert told(rows)[1:] == said, why


def test_the_same_stories_and_stance_are_told_in_their_own_words():
    assert told(within=[row(KLAXON, HIGHER, QUOTED)])[1:] == [
        f"{KLAXON} quotes more loaded language than others on the same stories (30.0% against 10.0%)."
    ]
    assert told(within=[row(KLAXON, HIGHER, against=WIRE), row(WIRE, LOWER, against=KLAXON)])[1:] == [
        f"{KLAXON} {MORE} than {WIRE} on the same stories (30.0% against 10.0%)."
    ]
    toward = [row(WIRE, LOWER, "stance_author", target=name, value=-0.001, rest=-0.4) for name in ("Kelder", "Quill")]
    assert told(stance=[*toward, row(LANTERN, measure="stance_author", target="Kelder")])[1:] == [
        f"Toward {name}, {WIRE} is more negative in its own voice than the rest (-0.40 against +0.00)."
        for name in ("Kelder", "Quill")
    ]


OPENINGS = [
    # Outlets, comparisons, the opening line, why.
    (OUTLETS, [], "9 articles of 3 outlets: too few for any comparison; the tables describe them.", "no test was made"),
    (OUTLETS[:1], [row(WIRE, TOO_FEW)],
     "9 articles of 1 outlet: with one outlet there is nothing to compare; the tables describe it.",
     "nobody to compare with"),
    (OUTLETS, [row(WIRE)], "9 articles of 3 outlets: none of 1 comparison shows a clear difference.", "one, unclear"),
    (OUTLETS, [row(WIRE, HIGHER), row(KLAXON)],
     "9 articles of 3 outlets: 1 of 2 comparisons shows a clear difference.",
     "one, clear"),
    (OUTLETS, [row(WIRE, HIGHER), row(KLAXON, LOWER), row(LANTERN, TOO_FEW)],
     "9 articles of 3 outlets: 2 of 2 comparisons show a clear difference.", "what was not tested is not counted"),
]  # fmt: skip


@pytest.mark.parametrize(("outlets", "rows", "said", "why"), OPENINGS)
def test_the_first_line_says_how_many_tests_there_were_and_how_many_are_clear(outlets, rows, said, why):
    lines = told(rows, outlets=outlets)
    assert lines[0] == said, why
    assert len(outlets) > 1 or len(lines) == 1, "one outlet lacks others, not articles"


def test_an_outlet_that_is_not_there_is_named_and_no_more():
    lines = told([row(WIRE), row("The Ghost", MISSING)], missing=["The Ghost"])
    assert lines[1:] == ["Not in the corpus, and so not compared: The Ghost."]


NAMES = ("Alder Post", "Birch Daily", "Cedar Wire", "Dogwood News")
ROWS = st.builds(
    row, st.sampled_from(NAMES), st.sampled_from([HIGHER, LOWER, UNCLEAR]), st.sampled_from(ACROSS),
    st.sampled_from([REST, *NAMES]), value=st.floats(0.5, 0.9), rest=st.floats(0.1, 0.4),
)  # fmt: skip


@settings(max_examples=50)
@given(st.lists(ROWS, max_size=12, unique_by=lambda one: (one["group"], one["measure"], one["against"])), st.booleans())
def test_an_outlet_is_named_only_where_a_clear_row_stands_behind_it(rows, on_same_stories):
    rows = [one for one in rows if one["group"] != one["against"]]
    voices = [one for one in rows if one["measure"] in VOICES]
    lines = told(within=voices, outlets=NAMES) if on_same_stories else told(rows, outlets=NAMES)
    clear = [one for one in (voices if on_same_stories else rows) if one["verdict"] in (HIGHER, LOWER)]
    for name in NAMES:
        behind = [one for one in clear if name in (one["group"], one["against"])]
        assert behind or not any(name in line for line in lines)
    assert len(lines) - 1 <= len(clear)
    if not clear:
        assert len(lines) == 1


CAUTIONS = [
    (
        [row(WIRE, detectable=0.04), row(KLAXON, detectable=0.06), row(LANTERN, HIGHER)],
        "found one of 5 points",
        "median",
    ),
    ([row(WIRE, detectable=0.01)], "found one of 1 point four", "one point is no points"),
    ([row(WIRE, detectable=0.0)], "", "articles that are all alike leave nothing open"),
    ([row(WIRE, HIGHER)], "", "everything is clear"),
    ([row(WIRE, TOO_FEW)], "", "nothing was tested"),
]


@pytest.mark.parametrize(("rows", "said", "why"), CAUTIONS)
def test_what_no_clear_difference_leaves_open_is_said_in_points(rows, said, why):
    line = verdicts.caution(Verdicts(*(pd.DataFrame(part, columns=COLUMNS) for part in (rows, [], [], []))))
    assert (said in line) if said else line == "", why


@pytest.fixture(scope="module")
def judged():
    tables = made_up_tables(per_outlet=14)
    tables["attributions"]["cue_text"] = "said"
    scored = Scored(tables=tables, outlets=OUTLETS, missing=("The Ghost",))
    return verdicts.verdicts(scored, targets=["Marta Quill", "Kelder"], resamples=200)


def test_all_tests_of_a_report_are_corrected_together_as_scipy_corrects_them(judged):
    parts = [judged.across, judged.within, judged.pairs, judged.stance]
    p = pd.concat([part["p"] for part in parts]).dropna()
    q = pd.concat([part["q"] for part in parts]).dropna()
    assert len(p) == judged.tests > 40
    assert q.to_numpy() == pytest.approx(stats.false_discovery_control(p, method="bh"))


def test_a_verdict_is_clear_only_below_the_corrected_level_and_with_an_interval_on_one_side_of_zero(judged):
    for part in (judged.across, judged.within, judged.pairs, judged.stance):
        clear = part["verdict"].isin([HIGHER, LOWER])
        assert ((part["q"] < 0.05) & (part["low"] * part["high"] > 0))[clear].all()
        assert (part.loc[clear, "estimate"] > 0).equals(part.loc[clear, "verdict"] == HIGHER)
        assert part["p"].notna().equals(part["verdict"].isin([HIGHER, LOWER, UNCLEAR]))
    assert set(judged.across["measure"]) == set(ACROSS) and set(judged.stance["target"]) == {"Marta Quill", "Kelder"}
    assert judged.clear > 0 and (judged.across.query("group == 'The Ghost'")["verdict"] == MISSING).all()


def test_pairs_are_those_of_the_outlets_that_are_drawn():
    names = tuple(f"O{number:02d}" for number in range(verdicts.MOST_PAIRED + 2))
    tables = made_up_tables(names, per_outlet=6, rates=(0.2,) * len(names))
    tables["attributions"]["cue_text"] = "said"
    tables["articles"] = tables["articles"].drop(tables["articles"].query("outlet in ['O03', 'O07']").index[:4])
    pairs = verdicts.verdicts(Scored(tables=tables, outlets=names), resamples=100).pairs
    named = set(pairs["group"]) | set(pairs["against"])
    assert len(named) == verdicts.MOST_PAIRED and "O03" not in named
    assert len(pairs) == verdicts.MOST_PAIRED * (verdicts.MOST_PAIRED - 1) / 2
