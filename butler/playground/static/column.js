// One guest's chat with the bot: transcript, live events, composer.

import { api } from "./api.js";
import { Composer } from "./composer.js";
import { make } from "./entities.js";
import { draftItem, messageItem } from "./message.js";
import { toast } from "./toasts.js";
import { translate, wordsOf } from "./words.js";

const TYPING_MS = 5000;
const DRAFT_MS = 30000;
const RETRY_MS = 1500;

/** A column of the page. `onLeave` is called when its guest is sent away. */
export class Column {
  constructor(guest, onLeave) {
    this.guest = guest;
    this.words = wordsOf(guest.language);
    this.messages = new Map();
    this.root = document.getElementById("column").content.firstElementChild.cloneNode(true);
    this.root.lang = guest.language;
    this.root.dataset.guest = guest.id;
    this.root.setAttribute("aria-label", `${this.words.chat} ${guest.name}`);
    translate(this.root, this.words);
    this.list = this.find(".messages");
    this.scroll = this.find(".scroll");
    this.composer = new Composer(this);
    this.showGuest();
    this.find(".leave").addEventListener("click", () => {
      this.close();
      onLeave(this);
    });
    this.find(".block").addEventListener("click", () => this.toggleBlocked());
    this.find(".start").addEventListener("click", () => this.composer.say("/start"));
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  showGuest() {
    this.find(".name").textContent = this.guest.name;
    const avatar = this.find(".avatar");
    avatar.textContent = [...this.guest.name][0]?.toUpperCase() || "?";
    avatar.style.setProperty("--hue", String((this.guest.id * 47) % 360));
  }

  // Connection

  /** Read the chat as it stands and follow it from there; tries again until it works. */
  async open() {
    this.stream?.close();
    try {
      await api.createGuest(this.guest);
      const chat = await api.chat(this.guest);
      this.show(chat);
      this.follow(chat.seq);
    } catch {
      this.setOnline(false);
      this.retry = setTimeout(() => this.open(), RETRY_MS);
    }
  }

  close() {
    clearTimeout(this.retry);
    this.stream?.close();
  }

  follow(after) {
    const stream = api.stream(this.guest, after);
    this.stream = stream;
    stream.addEventListener("open", () => this.setOnline(true));
    stream.addEventListener("message", (event) => this.happened(JSON.parse(event.data)));
    stream.addEventListener("reset", () => this.open());
    stream.addEventListener("error", () => {
      this.setOnline(false);
      // The browser reconnects by itself unless the server refused: then the guest is unknown.
      if (stream.readyState === EventSource.CLOSED) {
        this.retry = setTimeout(() => this.open(), RETRY_MS);
      }
    });
  }

  setOnline(online) {
    this.online = online;
    this.showStatus();
  }

  showStatus() {
    const state = this.online ? (this.blocked ? "blocked" : "online") : "offline";
    this.find(".status").textContent = this.words[state];
    this.root.dataset.state = state;
  }

  show(chat) {
    const known = chat.messages.some((message) => this.messages.has(message.message_id));
    if (this.messages.size && !known) {
      // The playground forgot: what was said before stays readable above a line.
      this.list.append(make("li", "divider", make("span", "", this.words.restarted)));
    }
    chat.messages.forEach((message) => this.put(message));
    this.composer.commands = chat.commands;
    this.showKeyboard(chat.keyboard);
    this.blocked = chat.blocked;
    this.showBlocked();
    this.toBottom(true);
  }

  // Events

  happened(event) {
    switch (event.type) {
      case "message": return this.arrived(event);
      case "edit": return this.put(event.message);
      case "delete": return this.remove(event.message_id);
      case "action": return this.typing(event.action);
      case "draft": return this.draft(event);
      case "answer": return event.text && toast(event.text, event.show_alert);
      case "commands": return this.reloadCommands();
      case "state":
        this.blocked = event.blocked;
        return this.showBlocked();
      default: return undefined;
    }
  }

  arrived(event) {
    if (event.message.from?.is_bot) {
      this.endTyping();
    }
    this.put(event.message);
    if ("keyboard" in event) {
      this.showKeyboard(event.keyboard);
    }
  }

  put(message) {
    const follow = this.atBottom() || message.from?.id === this.guest.id;
    const item = messageItem(message, this.guest.id, this.words, (what) => this.act(what));
    const old = this.messages.get(message.message_id)?.item;
    const draft = message.from?.is_bot && !old ? this.takeDraft() : null;
    if (old || draft) {
      (old || draft).replaceWith(item);
    } else {
      this.list.append(item);
    }
    this.messages.set(message.message_id, { message, item });
    this.find(".welcome").hidden = true;
    this.toBottom(follow);
  }

  remove(id) {
    this.messages.get(id)?.item.remove();
    this.messages.delete(id);
  }

  draft(event) {
    const follow = this.atBottom();
    const item = draftItem(event, this.words);
    const old = this.takeDraft();
    if (old) {
      old.replaceWith(item);
    } else {
      this.list.append(item);
    }
    this.endTyping();
    this.draftItem = item;
    this.draftTimer = setTimeout(() => this.takeDraft()?.remove(), DRAFT_MS);
    this.toBottom(follow);
  }

  takeDraft() {
    clearTimeout(this.draftTimer);
    const item = this.draftItem;
    this.draftItem = null;
    return item;
  }

  typing(action) {
    if (action === "cancel") {
      this.endTyping();
      return;
    }
    const follow = this.atBottom();
    this.find(".typing").hidden = Boolean(this.draftItem);
    this.find(".typing span").textContent = this.words[action] || this.words.typing;
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => this.endTyping(), TYPING_MS);
    this.toBottom(follow);
  }

  endTyping() {
    clearTimeout(this.typingTimer);
    this.find(".typing").hidden = true;
  }

  async reloadCommands() {
    const chat = await api.chat(this.guest).catch(() => null);
    if (chat) {
      this.composer.commands = chat.commands;
    }
  }

  showKeyboard(keyboard) {
    const box = this.find(".keyboard");
    const rows = keyboard?.keyboard || [];
    box.hidden = rows.length === 0;
    box.replaceChildren(...rows.map((row) => make("div", "row", ...row.map((button) => {
      const element = make("button", "button", button.text);
      element.type = "button";
      element.addEventListener("click", () => this.composer.say(button.text));
      return element;
    }))));
  }

  // Acts

  act(what) {
    if (what.command) {
      this.composer.say(what.command);
    } else if (what.press) {
      api.press(this.guest, what.press.message_id, what.button.callback_data)
        .catch((error) => this.fail(error));
    } else {
      this.composer.about(what);
    }
  }

  editLast() {
    const own = [...this.messages.values()].map((one) => one.message)
      .filter((message) => message.from?.id === this.guest.id && message.text);
    if (own.length) {
      this.composer.about({ edit: own[own.length - 1] });
    }
  }

  async toggleBlocked() {
    try {
      await api.block(this.guest, !this.blocked);
    } catch (error) {
      this.fail(error);
    }
  }

  showBlocked() {
    const button = this.find(".block");
    const title = this.blocked ? this.words.unblock : this.words.block;
    button.title = title;
    button.setAttribute("aria-label", title);
    button.setAttribute("aria-pressed", String(Boolean(this.blocked)));
    this.showStatus();
  }

  fail(error) {
    toast(error.message, true);
  }

  atBottom() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 80;
  }

  toBottom(wanted) {
    if (wanted) {
      this.scroll.scrollTop = this.scroll.scrollHeight;
    }
  }
}
