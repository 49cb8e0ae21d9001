"""What runs of several days make of each other: what changed, who is silent, which days were missed, and the log."""

import json
import os
import threading
from datetime import date

import pytest
from made_up_schedule import NOW, Desk, collected, made, tiny_notebook, verdict_rows

import framing.schedule.run as running
from framing.errors import ReportError
from framing.schedule import steps
from framing.schedule.child import OutOfTime, StepFailed
from framing.schedule.log import MOST_TRIES, append_line, last_report, last_silence, missed_days, read_log, told_before
from framing.schedule.run import run_schedule
from framing.store import open_store
from framing.store.records import Found

DAY = date(2026, 11, 28)
HIGHER, LOWER, UNCLEAR = "higher", "lower", "no clear difference"
EMPTY = {"status": "empty", "error": "no article from 2026-11-28 to 2026-11-28"}


def day(number):
    return date(2026, 11, number)


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.fixture
def morning(desk, monkeypatch):
    """A run for a day of November whose steps answer at once, in this process, as keywords say.

    ``report`` is what each report says of the Daily Klaxon: a verdict, an error to raise, or a result; a function of
    its arguments, or the same for all. ``last`` is the day of each outlet's last article; an error is raised.
    """

    def run(plan, number, *, report=UNCLEAR, last=None, first="2026-11-01", collect=None, **options):
        def answer(step, arguments, **ignored):
            if step == "report":
                told = report(arguments) if callable(report) else report
            elif step == "coverage":
                told = last if isinstance(last, Exception) else {"first": first, "last": last or {}}
            else:
                told = {"score": {"scored": 0, "not_scored": 0}, "collect": collect}[step]
            if isinstance(told, BaseException):
                raise told
            return (
                made({"rows": verdict_rows(("Daily Klaxon", told))}, arguments) if isinstance(told, str) else {**told}
            )

        monkeypatch.setattr(running, "in_child", answer)
        as_of = number if isinstance(number, date) else day(number)
        return run_schedule(plan, as_of=as_of, notebooks=desk.notebooks, now=lambda: NOW, quiet=True, **options)

    return run


def headline(outcome):
    return outcome.summary.splitlines()[2]


def log_of(desk):
    return read_log(desk.folder / "schedule.jsonl")[0]


# --- what a run is compared with


@pytest.fixture
def two(desk):
    """A plan of two reports."""
    tiny_notebook(desk.notebooks, "other", "pass")
    return desk(reports=[{"name": "tiny"}, {"name": "other"}])


def by_name(**told):
    return lambda arguments: told[arguments["name"]]


def test_a_report_that_fails_every_morning_does_not_hide_what_changed_in_another(two, morning):
    broken = StepFailed("no such column")
    assert headline(morning(two, 26, report=by_name(tiny=HIGHER, other=broken))).startswith("First run")
    outcome = morning(two, 27, report=by_name(tiny=LOWER, other=broken), last={"Northgate Wire": "2026-11-24"})
    assert headline(outcome) == (
        "Since 2026-11-26: 1 verdict has turned round; Northgate Wire has gone silent; 1 report failed."
    )


def test_each_report_is_compared_with_the_last_run_in_which_it_was_there(two, morning):
    morning(two, 26, report=by_name(tiny=HIGHER, other=HIGHER))
    morning(two, 27, report=by_name(tiny=HIGHER, other=StepFailed("no space left")))
    outcome = morning(two, 28, report=by_name(tiny=HIGHER, other=LOWER))
    assert headline(outcome) == "Since 2026-11-27: 1 verdict has turned round."
    (tiny, other) = [line for line in outcome.summary.splitlines() if line.startswith("- [")]
    assert "compared with" not in tiny
    assert "(compared with 2026-11-26)" in other


def test_outlets_fall_silent_also_where_every_report_fails(desk, morning):
    for number in (26, 27):
        outcome = morning(desk(), number, report=StepFailed("x"), last={"Northgate Wire": "2026-11-24"})
    assert headline(outcome) == "Since 2026-11-26: Northgate Wire has gone silent; 1 report failed."


def test_what_a_run_out_of_time_saw_is_news_in_the_next(desk, morning):
    """Nobody has read a summary of it."""
    morning(desk(), 26, report=HIGHER, last={"Northgate Wire": "2026-11-24"})
    morning(desk(), 27, report=OutOfTime(), last={"Northgate Wire": "2026-11-24"})
    outcome = morning(desk(), 28, report=LOWER, last={"Northgate Wire": "2026-11-24"})
    assert headline(outcome) == "Since 2026-11-26: 1 verdict has turned round; Northgate Wire has gone silent."


