"""What several test files share."""

import pytest
from headless import CHROMIUM, WHY_NOT, Browser


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
