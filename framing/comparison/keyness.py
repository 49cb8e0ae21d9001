"""Words that tell groups apart, and where they stand: distinctive loaded terms, keyword in context."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from framing.comparison import MINIMUM_ARTICLES, as_tables, need
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
    z = delta / sqrt(1 / (y + a) + 1 / (y_rest + a)). Positive z: more typical of the group.

    Columns: ``group``, ``term`` (lower case), ``category`` (the commonest), ``z``, ``log_odds``, ``count``,
    ``count_rest``, ``per_10k``, ``per_10k_rest`` (words), ``articles`` (of the group that use it). Terms below
    ``minimum_count`` uses or ``minimum_articles`` articles in the group are left out (one article is no habit), and
    so are those below ``minimum_z`` and groups with fewer than ``minimum`` articles.
    ``voice`` keeps terms in that voice only; None keeps all. ``top`` terms per group, by z.
    """
    import pandas as pd

    columns = ["group", "term", "category", "z", "log_odds", "count", "count_rest", "per_10k", "per_10k_rest",
               "articles"]  # fmt: skip
    found = as_tables(tables)
    if "loaded_terms" not in found:
        raise InputError(f"distinctive terms need the table 'loaded_terms'; given: {', '.join(found)}")
    articles, terms = found["articles"], found["loaded_terms"]
    need(articles, "articles", ["article_id", by, "words"])
    terms = terms if voice is None else terms[terms["voice"] == voice]
    words = articles.groupby(articles[by].fillna("").astype(str))["words"].sum()
    if terms.empty or len(words) < 2:
        return pd.DataFrame(columns=columns)
    named = terms.assign(term=terms["term"].str.lower().str.split().str.join(" "))
    named = named.merge(articles[["article_id", by]].rename(columns={by: "group"}), on="article_id")
    named["group"] = named["group"].fillna("").astype(str)
    counts = named.groupby(["group", "term"]).agg(
        count=("article_id", "size"), articles=("article_id", "nunique")).reset_index()  # fmt: skip
    totals = named.groupby("term").agg(total=("article_id", "size"), category=("category", _commonest))
    table = counts.merge(totals, on="term")
    everything = float(words.sum())
    mine = table["group"].map(words).to_numpy(float)
    a0 = prior * everything / len(words)
    y, total = table["count"].to_numpy(float), table["total"].to_numpy(float)
    table["z"], table["log_odds"] = _log_odds(y, mine, total - y, everything - mine, a0 * total / everything, a0)
    table["count_rest"] = (total - y).astype(int)
    table["per_10k"] = y / mine * 1e4
    table["per_10k_rest"] = (total - y) / (everything - mine) * 1e4
    kept = table[
        (table["count"] >= minimum_count) & (table["articles"] >= minimum_articles) & (table["z"] >= minimum_z)
    ]
    sizes = articles[by].fillna("").astype(str).value_counts()
    kept = kept[kept["group"].map(sizes) >= minimum]
    kept = kept.sort_values(["group", "z", "term"], ascending=[True, False, True])
    kept = kept if top is None else kept.groupby("group").head(top)
    return kept[columns].reset_index(drop=True)


def _commonest(values: pd.Series) -> str:
    return str(values.value_counts().sort_index().idxmax())


def _log_odds(
    y: np.ndarray, n: np.ndarray, y_rest: np.ndarray, n_rest: np.ndarray, prior: np.ndarray, prior_total: float
) -> tuple[np.ndarray, np.ndarray]:
    """The z and delta of Monroe et al. (2008), equations 16, 19 and 21."""

    def odds(count: np.ndarray, total: np.ndarray) -> np.ndarray:
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
