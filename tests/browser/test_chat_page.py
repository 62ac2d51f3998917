"""The chat page in real Chromium, against the playground and a small bot."""

from __future__ import annotations

import io
import shutil

import av
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from butler.playground import PlaygroundServer
from tests.browser.chat_page import ChatPage, Column
from tests.support.echo_bot import EchoBot

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (shutil.which("chromium") and shutil.which("chromedriver")),
        reason="chromium and chromedriver are not installed",
    ),
]
ANNA = {"id": 1001, "name": "Анна", "language": "ru"}
JAMES = {"id": 1002, "name": "James", "language": "en"}


@pytest.fixture
def page(browser: webdriver.Chrome, playground: PlaygroundServer) -> ChatPage:
    return ChatPage(browser, playground.base_url + "/playground")


def test_a_guest_writes_and_reads_the_answer(page: ChatPage, bot: EchoBot) -> None:
    (column,) = page.open()
    column.say("Good evening")
    column.wait_text("Echo: Good evening")
    assert column.texts("own") == ["Good evening"]
    assert page.complaints() == []


def test_the_guest_of_this_browser_comes_back(page: ChatPage, bot: EchoBot) -> None:
    (column,) = page.open()
    guest = column.element.get_attribute("data-guest")
    column.say("Remember me")
    column.wait_text("Echo: Remember me")
    page.browser.refresh()
    (column,) = page.columns(1)
    assert column.element.get_attribute("data-guest") == guest
    column.wait_text("Echo: Remember me")


def test_a_voice_recorded_in_the_page_reaches_the_bot_as_sound(
    page: ChatPage, bot: EchoBot
) -> None:
    (column,) = page.open(JAMES)
    column.find(".record").click()
    clock = column.element_with(".recording .clock")
    column.wait(lambda: clock.text >= "0:02", "two seconds of recording")
    column.find(".finish").click()
    column.wait_text("I heard you")
    ((voice, data),) = bot.voices
    assert voice["mime_type"].startswith("audio/")
    assert voice["duration"] >= 2
    assert loudness(data) > 0.01
    assert column.element_with(".own .player").is_displayed()


def loudness(data: bytes) -> float:
    """The loudest sample of a recording, 0 to 1."""
    with av.open(io.BytesIO(data)) as container:
        frames = container.decode(audio=0)
        return max(float(abs(frame.to_ndarray().astype("float32")).max()) for frame in frames)


def test_a_recording_can_be_scrapped(page: ChatPage, bot: EchoBot) -> None:
    (column,) = page.open(JAMES)
    column.find(".record").click()
    column.element_with(".recording .scrap").click()
    column.say("never mind")
    column.wait_text("Echo: never mind")
    assert bot.voices == []


def test_two_guests_talk_side_by_side_each_in_their_language(page: ChatPage, bot: EchoBot) -> None:
    anna, james = page.open(ANNA, JAMES)
    anna.say("Привет")
    james.say("Hello")
    anna.wait_text("Echo: Привет")
    james.wait_text("Echo: Hello")
    assert anna.texts("bot") == ["Echo: Привет"]
    assert james.texts("bot") == ["Echo: Hello"]
    assert anna.find(".status").text == "на связи"
    assert james.find(".status").text == "online"
    assert anna.find("textarea").get_attribute("placeholder") == "Сообщение…"
    assert anna.element.location["x"] < james.element.location["x"]
    assert anna.element.location["y"] == james.element.location["y"]


def test_another_guest_is_invited(page: ChatPage, bot: EchoBot) -> None:
    page.open(ANNA)
    page.browser.find_element(By.ID, "add-guest").click()
    name = page.browser.find_element(By.CSS_SELECTOR, "dialog input[name=name]")
    name.clear()
    name.send_keys("Лев", Keys.ENTER)
    _, lev = page.columns(2)
    assert lev.find(".name").text == "Лев"
    lev.say("и я")
    lev.wait_text("Echo: и я")
    lev.find(".leave").click()
    page.columns(1)


def test_entities_are_shown_and_text_is_never_markup(page: ChatPage, bot: EchoBot) -> None:
    source = (
        "<b>bold <i>both</i></b> <code>x &lt; y</code> <a href='https://example.com/'>link</a> "
        "<tg-spoiler>secret</tg-spoiler>\n<pre><code class='language-python'>a = 1</code></pre>"
        "<blockquote>said</blockquote>"
    )
    hostile = "<img src=x onerror=\"document.title='caught'\"><b>not bold</b> 🎩"
    hat = {"type": "italic", "offset": hostile.index("🎩"), "length": 2}
    bot.pieces["show"] = [
        ("sendMessage", {"text": source, "parse_mode": "HTML"}),
        ("sendMessage", {"text": hostile, "entities": [hat]}),
    ]
    (column,) = page.open(JAMES)
    column.say("show")
    column.wait_text(hostile)
    shown = {
        selector: column.find(f".bot {selector}").text
        for selector in ("strong", "strong em", ".text > code", "a", "pre code", "blockquote", "em")
    }
    assert shown == {
        "strong": "bold both",
        "strong em": "both",
        ".text > code": "x < y",
        "a": "link",
        "pre code": "a = 1",
        "blockquote": "said",
        "em": "both",
    }
    assert column.find("pre").get_attribute("data-language") == "python"
    assert column.all(".bot em")[-1].text == "🎩"
    spoiler = column.find(".spoiler")
    assert spoiler.text == ""
    spoiler.click()
    column.wait(lambda: spoiler.text == "secret", "the spoiler to be revealed")
    assert column.all(".bot img") == []
    assert page.browser.title == "Butler · playground"


