"""Pandas in, pandas out."""

from __future__ import annotations

import warnings
from bisect import bisect_right
from typing import TYPE_CHECKING

from framing.analysis import TargetsLike, analyze_many
from framing.engines import DEFAULT_ENGINE
from framing.errors import InputError
from framing.lexicon import Lexicon
from framing.records import Article
from framing.tables import Rows

if TYPE_CHECKING:
    import pandas as pd


def score_frame(
    df: pd.DataFrame,
    text: str = "text",
    targets: TargetsLike = None,
    *,
    engine: str = DEFAULT_ENGINE,
    lexicon: Lexicon | None = None,
    jobs: int = 1,
) -> pd.DataFrame:
    """Score a column of texts: one row per sentence, the caller's columns carried along.

    The columns are the caller's (with the sentence in place of the whole text), then those of the ``sentences``
    table: ``sentence, start, end, voice, source, loaded, loaded_terms, polarity, subjectivity``, and ``stances``,
    a dictionary from target to stance in [-1, 1]. The index repeats the caller's, as ``DataFrame.explode`` does.
    A column of the caller's that bears one of these names is carried as ``NAME_given``. Rows without text give no
    sentence, and a warning counts them.

    Raises
    ------
    InputError
        Where there is no column ``text``; the message names the columns there are.
    """
    import pandas as pd

    if text not in df.columns:
        raise InputError(f"no column {text!r}; the columns are {', '.join(map(str, df.columns))}; name one with text=")
    texts = df[text]
    usable = [i for i, value in enumerate(texts) if isinstance(value, str) and value.strip()]
    if len(usable) < len(df):
        warnings.warn(
            f"{len(df) - len(usable)} of {len(df)} rows have no text in {text!r} and give no sentence", stacklevel=2
        )
    rows = Rows()
    stances: list[dict[str, float]] = []
    articles = (Article(id=str(i), text=texts.iloc[i]) for i in usable)
    for analysis in analyze_many(articles, targets, engine=engine, lexicon=lexicon, jobs=jobs):
        rows.add(analysis)
        by_sentence: list[dict[str, float]] = [{} for _ in analysis.sentences]
        starts = [sentence.start for sentence in analysis.sentences]
        for s in analysis.stances:
            by_sentence[bisect_right(starts, s.start) - 1][s.target] = s.stance
        stances += by_sentence
    scored = rows.take("sentences").to_pandas()
    position = scored.pop("article_id").astype(int).to_numpy()
    scored["stances"] = pd.Series(stances, dtype=object)
    sentence_text = scored.pop("text")
    carried = df.iloc[position].drop(columns=text)
    carried = carried.rename(columns={c: f"{c}_given" for c in carried.columns if c in scored.columns})
    carried.insert(df.columns.get_loc(text), text, sentence_text.to_numpy())
    scored.index = carried.index
    return pd.concat([carried, scored], axis=1)
