"""The examples in data/schedule: they name only what there is, their own tools accept them, and one runs for real."""

import ast
import csv
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import types
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import click
import pytest
import yaml
from click.testing import CliRunner

from framing.cli import main
from framing.collecting.sources import read_sources
from framing.report import find_notebook
from framing.report.parameters import read_parameters, typed
from framing.schedule import EXIT_CODES, LOCKED
from framing.schedule.plan import read_plan
from framing.store import open_store
from framing.store.records import Found

EXAMPLES = Path(__file__).parent.parent / "data" / "schedule"
WORKFLOW = yaml.safe_load((EXAMPLES / "github-actions.yml").read_text())
STEPS = WORKFLOW["jobs"]["reports"]["steps"]
RUNS = next(step["run"] for step in STEPS if "framing schedule" in step.get("run", ""))


def text(name):
    return (EXAMPLES / name).read_text(encoding="utf-8")


# --- every command that an example names


TODAY_HERE = re.compile(r'"\$\(date \+\\?%F\)"')


def commands(given):
    """The framing commands in a text, each as a list of words; the shell's own day is some day."""
    given = TODAY_HERE.sub("2026-11-28", given)
    found = re.findall(r"(?:^|[\s/`'\"=])framing ((?:schedule|collect|serve|report|score|corpus)\b[^\n`\"#]*)", given)
    return [shlex.split(re.split(r" > | >> |\|\||;| instead", one)[0].strip(" .)")) for one in found]


ALL = [
    (name, words)
    for name in sorted(path.name for path in EXAMPLES.iterdir() if path.is_file())
    for words in commands(text(name))
]


def parse(words):
    """click's own parser on a command line; nothing runs."""
    name, *arguments = words
    command = main.commands[name]
    return command, command.make_context(name, list(arguments))


def test_the_examples_name_commands():
    assert {name for name, _ in ALL} >= {
        "README.md", "airflow_dag.py", "crontab", "daily.yaml", "framing-daily.service", "github-actions.yml",
    }  # fmt: skip


@pytest.mark.parametrize(("name", "words"), ALL, ids=[f"{name}: {' '.join(words)}" for name, words in ALL])
def test_commands_and_their_options_and_files_are_there(name, words):
    command, context = parse(words)
    for option in command.params:
        value = context.params[option.name]
        if isinstance(option, click.Argument) and str(value).endswith(".yaml"):
            assert (EXAMPLES / str(value)).is_file()


@pytest.mark.parametrize("words", ["schedule daily.yaml --catchup 7", "schedule", "schedule daily.yaml --wait soon"])
def test_a_slip_in_a_command_would_be_seen(words):
    """Control."""
    with pytest.raises(click.UsageError):
        parse(words.split())


def test_all_examples_are_in_the_readme_and_so_are_the_exit_codes():
    told = text("README.md")
    for path in EXAMPLES.iterdir():
        assert path.name == "README.md" or f"`{path.name}`" in told or f"`{path.suffix}`" in told
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", told, re.MULTILINE)} == {*EXIT_CODES.values(), LOCKED, 2}


# --- the plan and its outlets


def test_the_outlets_are_invented_and_at_addresses_that_lead_nowhere():
    sources = read_sources(EXAMPLES / "feeds.yaml")
    addresses = [url for source in sources for url in (*source.feeds, *source.sitemaps, *source.urls)]
    assert len(addresses) == 5
    assert all(re.match(r"https://\w+\.example\.org/", url) for url in addresses)
    assert "invented" in text("feeds.yaml")


def test_the_plan_can_be_read_and_so_can_what_stands_in_its_comments(tmp_path):
    plan = read_plan(EXAMPLES / "daily.yaml")
    assert [(one.name, one.days) for one in plan.reports] == [("comparative", 28), ("trend", 365)]
    shutil.copy(EXAMPLES / "feeds.yaml", tmp_path)
    whole = re.sub(r"^# (email|webhook): ", r"\1: ", text("daily.yaml"), flags=re.MULTILINE)
    (tmp_path / "daily.yaml").write_text(whole, encoding="utf-8")
    plan = read_plan(tmp_path / "daily.yaml")
    assert plan.webhook and plan.email.to == ("desk@example.org",)


