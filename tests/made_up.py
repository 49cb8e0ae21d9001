"""Made-up tables and analyses in the shape of the contract, for tests that need no engine."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from framing.records import Article, Attribution, Headline, LoadedTerm, Sentence, Span, Stance

OUTLETS = ("Northgate Wire", "Daily Klaxon", "The Common Lantern")


def made_up_tables(
    outlets: tuple[str, ...] = OUTLETS,
    per_outlet: int = 12,
    rates: tuple[float, ...] = (0.05, 0.40, 0.15),
    seed: int = 1,
) -> dict[str, pd.DataFrame]:
    """Articles of each outlet whose sentence parts are loaded at the given rates."""
    rng = np.random.default_rng(seed)
    articles: list[dict[str, Any]] = []
    terms: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    stances: list[dict[str, Any]] = []
    frames: list[dict[str, Any]] = []
    sentences: list[dict[str, Any]] = []
    words = ("debacle", "regime", "outrage", "utterly", "slammed", "so-called", "right-sizing")
    for place, (outlet, rate) in enumerate(zip(outlets, rates, strict=True)):
        for number in range(per_outlet):
            identity = f"{place}-{number:03d}"
            own, quoted = int(rng.integers(8, 16)), int(rng.integers(3, 8))
            loaded_own, loaded_quoted = int(rng.binomial(own, rate)), int(rng.binomial(quoted, 0.3))
            count = own + quoted
            articles.append(
                {
                    "article_id": identity,
                    "outlet": outlet,
                    "title": f"Story {number}",
                    "date": f"2026-05-{number % 27 + 1:02d}",
                    "url": None,
                    "event": f"e{number % 6}",
                    "copy_of": "",
                    "headline_loaded": 0.7 if number % 3 == place % 3 else 0.1,
                    "sentences": count,
                    "words": 20 * count,
                    "loaded_rate": (loaded_own + loaded_quoted) / count,
                    "loaded_rate_author": loaded_own / own,
                    "loaded_rate_source": loaded_quoted / quoted,
                    "attributed_share": quoted / count,
                    "loaded_sentences": loaded_own + loaded_quoted,
                    "author_parts": own,
                    "loaded_author_parts": loaded_own,
                    "source_parts": quoted,
                    "loaded_source_parts": loaded_quoted,
                    "attributed_words": 20 * quoted,
                    "terms_author": loaded_own,
                    "terms_source": loaded_quoted,
                }
            )
            for index in range(count):
                term = words[(index + place) % min(3 + place, len(words))]
                loaded = index < loaded_own
                sentences.append(
                    {
                        "article_id": identity,
                        "sentence": index,
                        "start": index * 50,
                        "end": index * 50 + 49,
                        "text": f"The council called the plan a {term} on day {index}.",
                        "voice": "author" if index < own else "source",
                        "source": None,
                        "loaded": 0.8 if loaded else 0.2,
                        "loaded_terms": "[]",
                        "polarity": 0.0,
                        "subjectivity": 0.0,
                    }
                )
                if loaded:
                    terms.append(
                        {
                            "article_id": identity,
                            "sentence": index,
                            "start": 0,
                            "end": len(term),
                            "term": term,
                            "category": "evaluation",
                            "weight": 0.8,
                            "voice": "author",
                        }
                    )
            for index in range(quoted):
                said.append(
                    {
                        "article_id": identity,
                        "attribution": index,
                        "sentence": own + index,
                        "kind": "direct",
                        "source": "Ana Ruiz",
                        "cue_text": "said",
                        "content_start": 0,
                        "cue_class": rng.choice(["neutral", "doubting", "charged"], p=[0.7, 0.2, 0.1]),
                    }
                )
            for target in ("Marta Quill", "Kelder"):
                value = float(np.clip(rng.normal(0.2 - 0.3 * place, 0.3), -1, 1))
                stances.append(
                    {
                        "article_id": identity,
                        "sentence": 0,
                        "target": target,
                        "mention": target,
                        "start": 0,
                        "end": 5,
                        "negative": 0.3,
                        "neutral": 0.4,
                        "positive": 0.3,
                        "stance": value,
                        "holder": "author",
                    }
                )
            frames += [
                {"article_id": identity, "frame": name, "probability": float(rng.random())}
                for name in ("conflict", "resolution", "human_interest", "morality", "economic")
            ]
    return {
        "articles": pd.DataFrame(articles),
        "sentences": pd.DataFrame(sentences),
        "loaded_terms": pd.DataFrame(terms),
        "attributions": pd.DataFrame(said),
        "stances": pd.DataFrame(stances),
        "frames": pd.DataFrame(frames),
    }


def made_up_analysis(text: str = "", title: str = "Quill slams so-called rescue", **changes: Any) -> Any:
    """One article with an overlap of everything; ``changes`` replace fields of the analysis."""
    text = text or 'The utterly botched plan failed. "It is a disgrace," claimed Ana Ruiz of Marta Quill\'s regime.'
    spans = {
        word: (text.find(word), text.find(word) + len(word))
        for word in ("utterly", "botched", "disgrace", "claimed", "Ana Ruiz", "Marta Quill", "regime")
    }
    whole = len(text)
    cut = min(33, whole)
    values: dict[str, Any] = {
        "article": Article("a1", text, title=title, outlet="Northgate Wire"),
        "sentences": (
            Sentence(0, 0, min(32, whole), text[:32], "author", None, 0.83, 0.0, 0.0),
            Sentence(1, cut, whole, text[cut:], "source", "Ana Ruiz", 0.41, 0.0, 0.0),
        ),
        "loaded_terms": tuple(
            LoadedTerm(*spans[word], word, category, 0.7, voice)
            for word, category, voice in (
                ("utterly", "intensifier", "author"),
                ("botched", "evaluation", "author"),
                ("disgrace", "evaluation", "source"),
                ("regime", "labelling", "author"),
            )
            if spans[word][0] >= 0
        ),
        "attributions": (
            Attribution(
                Span(*spans["Ana Ruiz"], "Ana Ruiz"),
                Span(*spans["claimed"], "claimed"),
                (Span(cut, min(cut + 19, whole), text[cut : cut + 19]),),
                "direct",
                "doubting",
                "Ana Ruiz",
            ),
        )
        if spans["Ana Ruiz"][0] >= 0
        else (),
        "stances": (Stance("Marta Quill", *spans["Marta Quill"], 0.7, 0.2, 0.1, -0.6),)
        if spans["Marta Quill"][0] >= 0
        else (),
        "frames": (),
        "headline": Headline(title, 0.71, (LoadedTerm(6, 11, title[6:11], "conflict", 0.8),)),
        "known_words": 1.0,
    }
    return SimpleNamespace(**{**values, **changes})
