"""Every test of a comparative report, corrected together, and what they say in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.comparison import HIGHER, LOWER, MEASURES, REST, TOO_FEW, UNCLEAR, compare, compare_pairs, judge, rows_of
from framing.comparison.measures import VOICE_MEASURES
from framing.comparison.stories import compare_within
from framing.records import FRAMES
from framing.report.phrasing import amount, counted, listed, named, points

if TYPE_CHECKING:
    import pandas as pd

    from framing.report.scored import Scored

VOICES: tuple[str, ...] = VOICE_MEASURES[:2]
CUES = ("doubting_cues", "endorsing_cues", "charged_cues")
FRAME_MEASURES = tuple(f"frame_{name}" for name in FRAMES)
ACROSS = (*VOICES, "loaded_headlines", "attributed_share", "direct_quotes", "quoted_openings", *CUES, *FRAME_MEASURES)
# All pairs of so many outlets are tested; of more, those with the most articles.
MOST_PAIRED = 12
# So many outlets are named in a sentence.
_NAMED = 4
# What an outlet does that stands higher in a measure, what one does that stands lower, and the same of several.
_SAID = {
    "loaded_rate_author": (
        "words its news in {more} loaded language of its own",
        "word their news in {more} loaded language of their own",
    ),
    "loaded_rate_source": ("quotes {more} loaded language", "quote {more} loaded language"),
    "loaded_headlines": ("has {more} loaded headlines", "have {more} loaded headlines"),
    "attributed_share": ("leaves {more} of its words to sources", "leave {more} of their words to sources"),
    "direct_quotes": (
        "quotes {more} of what sources say word for word",
        "quote {more} of what sources say word for word",
    ),
    "quoted_openings": ("opens {more} articles with a source’s voice", "open {more} articles with a source’s voice"),
    "doubting_cues": ("passes on {more} with doubt (“claimed”)", "pass on {more} with doubt (“claimed”)"),
    "endorsing_cues": (
        "passes on {more} with an endorsement (“pointed out”)",
        "pass on {more} with an endorsement (“pointed out”)",
    ),
    "charged_cues": (
        "passes on {more} with charged verbs (“lashed out”)",
        "pass on {more} with charged verbs (“lashed out”)",
    ),
    **{
        f"frame_{name}": (
            f"tells {{more}} of the {name.replace('_', ' ')} frame",
            f"tell {{more}} of the {name.replace('_', ' ')} frame",
        )
        for name in FRAMES
    },
}
_COUNTED = ("loaded_headlines", "quoted_openings")


@dataclass(frozen=True)
class Verdicts:
    """Comparisons of a report with q-values over all their tests.

    ``across``: each outlet against the rest, all measures; ``within``: the same on shared stories, loaded language;
    ``pairs``: outlet against outlet, loaded language in own voice; ``stance``: each outlet against the rest, by target.
    """

    across: pd.DataFrame
    within: pd.DataFrame
    pairs: pd.DataFrame
    stance: pd.DataFrame

    @property
    def tests(self) -> int:
        """How many tests were made."""
        return sum(int(table["p"].notna().sum()) for table in self._tables)

    @property
    def clear(self) -> int:
        """How many found a clear difference."""
        return sum(int(table["verdict"].isin([HIGHER, LOWER]).sum()) for table in self._tables)

    @property
    def _tables(self) -> tuple[pd.DataFrame, ...]:
        return self.across, self.within, self.pairs, self.stance


def verdicts(scored: Scored, *, targets: Sequence[str] = (), seed: int = 0, resamples: int = 2000) -> Verdicts:
    """Test everything that the report tells, and correct all of it together (Benjamini & Hochberg 1995)."""
    import pandas as pd

    asked, tables = [*scored.outlets, *scored.missing], scored.tables
    across = compare(tables, measure=ACROSS, groups=asked, seed=seed, resamples=resamples)
    within = compare_within(tables, measure=VOICES, groups=asked)
    pairs = compare_pairs(tables, groups=scored.drawn(MOST_PAIRED), seed=seed, resamples=resamples)
    toward = [
        compare(tables, measure="stance_author", target=one, groups=asked, seed=seed, resamples=resamples).assign(
            target=one
        )
        for one in targets
    ]
    stance = pd.concat(toward, ignore_index=True) if toward else across.head(0).assign(target=pd.Series(dtype=str))
    return Verdicts(*judge([across, within, pairs, stance]))


def findings(scored: Scored, found: Verdicts) -> list[str]:
    """What the verdicts say of loaded language, one sentence per measure and direction; never more than they say."""
    lines = [_opening(scored, found)]
    lines += _told(found.across, VOICES[:1])
    lines += _told(found.within, VOICES[:1], same_stories=True)
    lines += _told(found.across, VOICES[1:])
    lines += _told(found.within, VOICES[1:], same_stories=True)
    lines += _untold(scored, found.across) if len(scored.outlets) > 1 and found.tests else []
    if scored.missing:
        lines.append(
            f"Not in the corpus, and so not compared: {listed([named(one) for one in scored.missing], 8, 'outlets')}."
        )
    return lines


def further_findings(found: Verdicts) -> list[str]:
    """The same of all other measures: headlines, sources, cues, frames, stance."""
    return _told(found.across, ACROSS[len(VOICES) :]) + _stances(found.stance)


def _opening(scored: Scored, found: Verdicts) -> str:
    articles = scored.tables["articles"]
    corpus = f"{counted(len(articles), 'article')} of {counted(len(scored.outlets), 'outlet')}"
    if len(scored.outlets) < 2:
        return f"{corpus}: with one outlet there is nothing to compare; the tables describe it."
    if not found.tests:
        return f"{corpus}: too few for any comparison; the tables describe them."
    how_many = f"{found.clear:,}" if found.clear else "none"
    show = "show" if found.clear > 1 else "shows"
    return f"{corpus}: {how_many} of {counted(found.tests, 'comparison')} {show} a clear difference."


def _untold(scored: Scored, across: pd.DataFrame) -> list[str]:
    """Which outlets have no verdict on their own voice, and which none on some other measure, for want of articles."""
    few = across[(across["verdict"] == TOO_FEW) & across["group"].isin(scored.outlets)]
    own = sorted(few.loc[few["measure"] == VOICES[0], "group"])
    some = sorted(set(few["group"]) - set(own))
    lines = [("on loaded language in own voice", own), ("on some measures", some)]
    return [
        f"Not enough articles for a verdict {what}: {listed([named(one) for one in who], 8, 'outlets')}."
        for what, who in lines
        if who
    ]


def _told(table: pd.DataFrame, measures: Sequence[str], *, same_stories: bool = False) -> list[str]:
    lines = []
    for measure in measures:
        mine = _once(table[table["measure"] == measure])
        for verdict in (HIGHER, LOWER):
            rows = mine[mine["verdict"] == verdict].sort_values("estimate", ascending=verdict == LOWER)
            if len(rows):
                lines.append(_sentence(rows_of(rows), measure, verdict, same_stories))
    return lines


def _once(rows: pd.DataFrame) -> pd.DataFrame:
    """Clear rows; where two outlets stand against each other the one that is higher speaks for both."""
    higher = {(row.group, row.against) for row in rows_of(rows[rows["verdict"] == HIGHER])}
    pairs = zip(rows["against"], rows["group"], strict=True)
    mirrored = np.array([pair in higher for pair in pairs], dtype=bool)
    return rows[(rows["verdict"] == HIGHER) | ((rows["verdict"] == LOWER) & ~mirrored)]


def _sentence(rows: Sequence[Any], measure: str, verdict: str, same_stories: bool) -> str:
    word = "more" if verdict == HIGHER else "fewer" if measure in _COUNTED else "less"
    one, several = (form.format(more=word) for form in _SAID[measure])
    values = [f"{amount(row.group_value, measure)} against {amount(row.rest_value, measure)}" for row in rows]
    others = named(rows[0].against) if rows[0].against != REST else "others" if same_stories else REST
    than = f" than {others}" + (" on the same stories" if same_stories else "")
    if len(rows) == 1:
        return f"{named(rows[0].group)} {one}{than} ({values[0]})."
    who = [f"{named(row.group)} ({value})" for row, value in zip(rows, values, strict=True)]
    return f"{listed(who, _NAMED, 'outlets')} {several}{than}."


def _stances(table: pd.DataFrame) -> list[str]:
    lines = []
    parts = [_once(table[table["target"] == target]) for target in dict.fromkeys(table["target"])]
    for row in (row for part in parts for row in rows_of(part)):
        way = "more positive" if row.verdict == HIGHER else "more negative"
        lines.append(
            f"Toward {named(row.target)}, {named(row.group)} is {way} in its own voice than {named(row.against)} "
            f"({amount(row.group_value, row.measure, signed=True)} against "
            f"{amount(row.rest_value, row.measure, signed=True)})."
        )
    return lines


def left_open(table: pd.DataFrame) -> float:
    """The difference in own voice that half of the tests without a clear one would have found; NaN where none is."""
    unclear = table[(table["measure"] == VOICES[0]) & (table["verdict"] == UNCLEAR)]
    return float(np.median(unclear["detectable"])) if len(unclear) else float("nan")


def caution(found: Verdicts) -> str:
    """What *no clear difference* does not rule out; empty where every test found one, or articles are all alike."""
    open_ = left_open(found.across)
    if not np.isfinite(open_) or open_ < 0.005:
        return ""
    label = MEASURES[VOICES[0]].label
    return (
        "No clear difference does not mean no difference: in " + label + ", a typical comparison here would have found "
        f"one of {points(open_)} four times out of five, and smaller ones less often."
    )
