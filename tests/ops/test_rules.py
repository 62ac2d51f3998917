import subprocess
from pathlib import Path

import pytest
import yaml

from tests.ops.prometheus import OPS, RULES, program

pytestmark = pytest.mark.service

SPECIFIED = {
    "PersonalizationHighErrorRate": "personalization",
    "MemoryCompressionFailures": "personalization",
    "ButlerDown": "butler",
    "ActorRestartStorm": "butler",
    "InboxFallingBehind": "butler",
    "LLMUnavailable": "butler",
}


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_accepts_its_configuration_and_rules() -> None:
    said = run(program("promtool"), "check", "config", str(OPS / "prometheus" / "prometheus.yml"))
    assert "1 rule files found" in said


def test_alertmanager_accepts_its_configuration() -> None:
    run(program("amtool"), "check-config", str(OPS / "alertmanager" / "alertmanager.yml"))


def test_every_rule_fires_recovers_and_keeps_quiet_as_its_rule_tests_say() -> None:
    tests = OPS / "prometheus" / "butler.rules.test.yml"
    assert "SUCCESS" in run(program("promtool"), "test", "rules", str(tests))


def test_a_rule_test_that_expects_too_much_fails(tmp_path: Path) -> None:
    tests = (OPS / "prometheus" / "butler.rules.test.yml").read_text("utf-8")
    broken = tmp_path / "broken.yml"
    broken.write_text(
        tests.replace("- butler.rules.yml", f"- {RULES}").replace("10.1% of", "10.2% of"), "utf-8"
    )
    with pytest.raises(AssertionError, match="PersonalizationHighErrorRate"):
        run(program("promtool"), "test", "rules", str(broken))


def test_the_alerts_carry_component_severity_summary_and_description() -> None:
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    alerts = {r["alert"]: r for group in groups for r in group["rules"] if "alert" in r}
    assert {name: rule["labels"]["component"] for name, rule in alerts.items()} == SPECIFIED
    for rule in alerts.values():
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["description"]


def test_every_alert_has_rule_tests_that_see_it_fire_and_not_fire() -> None:
    tests = yaml.safe_load((OPS / "prometheus" / "butler.rules.test.yml").read_text("utf-8"))
    seen: dict[str, set[bool]] = {}
    for test in tests["tests"]:
        for case in test.get("alert_rule_test", []):
            seen.setdefault(case["alertname"], set()).add(bool(case["exp_alerts"]))
    assert seen == {name: {True, False} for name in SPECIFIED}
