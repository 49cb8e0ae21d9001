"""The familiar baselines."""

from __future__ import annotations

from collections.abc import Callable


def sentiment() -> dict[str, Callable[[str], float]]:
    """Polarity of a text in [-1, 1] by TextBlob, and by VADER where the `train` extra is installed."""
    from textblob import TextBlob

    scorers: dict[str, Callable[[str], float]] = {"textblob": lambda text: float(TextBlob(text).sentiment.polarity)}
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError:
        return scorers
    vader = SentimentIntensityAnalyzer()
    scorers["vader"] = lambda text: float(vader.polarity_scores(text)["compound"])
    return scorers


def sign(value: float, *, neutral: float = 0.05) -> int:
    """VADER's own rule: from .05 on positive, from -.05 down negative."""
    return (value >= neutral) - (value <= -neutral)
