"""Attribution: PolNeAR dev articles, whole and in CofeNet's cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from framing.metrics import Tally, trim
from framing.records import Attribution
from framing.segment import TOKEN
from framing.training.readers import read_polnear, rows
from framing.training.whole_sentences import Read, read_texts

ROLES: tuple[str, ...] = ("source", "cue", "content")
_BATCH = 32  # articles are long
_BRACKETS = {"``": "“", "''": "”", "-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}"}


def attribution(data: Path, engine: str) -> dict[str, Any]:
    """PolNeAR dev articles: exact and token F1 of each role."""
    exact = {role: Tally() for role in ROLES}
    token = {role: Tally() for role in ROLES}
    articles = read_polnear(data, "dev")
    for article, read in zip(articles, _read([a.text for a in articles], engine), strict=True):
        found = read.attributions
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
    passages = list(rows(data, "attribution/polnear_cofenet_dev.jsonl"))
    split = [[_BRACKETS.get(token, token) for token in row["tokens"]] for row in passages]
    joined = _read([" ".join(words) for words in split], engine)
    for row, words, read in zip(passages, split, joined, strict=True):
        starts, at = [], 0
        for word in words:
            starts.append(at)
            at += len(word) + 1
        gold = _bio_spans(row["labels"])
        for role in ROLES:
            ours = set()
            for span in role_spans(read.attributions, role):
                inside = [i for i, s in enumerate(starts) if s < span[1] and s + len(words[i]) > span[0]]
                if inside:
                    ours.add(_trim_tokens(words, inside[0], inside[-1] + 1))
            exact[role].add(ours, {_trim_tokens(words, a, b) for a, b in gold[role]})
    return {"exact_f1": {role: exact[role].f1 for role in ROLES}}


def _read(texts: Sequence[str], engine: str) -> list[Read]:
    return read_texts(texts, engine=engine, whole=False, batch=_BATCH)


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
