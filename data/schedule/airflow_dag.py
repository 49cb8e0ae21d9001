"""Airflow 3: collect each morning, then run the report notebooks.

Needs apache-airflow-providers-papermill and apache-airflow-providers-standard beside `framing[web]`. The notebooks are
executed as they are; where the pages, the index and the summary are wanted as well, let a BashOperator run
`framing schedule daily.yaml` instead of all of this.
"""

from datetime import datetime, timedelta
from pathlib import Path

from airflow.providers.papermill.operators.papermill import PapermillOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

from framing.report import find_notebook

FOLDER = Path("/srv/framing")
REPORTS = {"comparative": 28, "trend": 365}  # the days up to the day of the report that each is made of

with DAG(
    dag_id="framing",
    schedule="30 5 * * *",
    start_date=datetime(2026, 11, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 1, "retry_delay": timedelta(minutes=10), "execution_timeout": timedelta(hours=1)},
) as dag:
    collect = BashOperator(
        task_id="collect",
        cwd=str(FOLDER),
        bash_command=".venv/bin/framing collect feeds.yaml --into corpus --quiet",
    )
    for name, days in REPORTS.items():
        out = f"{FOLDER}/{name}-{{{{ ds }}}}"
        report = PapermillOperator(
            task_id=name,
            input_nb=str(find_notebook(name)),
            output_nb=f"{out}.ipynb",
            kernel_name="python3",
            parameters={
                "corpus": str(FOLDER / "corpus"),
                "since": f"{{{{ macros.ds_add(ds, {1 - days}) }}}}",
                "until": "{{ ds }}",
                "as_of": "{{ ds }}",
                "engine": "neural",
                "out": out,
                "scores": str(FOLDER / "corpus" / ".scores"),
            },
        )
        collect >> report
