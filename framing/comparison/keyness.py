"""Words that tell groups apart, and where they stand: distinctive loaded terms, keyword in context."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.comparison import MINIMUM_ARTICLES, as_tables, need
from framing.comparison.groups import Groups
from framing.comparison.measures import members
from framing.errors import InputError, ParameterError

if TYPE_CHECKING:
    import pandas as pd


def distinctive_terms(
    tables: Mapping[str, pd.DataFrame],
    by: str = "outlet",
    *,
    voice: str | None = "author",
    top: int | None = 10,
    minimum_count: int = 2,
    minimum_articles: int = 2,
    minimum_z: float = 1.0,
    minimum: int = MINIMUM_ARTICLES,
    prior: float = 0.1,
) -> pd.DataFrame:
    """Loaded terms that a group uses more than the others do: log-odds with an informative Dirichlet prior.

    After Monroe, Colaresi & Quinn (2008): with y the count of a term, n the words of a side and the prior a
    of the term = ``prior`` x the words of an average group x the term's share in the whole corpus,
    delta = log((y + a) / (n + a0 - y - a)) of the group minus that of the rest, and
    z = delta / sqrt(1 / (y + a) + 1 / (y_rest + a)). Positive z: more typical of the group. Copies of a text count
    once on either side.

    Columns: ``group``, ``term`` (lower case), ``category`` (the commonest), ``z``, ``log_odds``, ``count``,
    ``count_rest``, ``per_10k``, ``per_10k_rest`` (words), ``articles`` (of the group that use it). Terms below
    ``minimum_count`` uses or ``minimum_articles`` articles in the group are left out (one article is no habit), and
    so are those below ``minimum_z`` and groups with fewer than ``minimum`` articles.
    ``voice`` keeps terms in that voice only; None keeps all. ``top`` terms per group, by z.
    """
    found = as_tables(tables)
    if "loaded_terms" not in found:
        raise InputError(f"distinctive terms need the table 'loaded_terms'; given: {', '.join(found)}")
    need(found["articles"], "articles", ["article_id", by, "words"])
    terms = found["loaded_terms"]
    terms = terms if voice is None else terms[terms["voice"] == voice]
    named = terms.assign(term=terms["term"].str.lower().str.split().str.join(" "))[["article_id", "term", "category"]]
    words = found["articles"].set_index("article_id")["words"]
    limits = {"count": minimum_count, "articles": minimum_articles, "z": minimum_z}
    return _distinctive(found["articles"], by, named, words, limits, top, minimum, prior)


def distinctive_sources(
    tables: Mapping[str, pd.DataFrame],
    by: str = "outlet",
    *,
    top: int | None = 8,
    minimum_articles: int = 2,
    minimum_z: float = 1.0,
    minimum: int = MINIMUM_ARTICLES,
    prior: float = 0.1,
) -> pd.DataFrame:
    """Named sources that more articles of a group quote than of the others.

    Log-odds as in :func:`distinctive_terms`, of articles: a source counts once per article, however often it speaks
    there. Columns as there, with ``term`` the source, ``category`` the commonest class of its cues, and rates per
    10,000 articles that name a source.
    """
    found = as_tables(tables)
    if "attributions" not in found:
        raise InputError(f"distinctive sources need the table 'attributions'; given: {', '.join(found)}")
    need(found["articles"], "articles", ["article_id", by])
    said = found["attributions"]
    said = said[said["content_start"].notna() & (said["source"].fillna("").str.strip() != "")]
    named = said.rename(columns={"source": "term", "cue_class": "category"})[["article_id", "term", "category"]]
    classes = _commonest(named)
    once = named.drop_duplicates(["article_id", "term"])
    once = once.assign(category=once["term"].map(classes))
    sizes = once.groupby("article_id").size()
    limits = {"count": minimum_articles, "articles": minimum_articles, "z": minimum_z}
    return _distinctive(found["articles"], by, once, sizes, limits, top, minimum, prior)


_KEYNESS = ["group", "term", "category", "z", "log_odds", "count", "count_rest", "per_10k", "per_10k_rest", "articles"]


def _distinctive(
    articles: pd.DataFrame,
    by: str,
    named: pd.DataFrame,
    sizes: pd.Series,
    limits: Mapping[str, float],
    top: int | None,
    minimum: int,
    prior: float,
) -> pd.DataFrame:
    """Log-odds of every term (rows of ``named``: article, term, category) of every group; ``sizes`` per article."""
    import pandas as pd
    from scipy.sparse import coo_matrix

    measured = Groups(members(articles, by).assign(numerator=0.0, denominator=1.0, value=0.0))
    if named.empty or len(measured.names) < 2:
        return pd.DataFrame(columns=_KEYNESS)
    place = pd.Series(range(len(measured.counts)), index=measured.counts["article_id"])
    codes, terms = pd.factorize(named["term"], sort=True)
    uses = coo_matrix(
        (np.ones(len(named)), (codes, place.loc[named["article_id"]].to_numpy())), shape=(len(terms), len(place))
    ).tocsr()
    used = (uses > 0).astype(int)
    length = sizes.reindex(measured.counts["article_id"]).fillna(0).to_numpy(float)
    category = _commonest(named).reindex(terms).to_numpy()
    parts = []
    for name in measured.names:
        mine, rest = measured.side(name).weight, measured.side(name, others=True).weight
        if round(mine.sum()) < minimum:
            continue
        y, others, n, m = uses @ mine, uses @ rest, float(mine @ length), float(rest @ length)
        a0 = prior * (n + m) / len(measured.names)
        z, delta = _log_odds(y, n, others, m, a0 * (y + others) / max(n + m, 1), a0)
        used_by = np.asarray(used @ (mine > 0))
        kept = (y >= limits["count"]) & (used_by >= limits["articles"]) & (z >= limits["z"])
        columns = {"group": name, "term": terms, "category": category, "z": z, "log_odds": delta,
                   "count": y.round().astype(int), "count_rest": others.round().astype(int),
                   "per_10k": y / max(n, 1) * 1e4, "per_10k_rest": others / max(m, 1) * 1e4,
                   "articles": used_by.astype(int)}  # fmt: skip
        part = pd.DataFrame({k: value if isinstance(value, str) else value[kept] for k, value in columns.items()})
        part = part.sort_values(["z", "term"], ascending=[False, True])
        parts.append(part if top is None else part.head(top))
    return pd.concat(parts, ignore_index=True)[_KEYNESS] if parts else pd.DataFrame(columns=_KEYNESS)


def _commonest(named: pd.DataFrame) -> pd.Series:
    """The commonest category of every term; of several the first in the alphabet."""
    counts = named.groupby(["term", "category"]).size().rename("count").reset_index()
    counts = counts.sort_values(["term", "count", "category"], ascending=[True, False, True])
    return counts.drop_duplicates("term").set_index("term")["category"]


def _log_odds(
    y: np.ndarray, n: float, y_rest: np.ndarray, n_rest: float, prior: np.ndarray, prior_total: float
) -> tuple[np.ndarray, np.ndarray]:
    """The z and delta of Monroe et al. (2008), equations 16, 19 and 21."""

    def odds(count: np.ndarray, total: float) -> np.ndarray:
        return np.log((count + prior) / np.maximum(total + prior_total - count - prior, 1e-9))

    delta = odds(y, n) - odds(y_rest, n_rest)
    return delta / np.sqrt(1 / (y + prior) + 1 / (y_rest + prior)), delta


def keyword_in_context(
    tables: Mapping[str, pd.DataFrame], term: str, *, width: int = 60, limit: int | None = None
) -> pd.DataFrame:
    """Every place where ``term`` stands as whole words, in any case, with ``width`` characters around it.

    Columns: ``article_id``, ``outlet``, ``sentence``, ``left``, ``keyword``, ``right``. Contexts end at the
    sentence. White space in ``term`` matches any white space.
    """
    import pandas as pd

    if not term.strip():
        raise ParameterError("term '' is empty; give a word or a phrase to look for")
    found = as_tables(tables)
    if "sentences" not in found:
        raise InputError(f"keyword in context needs the table 'sentences'; given: {', '.join(found)}")
    pattern = re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, term.split())) + r"(?!\w)", re.IGNORECASE)
    articles = found["articles"]
    outlets = dict(zip(articles["article_id"], articles["outlet"], strict=True)) if "outlet" in articles else {}
    rows: list[dict[str, Any]] = []
    sentences = found["sentences"]
    for article, number, text in zip(sentences["article_id"], sentences["sentence"], sentences["text"], strict=True):
        for hit in pattern.finditer(text):
            if limit is not None and len(rows) >= limit:
                break
            rows.append({"article_id": article, "outlet": outlets.get(article, ""), "sentence": number,
                         "left": _before(text, hit.start(), width), "keyword": hit.group(),
                         "right": _after(text, hit.end(), width)})  # fmt: skip
    return pd.DataFrame(rows, columns=["article_id", "outlet", "sentence", "left", "keyword", "right"])


def _before(text: str, end: int, width: int) -> str:
    """At most ``width`` characters, beginning with a whole word where there is one."""
    start = max(0, end - width)
    if start and not text[start - 1].isspace():
        start = next((i + 1 for i in range(start, end) if text[i].isspace()), start)
    return text[start:end]


def _after(text: str, start: int, width: int) -> str:
    end = min(len(text), start + width)
    if end < len(text) and not text[end].isspace():
        end = next((i for i in range(end - 1, start, -1) if text[i].isspace()), end)
    return text[start:end]
