from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from butler.clients.speech import ENGINES, choose_transcriber
from butler.domain.chat import Audio
from butler.errors import SettingsError, SpeechUnavailable

URL = "http://127.0.0.1:9/v1"


def only(*modules: str) -> Callable[[str], bool]:
    return lambda module: module in modules


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A data directory in which a model stands already."""
    directory = tmp_path / "models" / "whisper-base"
    directory.mkdir(parents=True)
    for name in ("config.json", "model.bin", "tokenizer.json"):
        (directory / name).touch()
    return tmp_path


@pytest.fixture
def vosk_model(tmp_path: Path) -> Path:
    directory = tmp_path / "vosk-model"
    (directory / "am").mkdir(parents=True)
    (directory / "am" / "final.mdl").touch()
    return directory


@pytest.mark.parametrize(
    ("modules", "url", "chosen"),
    [
        (("faster_whisper", "pocketsphinx", "speech_recognition"), URL, "openai"),
        (("faster_whisper", "pocketsphinx", "speech_recognition"), None, "faster_whisper"),
        (("pocketsphinx", "speech_recognition"), None, "sphinx"),
        (("pocketsphinx",), None, "off"),
        (("vosk",), None, "off"),
        ((), "", "off"),
    ],
)
def test_auto_takes_the_best_that_is_there(
    weights: Path, modules: tuple[str, ...], url: str | None, chosen: str
) -> None:
    transcriber = choose_transcriber("auto", url, None, weights, installed=only(*modules))
    assert transcriber.name == chosen


def test_auto_with_a_vosk_directory_takes_vosk(vosk_model: Path, tmp_path: Path) -> None:
    both = only("vosk", "faster_whisper")
    model = str(vosk_model)
    assert choose_transcriber("auto", None, model, tmp_path, installed=both).name == "vosk"


def test_auto_does_not_pass_over_a_model_whose_engine_is_missing(
    vosk_model: Path, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="pip install vosk"):
        choose_transcriber("auto", None, str(vosk_model), tmp_path, installed=only())
    with pytest.raises(SettingsError, match=r"butler\[speech\]"):
        choose_transcriber("auto", None, "small", tmp_path, installed=only())


def test_auto_without_anything_says_what_to_install(tmp_path: Path) -> None:
    transcriber = choose_transcriber("auto", None, None, tmp_path, installed=only())
    for call in (transcriber.probe, lambda: transcriber.transcribe(Audio(b"x"), "ru", 1)):
        with pytest.raises(SpeechUnavailable, match=r"pip install \"butler\[speech\]\""):
            call()


def test_off_says_that_it_is_switched_off(weights: Path) -> None:
    transcriber = choose_transcriber("off", URL, None, weights)
    assert transcriber.name == "off"
    with pytest.raises(SpeechUnavailable, match="STT_ENGINE=off"):
        transcriber.probe()


@pytest.mark.parametrize(
    ("wrong", "suggestion"),
    [
        ("faster-whisper", "Did you mean faster_whisper"),
        ("whisper", "Did you mean faster_whisper"),
        ("OpenAI", "Did you mean openai"),
        ("voskk", "Did you mean vosk"),
        ("9", "Set it to auto"),
    ],
)
def test_an_unknown_engine_is_refused_with_a_suggestion(
    tmp_path: Path, wrong: str, suggestion: str
) -> None:
    with pytest.raises(SettingsError, match=suggestion) as caught:
        choose_transcriber(wrong, None, None, tmp_path)
    assert all(name in str(caught.value) for name in ENGINES)


@pytest.mark.parametrize(
    ("engine", "says"),
    [
        ("faster_whisper", r'Run pip install "butler\[speech\]"'),
        ("sphinx", r'Run pip install "butler\[speech\]"'),
        ("vosk", "Run pip install vosk"),
    ],
)
def test_an_engine_that_is_not_installed_says_how_to(
    tmp_path: Path, engine: str, says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        choose_transcriber(engine, None, None, tmp_path, installed=only())


def test_openai_needs_an_address(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="STT_API_URL"):
        choose_transcriber("openai", None, None, tmp_path)


def test_a_wrong_address_is_refused_at_start_without_being_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="STT_API_URL") as caught:
        choose_transcriber("auto", "ftp://anna:tea@host", None, tmp_path)
    assert "tea" not in str(caught.value)


@pytest.mark.parametrize("model", [None, "/no/such/place", "."])
def test_vosk_needs_the_directory_of_a_model(tmp_path: Path, model: str | None) -> None:
    with pytest.raises(SettingsError, match=r"STT_MODEL.*Vosk model"):
        choose_transcriber("vosk", None, model, tmp_path, installed=only("vosk"))


def test_whisper_takes_the_directory_of_a_model(weights: Path, tmp_path: Path) -> None:
    model = str(weights / "models" / "whisper-base")
    found = only("faster_whisper")
    assert choose_transcriber("auto", None, model, tmp_path, installed=found).name == (
        "faster_whisper"
    )


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("/no/such/place", "Check the path"),
        ("./here", "Check the path"),
        ("a/b/c", "Check the path"),
        ("smal", "Did you mean small"),
        ("zzz", "Known names: tiny"),
    ],
)
def test_a_model_that_cannot_be_is_refused(tmp_path: Path, model: str, says: str) -> None:
    pytest.importorskip("faster_whisper")
    with pytest.raises(SettingsError, match=says):
        choose_transcriber("faster_whisper", None, model, tmp_path)


def test_a_directory_that_holds_no_whole_model_is_refused(tmp_path: Path) -> None:
    # Without its tokenizer the library would ask the network for one.
    (tmp_path / "model.bin").touch()
    with pytest.raises(SettingsError, match=r"tokenizer\.json"):
        choose_transcriber(
            "faster_whisper", None, str(tmp_path), tmp_path, installed=only("faster_whisper")
        )


@pytest.mark.parametrize("model", ["small", "somebody/some-model"])
def test_a_published_name_is_taken_and_nothing_is_downloaded_yet(
    tmp_path: Path, model: str
) -> None:
    pytest.importorskip("faster_whisper")
    assert choose_transcriber("auto", None, model, tmp_path).name == "faster_whisper"
    assert not list(tmp_path.iterdir())


def test_choosing_loads_no_engine_and_no_decoder(weights: Path) -> None:
    heavy = "{'av', 'numpy', 'faster_whisper', 'ctranslate2', 'speech_recognition', 'vosk'}"
    program = (
        "import sys; from pathlib import Path\n"
        "from butler.clients.speech import choose_transcriber\n"
        f"choose_transcriber('auto', None, None, Path({str(weights)!r}))\n"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