def test_a_report_that_is_new_in_the_plan_is_compared_with_nothing(desk, two, morning):
    morning(desk(), 27, report=HIGHER)
    both = morning(desk(reports=[{"name": "tiny"}, {"name": "other"}]), 28, report=HIGHER)
    assert headline(both) == "Since 2026-11-27: 1 report is made for the first time."


def test_reports_of_one_name_are_told_apart_by_their_days(desk, morning):
    """Over a week the verdict is steadily one thing, over four another: nothing turns round."""
    reports = [{"name": "comparative", "days": days} for days in (7, 28)]
    plan = desk(reports=reports)
    desk.notebooks = None  # those of the package

    def steady(arguments):
        since, until = (date.fromisoformat(arguments["parameters"][key]) for key in ("since", "until"))
        return HIGHER if (until - since).days == 6 else LOWER

    morning(plan, 27, report=steady)
    outcome = morning(plan, 28, report=steady)
    assert headline(outcome) == "Since 2026-11-27: no verdict changed and no outlet fell silent."
    assert "[The week (7 days)]" in outcome.summary and "[The week (28 days)]" in outcome.summary
    changed = morning(plan, 29, report=lambda arguments: LOWER)
    assert (
        "**turned round: lower** (was higher)" in changed.summary
        and "(30.0% against 10.0%) (7 days)" in changed.summary
    )


def test_reports_of_one_name_are_told_apart_by_their_parameters(desk, morning):
    plan = desk(reports=[{"name": "tiny", "parameters": {"title": title}} for title in ("North", "South")])

    def steady(arguments):
        arguments["name"] = arguments["parameters"]["title"]  # a folder of its own
        return {"North": HIGHER, "South": LOWER}[arguments["name"]]

    morning(plan, 27, report=steady)
    assert "no verdict changed" in morning(plan, 28, report=steady).summary


# --- outlets that are silent


def test_outlets_go_silent_and_come_back(desk, morning):
    plan = desk(silent_after=3)
    morning(plan, 27, last={"Daily Klaxon": "2026-11-20", "Northgate Wire": "2026-11-25", "": "2026-11-01"})
    outcome = morning(plan, 28, last={"Daily Klaxon": "2026-11-28", "Northgate Wire": "2026-11-25", "": "2026-11-01"})
    assert headline(outcome) == "Since 2026-11-27: Northgate Wire has gone silent; Daily Klaxon is back."
    assert "- no article since 2026-11-25: Northgate Wire" in outcome.summary
    assert outcome.line["silent"] == {"Northgate Wire": "2026-11-25"}


def test_an_outlet_that_stays_silent_is_named_once_then_counted_and_after_a_month_left_out(desk, morning):
    """It has closed, or has another name."""
    closed = {"Daily Klaxon": "2026-11-20"}
    assert "- silent: Daily Klaxon" in morning(desk(), 25, last=closed).summary, "in the first run"
    for last in (date(2026, 11, 26), date(2026, 12, 20)):
        text = morning(desk(), last, last=closed).summary
        assert "- still silent: 1 outlet\n" in text and "Klaxon" not in text.partition("## Reports")[0]
    outcome = morning(desk(), date(2026, 12, 21), last=closed)
    assert "silent" not in outcome.summary.replace("no outlet fell silent", "")
    assert outcome.line["silent"] == closed, "so that it is not taken for one that falls silent, and can come back"
    assert "Daily Klaxon is back" in morning(desk(), date(2026, 12, 22), last={"Daily Klaxon": "2026-12-22"}).summary


def test_outlets_are_not_taken_for_talking_again_where_the_corpus_cannot_be_read(desk, morning):
    morning(desk(), 27, last={"Daily Klaxon": "2026-11-02"})
    outcome = morning(desk(), 28, last=StepFailed("damaged"))
    assert headline(outcome).startswith("Since 2026-11-27: no verdict changed")
    assert "still silent: 1 outlet" in outcome.summary and "cannot be read: damaged" in outcome.summary
    assert outcome.line["silent"] == {"Daily Klaxon": "2026-11-02"}


def test_outlets_are_not_taken_for_newly_silent_where_the_corpus_could_never_be_read(desk, morning):
    assert morning(desk(), 27, last=StepFailed("damaged")).line["silent"] is None
    assert "gone silent" not in morning(desk(), 28, last={"Daily Klaxon": "2026-11-02"}).summary


