"""Lines that stand in the text of an article and are not of it: labels, bylines, invitations, credits."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Whole lines. Each is what a label, a control or a legal notice says; none could be a sentence of an article. Pages are
# not trusted: nothing here can be matched in two ways, or a line of dates would take for ever.
_LABEL = re.compile(
    r"""\W*(?:
      advertisements?|sponsored|promoted|skip\ advertisement|(?:story|article)\ continues\ below(?:\ \w+)?
    | (?:share|tweet|e-?mail|print|save|copy\ link|link\ copied!?|bookmark|comments?|reply|follow|like|listen|gift)
        (?:\ this)?(?:\ (?:article|story|page))?
    | share\ (?:this|on|via|with)\b.{0,60} | click\ to\ (?:share|print|email)\b.{0,60}
    | (?:e-?mail|print)\ this\ (?:article|story)\b.{0,60}
    | \d[\d,]*\ (?:comments?|shares?|replies) | (?:leave|post|add)\ a\ (?:comment|reply)
    | (?:view|show|hide|see)\ (?:all\ )?comments | \d+\ min(?:ute)?s?\ (?:read|listen)
    | (?:related|recommended|trending|most\ (?:read|popular|viewed)|more\ (?:stories|news|on\ this(?:\ story|\ topic)?)
        |more\ from\b.{0,40}|read\ more|see\ also|also\ read
        |related\ (?:articles?|stories|topics?|content|coverage|links)
        |you\ (?:may|might)\ also\ like|(?:must|recommended)[ -]reads?.{0,30}|don.t\ miss|up\ next|editors?.\ picks?):?
    | (?:read\ (?:more|also|next)|also\ read|see\ also|related(?:\ (?:article|story|content))?|more\ on\ this
        |recommended|watch|listen|in\ pictures|don.t\ miss)\ ?[:|>»]\ .{3,160}
    | (?:tags|topics|filed\ under|posted\ in|categor(?:y|ies)|tagged(?:\ as)?|keywords)\ ?:\ ?[^.!?]{1,200} | topics:?
    | (?:photo(?:graph)?s?|image|picture|illustration|video|graphic)(?:\ credit)?(?:\ by)?\ ?[:/|]\ .{2,100}
    | \(?(?:photo|image)\ (?:by|courtesy)\b.{2,100}
    | (?:posted|(?:first\ )?published|(?:last\ )?(?:updated|modified)):?
        (?:\ (?:on|at)\b|\ (?:mon|tues|wednes|thurs|fri|satur|sun)day|[\ ,:/.\d–-]
        |\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|\b[ap]\.?m\b
        |\b(?:GMT|UTC|BST|[CEMPW][DES]?T|[CEW]EST)\b)++
    | (?:by|von|par|por)\ [A-Z][\w.'’-]*(?:\ [A-Z][\w.'’-]*){0,3}(?:,\ .{2,60})?
    | (?:copyright\ )?(?:©|\(c\)|™).{0,200} | copyright\ \d{4}.{0,100} | .{0,160}\ball\ rights\ reserved\b.{0,100}
    | \S+@\S+\.\w{2,} | \(?end\)? | \#{1,3} | -\ ?30\ ?- | back\ to\ top | skip\ to\ (?:main\ )?content
    )\W*""",
    re.VERBOSE | re.IGNORECASE,
)
# A byline is told from a sentence by its capitals, which the pattern above ignores.
_BYLINE = re.compile(r"(?:by|von|par|por)\b", re.IGNORECASE)
_INVITES = re.compile(
    r"""(?:please\ )?(?:sign\ up|subscribe|register\ (?:now|here|today|for\ (?:our|free))|follow\ us
    |join\ (?:us|our)|download|like\ us|click\ here|tap\ here|get\ (?:our|the\ latest|the\ best|more\ stories)
    |enter\ your\ e-?mail|want\ (?:more|the)|never\ miss|donate
    |stay\ (?:up\ to\ date|informed|connected)|support\ (?:our|us|independent)|have\ a\ (?:story|news\ tip)|got\ a\ tip
    |do\ you\ have\ (?:a|any)\ (?:story|tip|information)|by\ (?:signing\ up|subscribing|clicking))\b""",
    re.VERBOSE | re.IGNORECASE,
)
_INTO_WHAT = re.compile(
    r"""\b(?:newsletters?|e-?mails?|inbox|alerts?|our\ app|podcasts?|whatsapp|telegram|facebook|twitter|instagram
    |youtube|bluesky|mastodon|channels?|journalism|subscriptions?|terms(?:\ of\ \w+)?|privacy\ policy|in\ touch
    |contact\ us|tips?)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_QUOTED = re.compile('["“”«»„]')


def article_lines(text: str, title: str) -> list[str]:
    """The lines of an extracted text that are of the article: no labels, no invitations, and not the headline again."""
    lines = [re.sub(r"\A[-•] ", "", line.strip()) for line in text.split("\n")]
    kept = [line for line in lines if line and not is_boilerplate(line)]
    while kept and title and _letters(kept[0]) in (_letters(title), ""):
        kept.pop(0)
    return kept


def is_boilerplate(line: str) -> bool:
    """Is this line a label, a credit or an invitation? Never where it quotes: who is quoted says what they like."""
    line = line.strip()
    if _QUOTED.search(line):
        return False
    if len(line) <= 300 and _LABEL.fullmatch(line):
        return not _BYLINE.match(line) or _is_byline(line)
    return len(line) <= 240 and bool(_INVITES.match(line)) and bool(_INTO_WHAT.search(line))


def _is_byline(line: str) -> bool:
    names = line.partition(",")[0].split()[1:]
    return not line.endswith((".", "!", "?")) and len(names) > 1 and all(name[0].isupper() for name in names)


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def as_declared(lines: Sequence[str], declared: str) -> list[str]:
    """Of the lines, those that the text declared for machines has too, where the two are the same article.

    The declared text rarely has paragraphs and is sometimes an older, shorter or cut one. It decides only where what
    both share is nearly all of it, and most of the lines; otherwise the lines stay as they are.
    """
    known = _trigrams(declared)
    shared: list[str] = []
    follows = ""
    for line in reversed(lines):
        # Declared texts often lack the headings between paragraphs: a short line goes with what follows it.
        heading = shared and line is not lines[0] and len(line.split()) <= 8 and shared[-1] is follows
        if heading or _share(line, known) >= 0.8:
            shared.append(line)
        follows = line
    shared.reverse()
    found = _trigrams("\n".join(shared))
    enough = sum(map(len, shared)) >= 0.6 * sum(map(len, lines))
    return shared if known and enough and len(found & known) >= 0.85 * len(known) else list(lines)


def _trigrams(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return set(zip(words, words[1:], words[2:], strict=False))


def _share(line: str, known: set[tuple[str, ...]]) -> float:
    found = _trigrams(line)
    return len(found & known) / len(found) if found else 0.0
