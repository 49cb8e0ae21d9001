"""The instrument against annotated data, with TextBlob and VADER beside it.

Every figure is measured through the public functions on articles or sentences that the models were not trained
on: development splits, or held-out folds where a corpus has no split of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from framing.analysis import analyze_many, score_attribution
from framing.analysis import score_stance as _score_stance
from framing.engines import DEFAULT_ENGINE
from framing.errors import InputError
from framing.events import cluster_events
from framing.metrics import Tally, b_cubed, calibration_error, macro_f1, trim
from framing.polarity import polarity
from framing.records import Article, Attribution
from framing.scoring import signature
from framing.training.readers import read_newsmtsc, read_polnear, rows

ROLES = ("source", "cue", "content")
_BRACKETS = {"``": "“", "''": "”", "-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}"}


def run_benchmark(data: Path, *, engine: str = DEFAULT_ENGINE, quiet: bool = False) -> dict[str, Any]:
    """Every metric as a nested dictionary of numbers, with the signature of the engine.

    Raises :class:`~framing.errors.InputError` where ``data`` does not hold the corpora.
    """
    from tqdm import tqdm

    data = Path(data)
    if not data.is_dir():
        raise InputError(f"no folder {str(data)!r}; give the folder of the annotated corpora with --data")
    figures: dict[str, Any] = {"signature": signature(engine)}
    for name, measure in tqdm(SECTIONS.items(), disable=quiet, unit="section", leave=False):
        figures[name] = measure(data, engine)
    return figures


def loaded_language(data: Path, engine: str) -> dict[str, Any]:
    """BABE in held-out folds grouped by article; TextBlob and VADER on the same sentences."""
    from framing.training.bias import cross_validate

    return cross_validate(data)


def loaded_transfer(data: Path, engine: str) -> dict[str, Any]:
    """Corpora never trained on: does the sentence probability rank BASIL's and CheckThat's labels? (area under ROC)."""
    from sklearn.metrics import roc_auc_score

    from framing.analysis import score_loaded_language

    figures = {}
    for name, file, label in (
        ("basil_lexical", "loaded/basil_sentences.jsonl", "lex"),
        ("checkthat", "loaded/checkthat_subjectivity.jsonl", "subjective"),
    ):
        items = list(rows(data, file))
        gold = [int(row[label]) for row in items]
        texts = [row["text"] for row in items]
        ours = [score_loaded_language(text, engine=engine).probability for text in texts]
        blob = [polarity(text).subjectivity for text in texts]
        figures[name] = {
            "auc": float(roc_auc_score(gold, ours)),
            "auc_textblob_subjectivity": float(roc_auc_score(gold, blob)),
            "sentences": len(items),
        }
    return figures


def attribution(data: Path, engine: str) -> dict[str, Any]:
    """PolNeAR dev articles: exact and token F1 of each role."""
    exact = {role: Tally() for role in ROLES}
    token = {role: Tally() for role in ROLES}
    for article in read_polnear(data, "dev"):
        found = score_attribution(article.text, engine=engine)
        for role in ROLES:
            gold = {trim(article.text, *span) for a in article.attributions for span in a[role]}
            ours = {trim(article.text, *span) for span in role_spans(found, role)}
            exact[role].add(_nonempty(ours), _nonempty(gold))
            token[role].add(_token_starts(article.text, ours), _token_starts(article.text, gold))
    return {
        "exact_f1": {role: exact[role].f1 for role in ROLES},
        "token_f1": {role: token[role].f1 for role in ROLES},
        "precision": {role: exact[role].precision for role in ROLES},
        "recall": {role: exact[role].recall for role in ROLES},
        "spans": {role: exact[role].gold for role in ROLES},
    }


def attribution_cofenet(data: Path, engine: str) -> dict[str, Any]:
    """The same articles in CofeNet's cut (Wang et al. 2022): exact F1 of each role over its tokens."""
    exact = {role: Tally() for role in ROLES}
    for row in rows(data, "attribution/polnear_cofenet_dev.jsonl"):
        words = [_BRACKETS.get(token, token) for token in row["tokens"]]
        starts, at = [], 0
        for word in words:
            starts.append(at)
            at += len(word) + 1
        text = " ".join(words)
        found = score_attribution(text, engine=engine)
        gold = _bio_spans(row["labels"])
        for role in ROLES:
            ours = set()
            for span in role_spans(found, role):
                inside = [i for i, s in enumerate(starts) if s < span[1] and s + len(words[i]) > span[0]]
                if inside:
                    ours.add(_trim_tokens(words, inside[0], inside[-1] + 1))
            exact[role].add(ours, {_trim_tokens(words, a, b) for a, b in gold[role]})
    return {"exact_f1": {role: exact[role].f1 for role in ROLES}}


