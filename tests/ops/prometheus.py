"""Real Prometheus and Alertmanager on loopback, with the project's own configuration.

`monitoring(target, directory)` starts both against one scrape target and yields a `Monitoring`,
which waits for what they show. The configuration is the one in `ops/`; only intervals, addresses
and paths are replaced.
"""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import attrs
import pytest
import requests
import yaml

OPS = Path(__file__).resolve().parents[2] / "ops"
RULES = OPS / "prometheus" / "butler.rules.yml"
READY_SECONDS = 30.0
POLL_SECONDS = 0.2

Json = dict[str, Any]
T = TypeVar("T")


def program(name: str) -> str:
    """Path of a program of this machine; without it the test is skipped and says what to do."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed here: ops/ci/install brings it")
    return path


def wait_for(what: str, seconds: float, look: Callable[[], T | None]) -> T:
    """What `look` returns once it is not None; AssertionError naming `what` after `seconds`."""
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"expected {what} within {seconds:g} s, did not see it")
        pause.wait(POLL_SECONDS)


@attrs.frozen
class Monitoring:
    """A running Prometheus (`prometheus`) and Alertmanager (`alertmanager`), as base URLs."""

    prometheus: str
    alertmanager: str

    def query(self, expression: str) -> list[Json]:
        """The instant vector of a PromQL expression, in the API's own shape."""
        answer = requests.get(
            f"{self.prometheus}/api/v1/query", params={"query": expression}, timeout=5
        ).json()
        assert answer["status"] == "success", answer
        return cast(list[Json], answer["data"]["result"])

    def alerts(self, name: str) -> list[Json]:
        """The alerts of that name that Alertmanager now shows, in the shape of its v2 API."""
        answer = requests.get(
            f"{self.alertmanager}/api/v2/alerts",
            params={"filter": f'alertname="{name}"'},
            timeout=5,
        )
        answer.raise_for_status()
        return cast(list[Json], answer.json())

    def wait_for_sample(self, expression: str, seconds: float = 30) -> list[Json]:
        """The first non-empty answer to a PromQL expression."""
        return wait_for(
            f"a sample of {expression}", seconds, lambda: self.query(expression) or None
        )

    def wait_until_scraped(self, seconds: float = 30) -> None:
        """Returns once the target has been scraped with success."""
        self.wait_for_sample('up{job="butler"} == 1', seconds)

    def wait_for_alert(self, name: str, seconds: float = 60) -> Json:
        """The first alert of that name in Alertmanager: `labels`, `annotations`, `status`."""
        return wait_for(f"the alert {name}", seconds, lambda: next(iter(self.alerts(name)), None))

    def wait_until_resolved(self, name: str, seconds: float = 60) -> None:
        """Returns once Alertmanager shows no alert of that name."""
        wait_for(f"no alert {name}", seconds, lambda: None if self.alerts(name) else True)


@contextmanager
def monitoring(target: str, directory: Path) -> Iterator[Monitoring]:
    """Both servers, scraping `target` ("host:port") every second; stopped on leaving.

    Their data and logs go to `directory`, which must exist.
    """
    with ExitStack() as stack:
        alertmanager = stack.enter_context(_alertmanager(directory))
        yield Monitoring(
            prometheus=stack.enter_context(_prometheus(target, alertmanager, directory)),
            alertmanager=f"http://{alertmanager}",
        )


@contextmanager
def _alertmanager(directory: Path) -> Iterator[str]:
    address = _free_address()
    command = [
        program("prometheus-alertmanager"),
        f"--config.file={OPS / 'alertmanager' / 'alertmanager.yml'}",
        f"--storage.path={directory / 'alertmanager'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ]
    with _server(command, f"http://{address}", directory / "alertmanager.log"):
        yield address


@contextmanager
def _prometheus(target: str, alertmanager: str, directory: Path) -> Iterator[str]:
    address = _free_address()
    config = directory / "prometheus.yml"
    config.write_text(yaml.safe_dump(_config(target, alertmanager)), encoding="utf-8")
    command = [
        program("prometheus"),
        f"--config.file={config}",
        f"--storage.tsdb.path={directory / 'prometheus'}",
        f"--web.listen-address={address}",
    ]
    with _server(command, f"http://{address}", directory / "prometheus.log"):
        yield f"http://{address}"


def _config(target: str, alertmanager: str) -> Json:
    config = yaml.safe_load((OPS / "prometheus" / "prometheus.yml").read_text("utf-8"))
    config["global"] = dict.fromkeys(
        ("scrape_interval", "scrape_timeout", "evaluation_interval"), "1s"
    )
    config["rule_files"] = [str(RULES)]
    config["alerting"]["alertmanagers"] = [{"static_configs": [{"targets": [alertmanager]}]}]
    jobs = [job for job in config["scrape_configs"] if job["job_name"] == "butler"]
    jobs[0]["static_configs"] = [{"targets": [target]}]
    config["scrape_configs"] = jobs
    return cast(Json, config)


@contextmanager
def _server(command: list[str], url: str, log: Path) -> Iterator[None]:
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output, env=_environment()) as process,
    ):
        try:
            wait_for(f"{url}/-/ready", READY_SECONDS, lambda: _ready(process, url, log))
            yield
        finally:
            process.terminate()


def _ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> bool | None:
    if process.poll() is not None:
        raise AssertionError(f"{process.args!r} ended:\n{log.read_text('utf-8')}")
    try:
        answer = requests.get(f"{url}/-/ready", timeout=1)
    except requests.RequestException:
        return None
    return True if answer.ok else None


def _environment() -> dict[str, str]:
    """Ours without proxies: everything here is on loopback."""
    return {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}


def _free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return f"127.0.0.1:{held.getsockname()[1]}"
