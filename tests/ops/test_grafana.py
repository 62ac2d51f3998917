import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from prometheus_client import CollectorRegistry

from butler.metrics import Metrics
from tests.ops.prometheus import OPS, RULES, program

DASHBOARD = OPS / "grafana" / "dashboards" / "butler.json"
OURS = r"\b(?:butler|personalized|user|llm|stt|telegram)_\w+"
BUILT_IN = {"$__rate_interval": "5m", "$job": "butler", "$instance": ".*"}


def dashboard() -> dict[str, Any]:
    return cast(dict[str, Any], json.loads(DASHBOARD.read_text("utf-8")))


def expressions() -> Iterator[str]:
    for panel in dashboard()["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))
    yield from (each["expr"] for each in dashboard()["annotations"]["list"])


def exposed() -> set[str]:
    """Names of samples, rather than of families: with _total, _bucket, _sum and _count."""
    registry = CollectorRegistry()
    Metrics(registry)
    names = set()
    for family in registry.collect():
        ends = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
        names |= {family.name + end for end in ends.get(family.type, [""])}
    return names


def test_grafana_finds_its_data_source_and_the_dashboard() -> None:
    source = yaml.safe_load(
        (OPS / "grafana/provisioning/datasources/prometheus.yml").read_text("utf-8")
    )["datasources"][0]
    used = {p["datasource"]["uid"] for p in dashboard()["panels"] if "datasource" in p}
    assert used == {source["uid"]}
    provider = yaml.safe_load(
        (OPS / "grafana/provisioning/dashboards/butler.yml").read_text("utf-8")
    )["providers"][0]
    compose = (OPS / "compose.yaml").read_text("utf-8")
    assert f"./grafana/dashboards:{provider['options']['path']}:ro" in compose


def test_the_dashboard_shows_only_metrics_that_the_butler_exposes_and_shows_them_all() -> None:
    recorded = r"\bjob:\w+:\w+"
    text = "\n".join(re.sub(recorded, "", e) for e in expressions())
    shown = set(re.findall(OURS, text))
    assert shown - exposed() == set()
    # Three are shown through what the rules record of them.
    rules = set(re.findall(OURS, RULES.read_text("utf-8")))
    assert {re.sub(r"_(bucket|sum|count)$", "", n) for n in exposed() - shown - rules} <= {
        re.sub(r"_(bucket|sum|count)$", "", n) for n in shown
    }


def test_panels_do_not_overlap_and_have_their_own_ids() -> None:
    panels = dashboard()["panels"]
    assert len({p["id"] for p in panels}) == len(panels)
    cells: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        mine = {(at["x"] + i, at["y"] + j) for i in range(at["w"]) for j in range(at["h"])}
        assert not mine & cells, panel["title"]
        assert max(x for x, _ in mine) < 24
        cells |= mine


@pytest.mark.service
def test_every_expression_of_the_dashboard_is_valid_promql(tmp_path: Path) -> None:
    rules = []
    for number, found in enumerate(expressions()):
        expression = found
        for name, value in BUILT_IN.items():
            expression = expression.replace(name, value)
        rules.append({"record": f"panel:{number}", "expr": expression})
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}), "utf-8")
    done = subprocess.run(
        [program("promtool"), "check", "rules", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(rules) > 30
