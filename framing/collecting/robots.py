"""What a site's robots.txt lets us ask for (RFC 9309)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

LARGEST = 512 * 1024
"""Of a longer robots.txt only this many bytes are read, as the standard asks."""

LONGEST_DELAY = 10.0
"""A Crawl-delay of more seconds than this is taken for this many."""

_AGENT = re.compile(r"^\s*user(?:-|\s*)agent\s*:?\s*([^#\r\n]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be asked for; ``delay`` is in seconds between requests."""

    delay: float = 0.0
    _parsed: Any = field(default=None, repr=False)
    _token: str = ""

    def allow(self, url: str) -> bool:
        """Whether this address may be asked for."""
        return self._parsed is None or self._parsed.can_fetch(url, self._token)


def read_rules(body: str, user_agent: str) -> Rules:
    """The rules for the product that ``user_agent`` starts with: its own group, else that of ``*``."""
    from protego import Protego

    token = product_token(user_agent)
    parsed = Protego.parse("\n".join(_two_groups(body, token)))
    return Rules(min(parsed.crawl_delay(token) or 0.0, LONGEST_DELAY), parsed, token)


def product_token(user_agent: str) -> str:
    """The name under which robots files address us: ``framing/0.1.0 (...)`` -> ``framing``."""
    return re.split(r"[/\s(]", user_agent.strip(), maxsplit=1)[0].lower()


def _two_groups(body: str, token: str) -> list[str]:
    """The lines, with every group that is for others under one name.

    The parser stores each rule once for each name of its group: twenty thousand names above twenty thousand rules,
    which fit into a file of the permitted size, would take minutes and gigabytes.
    """
    lines = []
    for line in body.splitlines():
        named = _AGENT.match(line)
        if named:
            name = named[1].strip()
            line = f"User-agent: {'*' if name == '*' else token if product_token(name) == token else '~'}"
        lines.append(line)
    return lines