# --- days without an article


@pytest.fixture(params=["a table", "a corpus folder"])
def corpus(tmp_path, request):
    """Two articles: the Northgate Wire on the 20th, the Daily Klaxon on the 22nd."""
    given = [("Northgate Wire", "2026-11-20", "A ferry sank."), ("Daily Klaxon", "2026-11-22", "A bridge fell.")]
    if request.param == "a table":
        path = tmp_path / "articles.csv"
        path.write_text("\n".join(["outlet,date,text", *map(",".join, given)]))
        return path
    with open_store(tmp_path / "corpus", create=True) as store:
        store.add([Found(f"https://a.example.org/{date}", text, outlet=outlet, date=date)
                   for outlet, date, text in given], collected="2026-11-28T05:00:00Z")  # fmt: skip
    return tmp_path / "corpus"


WINDOWS = [
    ({"since": "2026-11-21", "until": "2026-11-21"}, True, "a quiet day"),
    ({"since": "2026-11-22", "until": "2026-11-22"}, False, "a day with an article"),
    ({"since": "2026-11-20", "until": "2026-11-21", "outlets": ["Daily Klaxon"]}, True, "none of this outlet"),
    ({"since": "2026-11-21", "until": "2026-11-21", "outlets": ["Daily Klaxxon"]}, False, "a slip the report tells"),
    ({"since": "2026-11-20", "until": "2026-11-22", "query": "text LIKE '%bridge%'"}, False, "one of this kind"),
    ({"since": "2026-11-20", "until": "2026-11-21", "query": "text LIKE '%bridge%'"}, True, "none of this kind"),
    ({}, False, "all days: an empty corpus is no quiet day"),
]


@pytest.mark.parametrize(("parameters", "empty", "why"), WINDOWS, ids=[why for *_, why in WINDOWS])
def test_a_report_is_asked_for_only_where_its_days_have_an_article(corpus, monkeypatch, parameters, empty, why):
    def asked(*args, **options):
        raise ReportError("it was asked for")

    monkeypatch.setattr("framing.report.run_report", asked)
    given = {"corpus": str(corpus), **parameters}
    if empty:
        told = steps.report("comparative", given, "reports", force=False, quiet=True)
        assert told == {"status": "empty", "error": f"no article from {given['since']} to {given['until']}"}
    else:
        with pytest.raises(ReportError, match="it was asked for"):
            steps.report("comparative", given, "reports", force=False, quiet=True)


def test_a_day_without_an_article_is_no_failure_and_is_not_made_up_for(desk, morning):
    morning(desk(), 26, report=HIGHER)
    quiet = morning(desk(), 27, report=EMPTY)
    assert (quiet.line["status"], quiet.code) == ("done", 0)
    assert headline(quiet) == "Since 2026-11-26: no article for 1 report."
    assert "- nothing to report: tiny: no article from 2026-11-28 to 2026-11-28" in quiet.summary
    loud = morning(desk(), 28, report=LOWER, catch_up=7, first="2026-11-26")
    assert loud.line["caught_up"] == []
    assert headline(loud).startswith("Since 2026-11-27: 1 verdict has turned round"), "compared with the 26th"
    assert "(compared with 2026-11-26)" in loud.summary


@pytest.mark.parametrize(
    ("collect", "status", "code", "why"),
    [
        (collected(new=0), "done", 0, "collecting went well and gave nothing"),
        (StepFailed("a bad file"), "failed", 1, "collecting failed: nothing was done at all"),
        (collected(outlets=("A", "B"), failed=("B",)), "partial", 3, "one outlet could not be read"),
    ],
)
def test_on_a_day_without_an_article_the_exit_code_is_that_of_collecting(desk, morning, collect, status, code, why):
    outcome = morning(desk(collect="feeds.yaml"), 28, report=EMPTY, collect=collect)
    assert (outcome.line["status"], outcome.code) == (status, code)


def test_the_summary_of_a_day_without_an_article_is_mailed_once(desk, morning):
    plan = desk(email={"to": ["desk@example.org"], "from": "framing@example.org"})
    sent = [morning(plan, 28, report=EMPTY).line["deliveries"][0]["status"] for _ in range(2)]
    assert sent == ["done", "already"]


# --- the days that were missed


