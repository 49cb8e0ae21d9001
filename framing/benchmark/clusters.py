"""Same-event clusters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from framing.events import cluster_events
from framing.metrics import b_cubed
from framing.records import Article
from framing.training.readers import rows


def events(data: Path, engine: str) -> dict[str, Any]:
    """Same-event clusters of the BASIL articles against their story: B-cubed F1 (no engine is involved)."""
    items = list(rows(data, "events/basil_articles.jsonl"))
    articles = [
        Article(row["uuid"], " ".join(s["text"] for s in row["sentences"]), row["title"], date=row["date"])
        for row in items
    ]
    return {"b_cubed_f1": b_cubed([row["story"] for row in items], cluster_events(articles)), "articles": len(items)}
