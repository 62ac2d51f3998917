"""Real Chromium, with a fake microphone that plays a tone."""

from __future__ import annotations

import math
import shutil
import struct
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from butler.playground import PlaygroundServer, World
from tests.support.echo_bot import EchoBot

SWITCHES = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
    "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    "--window-size=1360,900", "--lang=en",
)  # fmt: skip
RATE = 48_000


@pytest.fixture(scope="session")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a 440 Hz tone, which the fake microphone repeats."""
    path = tmp_path_factory.mktemp("microphone") / "tone.wav"
    samples = [int(12_000 * math.sin(2 * math.pi * 440 * i / RATE)) for i in range(2 * RATE)]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return path


@pytest.fixture
def browser(tone: Path, tmp_path: Path) -> Iterator[webdriver.Chrome]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("chromium and chromedriver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for switch in SWITCHES:
        options.add_argument(switch)
    options.add_argument(f"--use-file-for-fake-audio-capture={tone}")
    options.add_argument(f"--user-data-dir={tmp_path / 'profile'}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(driver))
    browser.set_page_load_timeout(60)
    yield browser
    browser.quit()


@pytest.fixture
def playground() -> Iterator[PlaygroundServer]:
    world = World(seed=7)
    world.add_bot()
    with PlaygroundServer(world) as server:
        yield server


@pytest.fixture
def bot(playground: PlaygroundServer) -> Iterator[EchoBot]:
    with EchoBot(playground.base_url, playground.token) as bot:
        yield bot