def line(as_of, status="done", *reports, **more):
    entry = {"name": "tiny", "days": 0, "parameters": {}, "title": "The week", "path": f"reports/tiny/{as_of}"}
    return {"as_of": as_of, "status": status, "reports": [{**entry, "status": one} for one in reports], **more}


DAMAGED = [
    "{", "[]", "\udcff", "[" * 100_000,
    '{"as_of": "2026-11-27"}',
    *(json.dumps({**line("2026-11-27"), **changed}) for changed in (
        {"as_of": "someday"}, {"as_of": "20261127"}, {"as_of": 20261127}, {"status": 1}, {"reports": None},
        {"reports": ["tiny"]}, {"reports": {"name": "tiny"}}, {"reports": [{"status": "made"}]},
        {"silent": ["Daily Klaxon"]}, {"silent": []}, {"silent": {"Daily Klaxon": None}},
        {"silent": {"Daily Klaxon": "once"}},
        {"deliveries": ["webhook"]}, {"deliveries": None}, {"deliveries": [{"to": "webhook"}]},
    )),
    *(json.dumps({**line("2026-11-27"), "reports": [{**line("2026-11-27", "done", "made")["reports"][0], key: value}]})
      for key, value in (("name", 1), ("title", None), ("path", None), ("path", ["a"]), ("status", None))),
]  # fmt: skip


def test_damaged_lines_are_skipped_and_named(tmp_path):
    log = tmp_path / "schedule.jsonl"
    good = json.dumps(line("2026-11-27", "done", "made"))
    log.write_text("\n".join([good, *DAMAGED, "", good[:20]]), encoding="utf-8", errors="surrogateescape")
    append_line(log, line("2026-11-28"))
    lines, notes = read_log(log)
    assert [one["as_of"] for one in lines] == ["2026-11-27", "2026-11-28"]
    assert len(notes) == len(DAMAGED) + 1
    assert notes[0] == "line 2 of schedule.jsonl is damaged and was skipped"


def test_a_run_goes_on_beside_damaged_lines_and_those_of_another_version(desk, morning):
    older = {**line("2026-11-27"), "reports": [{"name": "tiny", "title": "", "path": "gone", "status": "made"}]}
    (desk.folder / "schedule.jsonl").write_text(
        "\n".join([*DAMAGED, json.dumps(older)]) + "\n", encoding="utf-8", errors="surrogateescape"
    )
    outcome = morning(desk(), 28, report=HIGHER, catch_up=3)
    assert (outcome.line["status"], len(outcome.notes)) == ("done", len(DAMAGED))


def test_an_error_nobody_thought_of_leaves_a_line_and_what_was_seen_is_news_in_the_next_run(desk, morning):
    morning(desk(), 26, last={"Northgate Wire": "2026-11-24"})
    with pytest.raises(RuntimeError):
        morning(desk(), 27, report=RuntimeError("a fault\nof ours"), last={"Northgate Wire": "2026-11-24"})
    told = log_of(desk)[-1]
    assert (told["as_of"], told["status"], told["exit_code"]) == ("2026-11-27", "failed", 1)
    assert told["errors"] == ["RuntimeError: a fault of ours"]
    assert "Northgate Wire has gone silent" in morning(desk(), 28, last={"Northgate Wire": "2026-11-24"}).summary