def stance(data: Path, engine: str) -> dict[str, Any]:
    """NewsMTSC dev: macro F1 of three classes over all targets; sentence polarity beside it."""
    targets = read_newsmtsc(data, "dev")
    gold = [t.stance for t in targets]
    scored = [_score_stance(t.text, (t.start, t.end), engine=engine) for t in targets]
    ours = [max((s.negative, -1), (s.neutral, 0), (s.positive, 1))[1] for s in scored]
    figures: dict[str, Any] = {"macro_f1": macro_f1(gold, ours), "targets": len(gold)}
    figures["calibration_error_negative"] = calibration_error([g == -1 for g in gold], [s.negative for s in scored])
    for name, score in _sentiment().items():
        values = {t.text: score(t.text) for t in targets}
        figures[f"{name}_macro_f1"] = macro_f1(gold, [_sign(values[t.text]) for t in targets])
    return figures


def stance_between(data: Path, engine: str) -> dict[str, Any]:
    """Park et al. (2021) dev: macro F1 of p->q and q->p, where the stance toward each entity is read as the other's."""
    gold, ours = [], []
    for row in rows(data, "stance/park2021_dev.jsonl"):
        text = row["sentence"].replace("[", "").replace("]", "")
        for toward, direction in ((row["q"], "p_to_q"), (row["p"], "q_to_p")):
            at = text.find(toward)
            if at < 0 or not toward:
                continue
            label = row["label_name"]
            gold.append((1 if label.startswith("pos") else -1) if label.endswith(direction) else 0)
            s = _score_stance(text, (at, at + len(toward)), engine=engine)
            ours.append(max((s.negative, -1), (s.neutral, 0), (s.positive, 1))[1])
    return {"macro_f1": macro_f1(gold, ours), "pairs": len(gold)}


def frames(data: Path, engine: str) -> dict[str, Any]:
    """Generic frames of climate articles in five folds: macro F1, TF-IDF with logistic regression beside it."""
    from framing.training.frames import cross_validate

    return cross_validate(data)


def events(data: Path, engine: str) -> dict[str, Any]:
    """Same-event clusters of the BASIL articles against their story: B-cubed F1 (no engine is involved)."""
    items = list(rows(data, "events/basil_articles.jsonl"))
    articles = [
        Article(row["uuid"], " ".join(s["text"] for s in row["sentences"]), row["title"], date=row["date"])
        for row in items
    ]
    return {"b_cubed_f1": b_cubed([row["story"] for row in items], cluster_events(articles)), "articles": len(items)}


def blindness(data: Path, engine: str) -> dict[str, Any]:
    """Mean absolute change of loaded probability and stance when names are swapped; 0 is wholly blind."""
    from framing.training.blindness import swap_changes

    return swap_changes(data, engine)


