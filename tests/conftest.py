"""What several test files share."""

import pytest
from headless import CHROMIUM, WHY_NOT, Browser

from framing.report import start_quickly

start_quickly()

# Files that take longest come first: at the end no process is left alone with one of them.
SLOWEST = (
    "test_comparative_report.py", "test_cli.py", "test_notebooks.py", "test_store_crashes.py", "test_schedule.py",
    "test_collect.py", "test_analysis.py", "test_trend_report.py", "test_store.py", "test_report_scores.py",
    "test_corpus_folder.py", "test_schedule_examples.py", "test_hostile_server.py",
)  # fmt: skip


def pytest_collection_modifyitems(items):
    rank = {name: number for number, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(SLOWEST)))


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """One browser for the whole session; tests open their pages in tabs of it."""
    if CHROMIUM is None:
        pytest.skip(WHY_NOT)
    running = Browser(tmp_path_factory.mktemp("browser"))
    yield running
    running.close()


@pytest.fixture(scope="session")
def sites(tmp_path_factory):
    """Reports with plain and with hostile names: the paths of their pages ``report``, ``evidence`` and ``index``."""
    from made_up_pages import NAMES, site

    return {kind: site(tmp_path_factory.mktemp(kind), names) for kind, names in NAMES.items()}