def test_lines_of_many_writers_stay_whole(tmp_path):
    log = tmp_path / "schedule.jsonl"
    one = line("2026-11-28", "done", *["made"] * 500)
    writers = [threading.Thread(target=lambda: [append_line(log, one) for _ in range(20)]) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines, notes = read_log(log)
    assert (len(lines), notes) == (160, [])


MISSED = [
    ([], "2026-11-01", ["2026-11-25", "2026-11-26", "2026-11-27"], "no run so far"),
    ([], "2026-11-27", ["2026-11-27"], "no article before"),
    ([], "", [], "no article at all"),
    ([line("2026-11-26", "done", "made")], "2026-11-01", ["2026-11-25", "2026-11-27"], "one was done"),
    ([line("2026-11-26", "partial", "made")], "2026-11-01", ["2026-11-25", "2026-11-27"], "its reports are there"),
    ([line("2026-11-26", "partial", "made", "failed")], "2026-11-26", ["2026-11-26", "2026-11-27"], "one failed"),
    ([line("2026-11-26", "timeout", "made")], "2026-11-26", ["2026-11-26", "2026-11-27"], "not finished"),
    ([line("2026-11-28", "done")], "2026-11-27", ["2026-11-27"], "the day itself is none of them"),
    ([line("2026-11-27", "done", "empty")], "2026-11-27", [], "there was nothing to report"),
    (
        [line("2026-11-27", "failed", "failed")] * 9,
        "2026-11-27",
        ["2026-11-27"],
        "failed, and nobody has made up for it",
    ),
    (
        [line("2026-11-27", "failed", "failed", catch_up=True)] * (MOST_TRIES - 1),
        "2026-11-27",
        ["2026-11-27"],
        "it may still be made up for",
    ),
    ([line("2026-11-27", "failed", "failed", catch_up=True)] * MOST_TRIES, "2026-11-27", [], "given up"),
]


@pytest.mark.parametrize(("lines", "first", "days", "why"), MISSED, ids=[case[-1] for case in MISSED])
def test_missed_days(lines, first, days, why):
    assert [day.isoformat() for day in missed_days(lines, DAY, 3, first)] == days


def test_no_day_before_the_first_of_the_calendar_was_missed():
    assert missed_days([], date(1, 1, 3), 366, "0001-01-01") == [date(1, 1, 1), date(1, 1, 2)]


def test_a_run_for_the_first_day_of_the_calendar_is_a_run(desk, morning):
    assert morning(desk(), date.min, catch_up=7).line["as_of"] == "0001-01-01"


def test_a_day_is_compared_with_the_last_run_before_it_that_told_a_summary():
    lines = [
        line("2026-11-26", "done", "failed", silent={"A": "2026-11-01"}),
        line("2026-11-26", "partial", "made", silent={"B": "2026-11-01"}),
        line("2026-11-27", "timeout", "made", silent={}),
        line("2026-11-27", "done", "made", silent={}, catch_up=True),
        line("2026-11-25", "failed", "failed", silent=None),
        line("2026-11-28", "done", "made", silent={}),
    ]
    told = told_before(lines, DAY)
    assert [lines.index(one) for one in told] == [1, 0, 4]
    assert last_report(told, lines[1]["reports"][0]) == ("2026-11-26", "reports/tiny/2026-11-26")
    assert last_report(told, {**lines[1]["reports"][0], "days": 7}) is None
    assert last_report(told, {**lines[1]["reports"][0], "parameters": {"title": "B"}}) is None
    assert last_silence(told) == ("2026-11-26", {"B": "2026-11-01"})
    assert last_silence(told[2:]) is None
    assert told_before(lines, day(25)) == []


def test_missed_days_get_their_reports_oldest_first_and_nothing_is_collected_for_them(desk, morning):
    plan, given = desk(collect="feeds.yaml"), {"collect": collected(new=2), "first": "2026-11-26", "catch_up": 7}
    outcome = morning(plan, 28, **given)
    assert [(one["as_of"], one["catch_up"], one["counts"].get("new")) for one in log_of(desk)] == [
        ("2026-11-26", True, None), ("2026-11-27", True, None), ("2026-11-28", False, 2),
    ]  # fmt: skip
    assert outcome.line["caught_up"] == ["2026-11-26", "2026-11-27"]
    assert morning(plan, 28, **given).line["caught_up"] == []


def test_a_missed_day_that_fails_is_told_and_tried_a_few_times_but_not_for_ever(desk, morning):
    def report(arguments):
        return StepFailed("too little") if arguments["parameters"]["as_of"] == "2026-11-25" else HIGHER

    mornings = [
        morning(desk(), number, report=report, first="2026-11-25", catch_up=7) for number in (26, 27, 28, 29, 30)
    ]
    failed = ["2026-11-25: tiny failed: too little"]
    assert [one.line["errors"] for one in mornings] == [failed] * MOST_TRIES + [[]] * (5 - MOST_TRIES)
    assert [one.code for one in mornings] == [3] * MOST_TRIES + [0] * (5 - MOST_TRIES)


def test_a_plan_without_reports_has_no_missed_days(desk, morning):
    for number in (27, 28):
        outcome = morning(desk(collect="feeds.yaml", reports=None), number, collect=collected(new=1), catch_up=7)
        assert (outcome.line["caught_up"], outcome.code) == ([], 0)
    assert len(log_of(desk)) == 2


def test_the_log_can_be_written_where_lines_are_cut_short(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "write", lambda handle, data: 3)
    with pytest.raises(OSError, match="could not be written whole"):
        append_line(tmp_path / "log", line("2026-11-28"))