def prepared_corpus(folder, until):
    """A corpus folder of the sample's articles, dated over the four weeks up to a day."""
    with (EXAMPLES.parent / "sample_articles.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    stories = sorted({row["event"] for row in rows})
    found = [
        Found(
            url=f"https://{row['outlet'].split()[-1].lower()}.example.org/{row['id']}", text=row["text"],
            title=row["title"], outlet=row["outlet"],
            date=(until - timedelta(days=4 * stories.index(row["event"]))).isoformat(),
        )
        for row in rows
    ]  # fmt: skip
    with open_store(folder, create=True) as store:
        store.add(found, collected=f"{until}T05:00:00Z")
    return len(found)


def test_the_plan_runs_on_a_corpus_with_the_linear_engine(tmp_path):
    """As it stands, but for the engine, the year's report, and the outlets: theirs is a folder of no new pages."""
    plan = yaml.safe_load(text("daily.yaml"))
    plan["reports"] = plan["reports"][:1]
    plan["reports"][0]["parameters"] |= {"engine": "linear", "bootstrap": 100}
    (tmp_path / "daily.yaml").write_text(yaml.safe_dump(plan))
    (tmp_path / "pages").mkdir()
    (tmp_path / "feeds.yaml").write_text("outlets: [{name: Northgate Wire, html: pages}]")
    articles = prepared_corpus(tmp_path / "corpus", date(2026, 11, 28))
    done = CliRunner().invoke(
        main, ["schedule", str(tmp_path / "daily.yaml"), "--as-of", "2026-11-28", "--quiet", "--json"]
    )
    line = yaml.safe_load((tmp_path / "schedule.jsonl").read_text())
    (report,) = line["reports"]
    assert report["status"] == "made", report["error"]
    assert line["counts"]["scored"] == articles
    assert line["exit_code"] == done.exit_code
    assert (tmp_path / report["path"] / "report.html").is_file()
    assert list((tmp_path / "corpus" / ".scores").glob("*/*/manifest.json"))
    summary = (tmp_path / "summary.md").read_text()
    assert "First run, nothing to compare with" in summary and f"{report['path']}/report.html" in summary


# --- cron

FIELDS = (range(60), range(24), range(1, 32), range(1, 13), range(8))


def cron_times(line):
    """Whether the first five words of a line are times of cron, as lists, ranges and steps of numbers."""
    for field, valid in zip(line.split()[:5], FIELDS, strict=True):
        for part in field.split(","):
            times = re.fullmatch(r"(\*|(\d+)(-(\d+))?)(/\d+)?", part)
            if not times or any(int(n) not in valid for n in times.group(2, 4) if n):
                return False
    return True


def test_the_crontab_has_one_line_that_cron_reads(tmp_path):
    (line,) = [one for one in text("crontab").splitlines() if one and not re.match(r"#|\w+=", one)]
    assert cron_times(line) and not cron_times(line.replace("30 5", "5 30"))
    assert not re.search(r"(?<!\\)%", line), "cron takes it for a line break"
    command = line.replace("\\%", "%").partition("&& ")[2].replace(".venv/bin/framing", "echo")
    said = subprocess.run(["sh", "-c", command], capture_output=True, text=True, env={**os.environ, "TZ": "Asia/Tokyo"})
    assert re.fullmatch(r"schedule daily.yaml --as-of \d{4}-\d\d-\d\d --catch-up 7 --wait 600\n", said.stdout)
    assert text("crontab").endswith("\n"), "cron leaves out a last line without an end"
    assert cron_times(WORKFLOW[True]["schedule"][0]["cron"])
    if crontab := shutil.which("crontab"):
        assert subprocess.run([crontab, "-n", EXAMPLES / "crontab"], capture_output=True).returncode == 0


# --- systemd


def unit(name):
    """The settings of a unit; one that is given twice is a slip."""
    lines = [one for one in text(name).splitlines() if one and one[0] not in "#["]
    settings = dict(one.split("=", 1) for one in lines)
    assert len(settings) == len(lines)
    return settings


def test_the_service_has_time_to_end_by_itself_and_few_rights():
    service, plan = unit("framing-daily.service"), yaml.safe_load(text("daily.yaml"))
    wait = int(re.search(r"--wait (\d+)", service["ExecStart"])[1])
    assert service["TimeoutStartSec"] == "2h" and plan["timeout"] + wait + 600 < 7200
    assert service["KillMode"] == "mixed", "the run ends its notebooks itself, and writes its line"
    assert service["NoNewPrivileges"] == service["PrivateTmp"] == "yes"
    assert service["ProtectSystem"] == "strict" and service["ReadWritePaths"] == service["WorkingDirectory"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_accepts_the_units(tmp_path):
    def complaints():
        command = ["systemd-analyze", "verify", *tmp_path.iterdir()]
        said = subprocess.run(command, capture_output=True, text=True).stderr.splitlines()
        return [line for line in said if "framing-daily" in line]

    for name in ("framing-daily.service", "framing-daily.timer"):
        (tmp_path / name).write_text(text(name).replace("/srv/framing/.venv/bin/framing", sys.executable))
    assert complaints() == []
    calendar = unit("framing-daily.timer")["OnCalendar"]
    assert subprocess.run(["systemd-analyze", "calendar", calendar], capture_output=True).returncode == 0
    (tmp_path / "framing-daily.timer").write_text(text("framing-daily.timer").replace("OnCalendar", "OnCalender"))
    assert "OnCalender" in "".join(complaints())


# --- GitHub


def test_the_workflow_has_what_github_asks_for():
    assert set(WORKFLOW) == {"name", True, "permissions", "concurrency", "jobs"}, "YAML reads `on` as true"
    assert WORKFLOW["permissions"] == {"contents": "read"}
    for step in STEPS:
        assert set(step) <= {"name", "uses", "with", "run", "if"} and ("uses" in step) != ("run" in step)
        assert re.fullmatch(r"actions/[a-z/-]+@v\d+", step.get("uses", "actions/x@v1"))
    seconds = int(re.search(r"--timeout (\d+)", RUNS)[1])
    assert seconds + 600 < WORKFLOW["jobs"]["reports"]["timeout-minutes"] * 60


def test_the_workflow_keeps_corpus_reports_and_log_however_the_run_ends():
    """`actions/cache` itself saves only after a job that went well: a run out of time would lose what it collected."""
    places = [step.get("uses", "the run" if step.get("run") == RUNS else "") for step in STEPS]
    restore, run, save = (places.index(one) for one in ("actions/cache/restore@v4", "the run", "actions/cache/save@v4"))
    assert restore < run < save
    assert STEPS[save]["if"] == "always()"
    assert STEPS[save]["with"]["key"] == STEPS[restore]["with"]["key"]
    assert STEPS[save]["with"]["path"] == STEPS[restore]["with"]["path"]
    plan = yaml.safe_load(text("daily.yaml"))
    assert set(STEPS[save]["with"]["path"].split()) == {plan["corpus"], plan["reports_folder"], plan["log"]}


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (3, 0), (1, 1), (75, 75), (124, 124)])
def test_the_workflow_takes_a_run_done_in_part_for_a_warning(tmp_path, code, ends):
    fake = tmp_path / "framing"
    fake.write_text(f"#!/bin/sh\necho '# News framing'\nexit {code}\n")
    fake.chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "GITHUB_STEP_SUMMARY": str(tmp_path / "shown")}
    done = subprocess.run(["bash", "-e", "-c", RUNS], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == ends
    assert (tmp_path / "shown").read_text() == "# News framing\n"
    assert ("::warning" in done.stdout) == (code == 3)


@pytest.mark.skipif(not shutil.which("actionlint"), reason="needs actionlint")
def test_actionlint_accepts_the_workflow():
    assert subprocess.run(["actionlint", EXAMPLES / "github-actions.yml"]).returncode == 0


# --- Airflow


class Task:
    """Stands for an operator: keeps what it was given, and what comes after it."""

    made: ClassVar = []

    def __init__(self, **given):
        self.given, self.after = given, []
        Task.made.append(self)

    def __rshift__(self, other):
        self.after.append(other)


class Dag(Task):
    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


@pytest.fixture
def tasks(monkeypatch):
    """The tasks of the DAG, by id, made with operators that only keep their arguments."""
    places = {
        "airflow.sdk": {"DAG": Dag},
        "airflow.providers.papermill.operators.papermill": {"PapermillOperator": Task},
        "airflow.providers.standard.operators.bash": {"BashOperator": Task},
    }
    for name, content in places.items():
        module = types.ModuleType(name)
        module.__dict__.update(content)
        monkeypatch.setitem(sys.modules, name, module)
    Task.made.clear()
    runpy.run_path(str(EXAMPLES / "airflow_dag.py"))
    return {task.given.get("task_id", "dag"): task for task in Task.made}


def test_the_dag_collects_and_then_runs_notebooks_with_parameters_they_have(tasks):
    ast.parse(text("airflow_dag.py"))
    assert set(tasks) == {"dag", "collect", "comparative", "trend"}
    assert isinstance(tasks["dag"].given["start_date"], datetime) and cron_times(tasks["dag"].given["schedule"])
    assert tasks["collect"].after == [tasks["comparative"], tasks["trend"]]
    parse(shlex.split(tasks["collect"].given["bash_command"])[1:])
    for name in ("comparative", "trend"):
        given = tasks[name].given
        assert Path(given["input_nb"]) == find_notebook(name)
        spec = read_parameters(find_notebook(name))
        own = {key: value for key, value in given["parameters"].items() if key not in ("out", "scores")}
        assert typed(spec, own, report=name) and set(given["parameters"]) <= set(spec)


def test_the_day_and_the_period_of_a_run_are_what_airflow_says(tasks):
    """With the two names that Airflow puts into its templates."""
    from jinja2 import Environment

    def ds_add(day, days):
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()

    given = tasks["comparative"].given["parameters"]
    names = {"ds": "2026-11-28", "macros": types.SimpleNamespace(ds_add=ds_add)}
    shown = {key: Environment().from_string(value).render(names) for key, value in given.items()}
    assert (shown["since"], shown["until"], shown["as_of"]) == ("2026-11-01", "2026-11-28", "2026-11-28")
    assert shown["out"].endswith("/comparative-2026-11-28")


# --- nginx


@pytest.mark.skipif(not (shutil.which("nginx") and shutil.which("openssl")), reason="needs nginx and openssl")
def test_nginx_accepts_its_configuration(tmp_path):
    names = {"fullchain.pem": tmp_path / "certificate.pem", "privkey.pem": tmp_path / "key.pem"}
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-subj", "/CN=reports.example.org", "-out", names["fullchain.pem"], "-keyout", names["privkey.pem"]],
        check=True, capture_output=True,
    )  # fmt: skip
    site = text("nginx.conf")
    for name, path in names.items():
        site = site.replace(f"/etc/letsencrypt/live/reports.example.org/{name}", str(path))
    (tmp_path / "site.conf").write_text(site)

    def accepted(site_file):
        (tmp_path / "nginx.conf").write_text(
            f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; include {site_file}; }}"
        )
        done = subprocess.run(["nginx", "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True)
        return done.returncode == 0, done.stderr

    right, said = accepted(tmp_path / "site.conf")
    assert right, said
    (tmp_path / "slip.conf").write_text(site.replace("autoindex", "autoindexes"))
    assert not accepted(tmp_path / "slip.conf")[0]


def test_nginx_lists_nothing_and_keeps_hidden_files():
    site = text("nginx.conf")
    for line in ("autoindex off;", "location ~ /\\. { return 404; }", "auth_basic ", "limit_except GET { deny all; }"):
        assert line in site
    assert "frame-ancestors 'none'" in site and "listen 80" not in site
