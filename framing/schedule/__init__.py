"""A run every morning: collect, score what is new, make the reports, say what changed.

:func:`framing.schedule.run.run_schedule` is the run; :mod:`framing.schedule.plan` reads the file that says what it
does. How a run ends, for monitoring:

==== ====================================================================================================
code meaning
==== ====================================================================================================
0    all done, all there already, or no article to report on
1    nothing done: the file cannot be used, or every part failed
2    a wrong option or argument of the command
3    done in part: a report or a delivery failed, collecting failed, or no source of an outlet could be read
75   another run of this file is going on
124  out of time; what was finished stays
130  interrupted (Ctrl-C, SIGTERM); what was finished stays
==== ====================================================================================================
"""

from __future__ import annotations

DONE, FAILED, PARTIAL, TIMEOUT, INTERRUPTED = "done", "failed", "partial", "timeout", "interrupted"
EXIT_CODES = {DONE: 0, FAILED: 1, PARTIAL: 3, TIMEOUT: 124, INTERRUPTED: 130}
LOCKED = 75
ALREADY = "already"
"""What a report is that was there, and a summary of it that was delivered before."""
MADE, EMPTY = "made", "empty"
"""What a report is that is new, and one that is not made because no article falls into its days."""
THERE = (MADE, ALREADY)
"""What a report is that can be read."""
