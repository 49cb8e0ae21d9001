"""Same-event clusters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from framing.events import cluster_events
from framing.metrics import b_cubed
from framing.records import Article
from framing.training.readers import rows


def events(data: Path, engine: str) -> dict[str, Any]:
    """Same-event clusters against the stories that annotators gave: B-cubed F1 (no engine is involved).

    On BASIL, and where they are there on NewsWCL50 (without dates or headlines) and on AllSides' roundups, which lie
    beside the folder of the corpora.
    """
    basil = list(rows(data, "events/basil_articles.jsonl"))
    articles = [
        Article(row["uuid"], " ".join(s["text"] for s in row["sentences"]), row["title"], date=row["date"])
        for row in basil
    ]
    figures: dict[str, Any] = _scored(articles, [row["story"] for row in basil])
    if (data / "events/newswcl50.jsonl").is_file():
        found = list(rows(data, "events/newswcl50.jsonl"))
        articles = [Article(row["doc_id"], " ".join(" ".join(words) for words in row["sentences"])) for row in found]
        figures["newswcl50"] = _scored(articles, [row["event_id"] for row in found])
    beside = data.resolve().parent / "corpora"
    if (beside / "allsides.jsonl").is_file():
        found = list(rows(beside, "allsides.jsonl"))
        articles = [Article(row["id"], row["text"], row["title"], date=row["date"]) for row in found]
        figures["allsides"] = _scored(articles, [row["event"] for row in found])
    return figures


def _scored(articles: Sequence[Article], stories: Sequence[str]) -> dict[str, Any]:
    return {"b_cubed_f1": b_cubed(stories, cluster_events(articles)), "articles": len(articles)}
