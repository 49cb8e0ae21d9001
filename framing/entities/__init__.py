"""Who is in the news: names, targets and their mentions, and the names of sources."""

from framing.entities.targets import Targets, find_mentions, find_targets, make_targets, read_targets

__all__ = ["Targets", "find_mentions", "find_targets", "make_targets", "read_targets"]
