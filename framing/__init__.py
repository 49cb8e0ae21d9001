"""framing: an instrument for measuring how news text frames its subject.

The flow, one way::

    the web -> collecting -> store, a corpus folder      (or files of any kind)
                               |
    corpus.read_articles -> Article -> segment.segment -> Document
                                        |
             lexicon matches, quotations, mentions of targets
                                        |
                    engines.Engine.read -> Reading (numbers)
                                        |
        loaded    attribution    stance    frames        (numbers to records)
             |________|____________|________|
                              |
                     analysis.Analysis -> tables -> comparison -> figures -> report -> schedule

The scorers never see the outlet, the URL or the author. All offsets are string offsets: ``text[start:end]`` is
exactly the span's text. The names below are the public contract; each is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from framing.analysis import (
        Analysis,
        analyze,
        analyze_many,
        score_attribution,
        score_loaded_language,
        score_stance,
    )
    from framing.comparison import compare
    from framing.corpus import read_articles
    from framing.dataframe import score_frame
    from framing.errors import FramingError
    from framing.lexicon import read_lexicon
    from framing.records import (
        Article,
        Attribution,
        Corpus,
        Frame,
        Headline,
        LoadedLanguage,
        LoadedTerm,
        Sentence,
        Span,
        Stance,
    )
    from framing.store.records import Selection
    from framing.tables import read_tables

__version__ = "0.1.0"

_NAMES: dict[str, list[str]] = {
    "analysis": [
        "Analysis",
        "analyze",
        "analyze_many",
        "score_attribution",
        "score_loaded_language",
        "score_stance",
    ],
    "comparison": ["compare"],
    "corpus": ["read_articles"],
    "dataframe": ["score_frame"],
    "errors": ["FramingError"],
    "lexicon": ["read_lexicon"],
    "records": [
        "Article",
        "Attribution",
        "Contribution",
        "Corpus",
        "Frame",
        "Headline",
        "LoadedLanguage",
        "LoadedTerm",
        "Sentence",
        "Span",
        "Stance",
    ],
    "store.records": ["Selection"],
    "tables": ["read_tables"],
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [
    "Analysis",
    "Article",
    "Attribution",
    "Contribution",
    "Corpus",
    "Frame",
    "FramingError",
    "Headline",
    "LoadedLanguage",
    "LoadedTerm",
    "Selection",
    "Sentence",
    "Span",
    "Stance",
    "analyze",
    "analyze_many",
    "compare",
    "read_articles",
    "read_lexicon",
    "read_tables",
    "score_attribution",
    "score_frame",
    "score_loaded_language",
    "score_stance",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'framing' has no attribute {name!r}")
    return getattr(import_module(f"framing.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
