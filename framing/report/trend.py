"""What a report tells of change over time: who has dates, what has changed, what cannot be said.

Each function takes the tidy tables, or those of :mod:`framing.comparison.trends`, and gives sentences, or a table or a
section ready to be shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from framing import figures
from framing.comparison import HIGHER, LOWER, MEASURES, UNCLEAR, rows_of
from framing.comparison.trends import over_time, period_of, periods
from framing.report.phrasing import amount, with_interval
from framing.report.render import Fragment, Results, escaped, paragraphs

if TYPE_CHECKING:
    import pandas as pd

    from framing.report.scored import Scored

# So many changes are told one by one, and so many names are listed; more are counted.
_TOLD, _LISTED = 6, 10
# More columns than this do not fit beside one another, and more rows are no reading.
_ACROSS, _MOST_ROWS = 12, 1000
_CLEAR = [HIGHER, LOWER]
NO_MENTION = "no mention"


def dated(tables: Mapping[str, pd.DataFrame], every: str) -> pd.DataFrame:
    """How many articles each outlet has in each period: one row per outlet, one column per period.

    Before the periods stand ``articles`` and ``without a date``: those whose date is missing or cannot be used.
    """
    import pandas as pd

    articles = tables["articles"]
    found = articles.assign(period=period_of(articles["date"], every).to_numpy())
    counts = pd.crosstab(found["outlet"], found["period"]).reindex(
        index=sorted(found["outlet"].unique()), columns=periods(tables, every), fill_value=0
    )
    table = pd.DataFrame({"outlet": counts.index.astype(str)})
    table["articles"] = found["outlet"].value_counts().reindex(counts.index).to_numpy()
    table["without a date"] = table["articles"] - counts.sum(axis=1).to_numpy()
    return pd.concat([table, counts.reset_index(drop=True).rename_axis(columns=None)], axis=1)


def dated_shown(table: pd.DataFrame) -> pd.DataFrame:
    """The same as it is read: where there are too many periods, the first, the last, and how many have articles."""
    import pandas as pd

    names = list(table.columns[3:])
    if len(names) <= _ACROSS:
        return table
    rows = []
    for values in table.itertuples(index=False, name=None):
        there = [name for name, count in zip(names, values[3:], strict=True) if count]
        ends = (there[0], there[-1]) if there else (None, None)
        most = max(values[3:])
        rows.append((*values[:3], *ends, f"{len(there)} of {len(names)}", most))
    return pd.DataFrame(rows, columns=[*table.columns[:3], "from", "to", "periods with articles", "most in one"])


def undated(tables: Mapping[str, pd.DataFrame], every: str) -> list[str]:
    """Which articles have no usable date, with what stands in its place; empty where all have one."""
    articles = tables["articles"]
    lost = articles[period_of(articles["date"], every).isna()].sort_values(["outlet", "article_id"])
    if lost.empty:
        return []
    sizes = sorted(lost["outlet"].value_counts().items(), key=lambda item: (-item[1], str(item[0])))
    lines = [
        f"{len(lost):,} of {len(articles):,} articles have no usable date (YYYY-MM-DD) and are left out of all that "
        f"follows: {_listed([f'{name} {count}' for name, count in sizes])}."
    ]
    given = [(str(row.article_id), _given(row.date)) for row in rows_of(lost)]
    wrong = [f"{name}: “{date[:40]}”" for name, date in given if date]
    none = [name for name, date in given if not date]
    lines += [f"Dates that cannot be used: {_listed(wrong)}."] if wrong else []
    return lines + ([f"Without any date: {_listed(none)}."] if none else [])


def _given(value: Any) -> str:
    text = str(value).strip()
    return "" if text in ("None", "nan", "NaT", "<NA>") else text


def drawn(scored: Scored, every: str, most: int = 12) -> list[str]:
    """The outlets that figures show: all with a usable date where they are few, else those with the most articles."""
    articles = scored.tables["articles"]
    kept = articles[period_of(articles["date"], every).notna()]
    there = set(kept["outlet"])
    names = tuple(name for name in scored.outlets if name in there)
    return replace(scored, tables={**scored.tables, "articles": kept}, outlets=names, missing=()).drawn(most)


def findings(table: pd.DataFrame, known: Sequence[str]) -> list[str]:
    """What :func:`framing.comparison.trends.changes` found, in sentences; ``known`` are the periods of the corpus.

    Where nothing changed, where nothing could be tested, and where there is no time to compare, they say just that.
    """
    if not known:
        return ["No article has a usable date, so nothing can be said about change over time."]
    if len(known) == 1:
        return [f"All dated articles are of one period, {known[0]}: nothing can be said about change over time."]
    clear = table[table["verdict"].isin(_CLEAR)].sort_values(["q", "p", "measure", "group", "period"])
    lines = [_change(row, known) for row in rows_of(clear.head(_TOLD))]
    if len(clear) > _TOLD:
        lines.append(f"{len(clear) - _TOLD} more changes stand in the tables below.")
    tested = table[table["p"].notna()]
    some, everyone = tested["group"].nunique(), table["group"].nunique()
    outlets = f"{some} of {everyone} outlets" if some < everyone else _outlets(tested)
    if tested.empty:
        lines.append("No outlet has enough articles on both sides of a border between periods: whether anything "
                     "changed cannot be said.")  # fmt: skip
    elif not lines:
        lines.append(f"No clear change over time was found: {len(tested):,} borders between periods were tested, "
                     f"of {outlets}.")  # fmt: skip
    few = sorted(set(table["group"]) - set(tested["group"]))
    if few and not tested.empty:
        named = _listed(few) if len(few) <= _LISTED else f"{len(few)} of {everyone} outlets"
        lines.append(f"Not enough articles before and after any border to say anything of: {named}.")
    return lines


def _change(row: Any, known: Sequence[str]) -> str:
    label = MEASURES[row.measure].label
    change = amount(row.estimate, row.measure, signed=True) + (" points" if MEASURES[row.measure].percent else "")
    ends = " to ".join(amount(end, row.measure, signed=True) for end in (row.low, row.high))
    after, before = _span(row.period, row.until), _span(row.since, known[known.index(row.period) - 1])
    return (
        f"{row.group}: {label} is {row.verdict} {after} than {before}: {amount(row.group_value, row.measure)} against "
        f"{amount(row.rest_value, row.measure)} (difference {change}, 95% interval {ends}, q {_q(row.q)})."
    )


def _outlets(table: pd.DataFrame) -> str:
    count = table["group"].nunique()
    return f"{count} outlet{'s' * (count != 1)}"


def _q(value: float) -> str:
    return "< 0.001" if value < 0.0005 else f"= {value:.3f}"


def _span(first: str, last: str) -> str:
    return f"in {first}" if first == last else f"from {first} to {last}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def strongest(table: pd.DataFrame) -> pd.DataFrame:
    """Of every outlet and measure the marked changes; where there is none, the border that comes nearest to one."""
    order = table.assign(clear=~table["verdict"].isin(_CLEAR), place=range(len(table)))
    order = order.sort_values(["clear", "p", "place"])
    first = ~order.duplicated(["group", "measure"])
    kept = order[~order["clear"] | first].sort_values("place")
    return kept[table.columns].reset_index(drop=True)


def changes_shown(table: pd.DataFrame) -> pd.DataFrame:
    """Borders as they are read: before and after, difference with interval, q, articles, verdict."""
    import pandas as pd

    rows = [
        {
            "outlet": row.group,
            "measure": MEASURES[row.measure].label,
            "change at": row.period,
            "before": amount(row.rest_value, row.measure),
            "from then on": amount(row.group_value, row.measure),
            "difference": with_interval(row.estimate, row.low, row.high, row.measure, signed=True),
            "q": _q(row.q).removeprefix("= ") if np.isfinite(row.q) else "–",
            "articles": f"{row.n_rest} : {row.n}" if row.period else f"{row.n}",
            "verdict": "no clear change" if row.verdict == UNCLEAR else row.verdict,
        }
        for row in rows_of(table)
    ]
    return pd.DataFrame(rows, columns=["outlet", "measure", "change at", "before", "from then on", "difference", "q",
                                       "articles", "verdict"])  # fmt: skip


def rates_shown(table: pd.DataFrame, drawn: Sequence[str] = ()) -> pd.DataFrame:
    """Rates by period as they are read: a row per outlet and period with articles, each with its interval.

    Of a table that is no reading for its length only the ``drawn`` outlets are kept.
    """
    import pandas as pd

    kept = _read(table, drawn)
    rows = [
        {
            "outlet": row.group,
            "period": row.period,
            "rate": with_interval(row.rate, row.low, row.high, row.measure),
            "articles": row.n,
            "note": row.note,
        }
        for row in rows_of(kept)
    ]
    return pd.DataFrame(rows, columns=["outlet", "period", "rate", "articles", "note"])


def sections(
    results: Results,
    table: pd.DataFrame,
    tested: pd.DataFrame,
    *,
    drawn: Sequence[str],
    outlets: Sequence[str],
) -> Fragment:
    """Each measure under its own heading: figure, changes, and the rates behind them.

    ``table`` and ``tested`` are those of :func:`framing.comparison.trends.over_time` and
    :func:`framing.comparison.trends.changes`; ``drawn`` are the outlets that the figure shows, ``outlets`` all.
    """
    parts = []
    for measure in dict.fromkeys(tested["measure"]):
        of = tested["measure"] == measure
        parts.append(_section(results, measure, table[table["measure"] == measure], tested[of], drawn, outlets))
    return Fragment("".join(part.html for part in parts), "\n\n".join(part.text for part in parts))


def _section(
    results: Results,
    measure: str,
    table: pd.DataFrame,
    tested: pd.DataFrame,
    drawn: Sequence[str],
    outlets: Sequence[str],
) -> Fragment:
    label = MEASURES[measure].label
    title = label[:1].upper() + label[1:]
    marked = tested[tested["verdict"].isin(_CLEAR)]
    chosen = _chosen(table, drawn, set(marked["group"]))
    only = "" if len(chosen) == len(outlets) else f" {len(chosen)} of {len(outlets)} outlets are drawn."
    seen = table[table["group"].isin(chosen)]
    shown = [paragraphs(*power_lines(tested, measure))]
    if seen.empty and not table.empty:
        shown.append(paragraphs("No outlet has enough articles with a date to be drawn."))
    elif not seen.empty:
        drawing = figures.trend(seen, marked, outlets=outlets)
        lines = "; dashed lines are changes" if len(marked) else ""
        caption = f"{title} over time, with 95% intervals{lines}." + only
        shown.append(results.figure(drawing, f"trend_{measure}", caption))
    if tested["p"].notna().any():
        caption = f"{title}: every change, and of outlets without one the border that comes nearest to it."
        rows = changes_shown(tested_only(strongest(tested))).drop(columns="measure")
        shown.append(results.table(tested, f"changes_{measure}", caption, shown=rows))
    rows = rates_shown(table, chosen)
    told = len(rows) == int((table["n"] > 0).sum())
    caption = f"{title} by outlet and period, with 95% intervals." + ("" if told else " The file has all outlets.")
    shown.append(results.table(table, f"trend_{measure}", caption, shown=rows, folded=True))
    html = f"<h3>{escaped(title)}</h3>" + "".join(part.html for part in shown)
    return Fragment(html, "\n".join([title, *(part.text for part in shown)]))


def _chosen(table: pd.DataFrame, drawn: Sequence[str], changed: set[str]) -> list[str]:
    """As many outlets as ``drawn`` has: those that changed before the others, then those with the most articles."""
    sizes = table.groupby("group")["n"].sum()
    order = sorted({*drawn, *changed}, key=lambda name: (name not in changed, -sizes.get(name, 0), name))
    return sorted(order[: len(drawn)])


def power_lines(tested: pd.DataFrame, measure: str) -> list[str]:
    """How many borders were tested, and how large a change had to be to be found: what silence leaves open."""
    made = tested[tested["p"].notna()]
    if made.empty:
        return ["No border between periods has enough articles on both sides, so no change was tested."]
    marked = int(made["verdict"].isin(_CLEAR).sum())
    line = f"{len(made):,} borders of {_outlets(made)} were tested, {marked or 'none'} marked."
    middle = float(made["detectable"].median())
    if middle <= 0:  # articles that are all alike
        return [line]
    size = amount(middle, measure, signed=True).lstrip("+") + (" points" if MEASURES[measure].percent else "")
    return [
        f"{line} A test in the middle of them would find a change of {size} four times out of five, before the "
        "correction for many tests: smaller ones may have gone unnoticed."
    ]


def toward(
    tables: Mapping[str, pd.DataFrame], targets: Sequence[str], *, every: str, **chance: Any
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stance in own voice toward each target over time: of all outlets together, and of each outlet.

    Columns as in :func:`framing.comparison.trends.over_time`; in the first ``group`` is the target, the second has
    ``target`` besides. Periods without a mention have NaN, never 0.
    """
    import pandas as pd

    everyone = {**tables, "articles": tables["articles"].assign(everyone="all")}
    together, apart = [], []
    for target in targets:
        options = {"measures": ["stance_author"], "target": target, "every": every, **chance}
        together.append(over_time(everyone, by="everyone", **options).assign(group=target))
        apart.append(over_time(tables, **options).assign(target=target))
    if not targets:
        together = apart = [over_time(tables, ["stance_author"], every=every, groups=[]).assign(target="")]
    first, second = (pd.concat(parts, ignore_index=True) for parts in (together, apart))
    for part in (first, second):
        part["note"] = part["note"].where(part["n"] > 0, NO_MENTION)
    return first, second


def stance_shown(table: pd.DataFrame, drawn: Sequence[str] = ()) -> pd.DataFrame:
    """Stance by target, outlet and period with a mention; of a very long table only the ``drawn`` outlets."""
    kept = _read(table, drawn)
    shown = rates_shown(kept).rename(columns={"rate": "stance"})
    shown.insert(0, "target", kept["target"].to_numpy())
    return shown


def _read(table: pd.DataFrame, drawn: Sequence[str]) -> pd.DataFrame:
    kept = table[table["n"] > 0]
    return kept[kept["group"].isin(drawn)] if len(kept) > _MOST_ROWS and len(drawn) else kept


def tested_only(table: pd.DataFrame) -> pd.DataFrame:
    """The borders that were tested."""
    return table[table["p"].notna()]