def test_a_draft_grows_until_the_message_takes_its_place(page: ChatPage, bot: EchoBot) -> None:
    bot.pieces["write"] = [
        ("sendChatAction", {"action": "typing"}),
        ("sendMessageDraft", {"draft_id": 1, "text": "Once"}),
        ("sendMessageDraft", {"draft_id": 1, "text": "Once upon a time"}),
    ]
    bot.pieces["finish"] = [("sendMessage", {"text": "Once upon a time, the end."})]
    (column,) = page.open(JAMES)
    column.say("write")
    draft = column.element_with(".draft")
    column.wait(
        lambda: [one.text for one in column.all(".draft")] == ["Once upon a time"],
        f"one growing draft after {draft.text!r}",
    )
    column.say("finish")
    column.wait_text("Once upon a time, the end.")
    assert column.all(".draft") == []


def test_inline_buttons_are_pressed_and_answered(page: ChatPage, bot: EchoBot) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "pressed yes"}]]}
    bot.pieces["?"] = [("sendMessage", {"text": "Tea?", "reply_markup": keyboard})]
    (column,) = page.open(JAMES)
    column.say("?")
    column.element_with(".buttons .button").click()
    column.wait(
        lambda: "pressed yes" in page.browser.find_element(By.ID, "toasts").text, "the answer"
    )


def test_commands_are_offered_and_chosen_by_keyboard(page: ChatPage, bot: EchoBot) -> None:
    commands = [
        {"command": "start", "description": "Begin"},
        {"command": "privacy", "description": "What I keep"},
    ]
    bot.call("setMyCommands", commands=commands)
    (column,) = page.open(JAMES)
    column.find("textarea").send_keys("/p")
    assert column.element_with(".menu li").text.startswith("/privacy")
    column.find("textarea").send_keys(Keys.ENTER)
    column.wait_text("Echo: /privacy")


def test_a_message_is_edited_and_replied_to(page: ChatPage, bot: EchoBot) -> None:
    (column,) = page.open(JAMES)
    column.say("teh")
    column.wait_text("Echo: teh")
    column.find("textarea").send_keys(Keys.ARROW_UP)
    column.find("textarea").send_keys(Keys.CONTROL, "a")
    column.say("the")
    column.wait_text("the", "own")
    tool = column.find(".bot .tool")
    page.browser.execute_script("arguments[0].click()", tool)
    column.say("indeed")
    quotation = column.element_with(".own .quotation")
    assert "Echo: teh" in quotation.text


def test_a_file_is_sent(
    page: ChatPage, bot: EchoBot, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("files") / "plan.txt"
    path.write_text("dinner at eight", encoding="utf-8")
    (column,) = page.open(JAMES)
    column.find("input[type=file]").send_keys(str(path))
    assert "plan.txt" in column.element_with(".own .file").text


def test_a_blocked_bot_is_shown_as_blocked(
    page: ChatPage, playground: PlaygroundServer, bot: EchoBot
) -> None:
    (column,) = page.open(JAMES)
    column.say("hello")
    column.wait_text("Echo: hello")
    column.find(".block").click()
    column.wait(lambda: column.find(".status").text == "bot blocked", "the state")
    assert playground.bot.chats[1002].blocked


def test_the_page_comes_back_after_the_server_was_gone(browser: webdriver.Chrome) -> None:
    first = PlaygroundServer().start()
    port = int(first.base_url.rpartition(":")[2])
    page = ChatPage(browser, first.base_url + "/playground")
    (column,) = page.open(JAMES)
    with EchoBot(first.base_url, first.token):
        column.say("before")
        column.wait_text("Echo: before")
    first.stop()
    column.wait(lambda: column.find(".status").text == "connecting…", "the loss to be seen")
    with PlaygroundServer(port=port) as second, EchoBot(second.base_url, second.token):
        page.columns(1)
        column.say("after")
        column.wait_text("Echo: after")
        assert "Echo: before" in column.texts("bot")


def test_the_page_is_whole_in_the_dark_and_on_a_small_screen(page: ChatPage, bot: EchoBot) -> None:
    (column,) = page.open(JAMES)
    ground = background(column)
    page.browser.find_element(By.ID, "theme").click()
    column.wait(lambda: background(column) != ground, "another theme")
    page.browser.set_window_size(500, 700)
    box = column.find("textarea").rect
    assert box["x"] >= 0
    assert box["width"] > 100
    column.say("small")
    column.wait_text("Echo: small")


def background(column: Column) -> str:
    return column.element.value_of_css_property("background-color")