def speed(data: Path, engine: str) -> dict[str, Any]:
    """Sentences a second of the whole analysis on one core, TextBlob and VADER on the same sentences (CPU time)."""
    articles = [Article(id=a.id, text=a.text) for a in read_polnear(data, "dev")]
    list(analyze_many(articles[:8], engine=engine))
    sentences: list[str] = []
    started = time.process_time()
    for analysis in analyze_many(articles, engine=engine):
        sentences += [sentence.text for sentence in analysis.sentences]
    ours = time.process_time() - started
    figures = {"framing": len(sentences) / ours}
    for name, score in _sentiment().items():
        figures[name] = len(sentences) / _cpu_seconds(score, sentences)
    return {"sentences_per_second": figures, "sentences": len(sentences)}


SECTIONS: dict[str, Callable[[Path, str], dict[str, Any]]] = {
    "loaded_language": loaded_language,
    "loaded_transfer": loaded_transfer,
    "attribution": attribution,
    "attribution_cofenet": attribution_cofenet,
    "stance": stance,
    "stance_between": stance_between,
    "frames": frames,
    "events": events,
    "blindness": blindness,
    "speed": speed,
}


def render(figures: dict[str, Any]) -> str:
    """The figures as indented lines, three decimals each."""
    lines: list[str] = []

    def walk(node: dict[str, Any], depth: int) -> None:
        for key, value in node.items():
            label = f"{'  ' * depth}{key}"
            if isinstance(value, dict):
                lines.append(label)
                walk(value, depth + 1)
            else:
                shown = f"{value:.3f}" if isinstance(value, float) and abs(value) < 100 else f"{value:,.0f}"
                lines.append(f"{label:<44}{shown:>10}")

    walk({k: v for k, v in figures.items() if k != "signature"}, 0)
    return "\n".join(lines)


def role_spans(found: Iterable[Attribution], role: str) -> list[tuple[int, int]]:
    """The ``(start, end)`` spans of a role over all attributions."""
    spans = []
    for one in found:
        part = getattr(one, role)
        spans += [(s.start, s.end) for s in (part if isinstance(part, tuple) else [part] if part else [])]
    return spans


def _nonempty(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    return [span for span in spans if span[0] < span[1]]


def _token_starts(text: str, spans: Iterable[tuple[int, int]]) -> set[int]:
    from framing.segment import TOKEN

    return {m.start() for s, e in spans for m in TOKEN.finditer(text, s, e) if m.group()[0].isalnum()}


def _bio_spans(labels: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    spans: dict[str, list[tuple[int, int]]] = {role: [] for role in ROLES}
    for i, label in enumerate(labels):
        mark, _, role = label.partition("-")
        role = role.lower()
        if role not in spans:
            continue
        if mark == "I" and spans[role] and spans[role][-1][1] == i:
            spans[role][-1] = (spans[role][-1][0], i + 1)
        else:
            spans[role].append((i, i + 1))
    return spans


def _trim_tokens(words: Sequence[str], first: int, last: int) -> tuple[int, int]:
    while first < last and not any(c.isalnum() for c in words[first]):
        first += 1
    while last > first and not any(c.isalnum() for c in words[last - 1]):
        last -= 1
    return first, last


def _sentiment() -> dict[str, Callable[[str], float]]:
    """The familiar baselines: polarity of a text in [-1, 1]. VADER only where the `train` extra is installed."""
    from textblob import TextBlob

    scorers: dict[str, Callable[[str], float]] = {"textblob": lambda text: float(TextBlob(text).sentiment.polarity)}
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError:
        return scorers
    vader = SentimentIntensityAnalyzer()
    scorers["vader"] = lambda text: float(vader.polarity_scores(text)["compound"])
    return scorers


def _sign(value: float, *, neutral: float = 0.05) -> int:
    """VADER's own rule: from .05 on positive, from -.05 down negative."""
    return (value >= neutral) - (value <= -neutral)


def _cpu_seconds(score: Callable[[str], float], texts: Sequence[str]) -> float:
    started = time.process_time()
    for text in texts:
        score(text)
    return max(time.process_time() - started, 1e-9)
