// Where a guest writes: text, commands, files, voice.

import { api } from "./api.js";
import { make } from "./entities.js";
import { summary } from "./message.js";
import { clock } from "./player.js";
import { Recorder } from "./recorder.js";

const PHOTO_BYTES = 10 * 1024 * 1024;
const TALLEST = 160;

/** The composer of a column. It sends for the column's guest and shows trouble by `fail`. */
export class Composer {
  constructor(column) {
    this.column = column;
    this.guest = column.guest;
    this.words = column.words;
    this.root = column.root;
    this.form = this.find(".composer");
    this.input = this.find("textarea");
    this.menu = this.find(".menu");
    this.commands = [];
    this.context = null;
    this.listen();
    this.grow();
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  listen() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("paste", (event) => this.files(event.clipboardData.files, event));
    this.find(".commands").addEventListener("click", () => this.showCommands());
    this.find(".context .drop").addEventListener("click", () => this.dropContext());
    const picker = this.find("input[type=file]");
    this.find(".attach").addEventListener("click", () => picker.click());
    picker.addEventListener("change", () => {
      this.files(picker.files);
      picker.value = "";
    });
    this.root.addEventListener("dragover", (event) => event.preventDefault());
    this.root.addEventListener("drop", (event) => this.files(event.dataTransfer.files, event));
    this.find(".record").addEventListener("click", () => this.record());
    this.find(".scrap").addEventListener("click", () => this.stopRecording(false));
    this.find(".finish").addEventListener("click", () => this.stopRecording(true));
  }

  // Text

  async submit() {
    const text = this.input.value;
    if (!text.trim()) {
      return;
    }
    const context = this.context;
    this.input.value = "";
    this.dropContext();
    this.changed();
    try {
      if (context?.edit) {
        await api.edit(this.guest, context.edit.message_id, text);
      } else {
        await api.write(this.guest, text, context?.reply?.message_id);
      }
    } catch (error) {
      this.input.value ||= text;
      this.changed();
      this.column.fail(error);
    }
  }

  say(text) {
    api.write(this.guest, text).catch((error) => this.column.fail(error));
  }

  changed() {
    this.form.classList.toggle("full", this.input.value.trim() !== "");
    this.grow();
    this.suggest();
  }

  grow() {
    this.input.style.height = "auto";
    const wanted = this.input.scrollHeight + 2;
    this.input.style.height = `${Math.min(wanted, TALLEST)}px`;
    this.input.style.overflowY = wanted > TALLEST ? "auto" : "hidden";
  }

  key(event) {
    if (!this.menu.hidden && this.menuKey(event)) {
      event.preventDefault();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape") {
      this.dropContext();
    } else if (event.key === "ArrowUp" && !this.input.value) {
      this.column.editLast();
    }
  }

  /** Answer or change a message: {reply} or {edit}. */
  about(context) {
    this.context = context;
    const message = context.reply || context.edit;
    const label = context.reply ? this.words.replyTo : this.words.editing;
    this.find(".context .what").replaceChildren(
      make("strong", "", label), make("span", "", summary(message, this.words)));
    this.find(".context").hidden = false;
    if (context.edit) {
      this.input.value = message.text;
      this.changed();
    }
    this.input.focus();
  }

  dropContext() {
    if (this.context?.edit) {
      this.input.value = "";
      this.changed();
    }
    this.context = null;
    this.find(".context").hidden = true;
  }

  // Commands

  showCommands() {
    if (!this.menu.hidden) {
      this.menu.hidden = true;
      return;
    }
    this.offer(this.commands);
    this.input.focus();
  }

  suggest() {
    const typed = /^\/(\w*)$/.exec(this.input.value);
    this.offer(typed ? this.commands.filter((one) => one.command.startsWith(typed[1])) : []);
  }

  offer(commands) {
    this.menu.replaceChildren(...commands.map((one) => this.option(one)));
    this.menu.hidden = commands.length === 0;
    this.choose(0);
  }

  option(one) {
    const option = make("li", "", make("strong", "", `/${one.command}`),
      make("span", "", one.description));
    option.setAttribute("role", "option");
    option.addEventListener("click", () => this.pick(option));
    option.dataset.command = `/${one.command}`;
    return option;
  }

  choose(index) {
    [...this.menu.children].forEach((option, i) => {
      option.setAttribute("aria-selected", String(i === index));
    });
    this.chosen = index;
    this.menu.children[index]?.scrollIntoView({ block: "nearest" });
  }

  menuKey(event) {
    const count = this.menu.children.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.choose((this.chosen + step + count) % count);
    } else if (event.key === "Enter" || event.key === "Tab") {
      this.pick(this.menu.children[this.chosen]);
    } else if (event.key === "Escape") {
      this.menu.hidden = true;
    }
    return Boolean(step) || ["Enter", "Tab", "Escape"].includes(event.key);
  }

  pick(option) {
    this.menu.hidden = true;
    this.input.value = "";
    this.changed();
    this.say(option.dataset.command);
    this.input.focus();
  }

  // Files

  async files(list, event) {
    if (!list?.length) {
      return;
    }
    event?.preventDefault();
    for (const file of [...list]) {
      try {
        const caption = this.input.value.trim();
        await api.media(this.guest, kindOfFile(file), file, file.name, {
          caption, reply_to: this.context?.reply?.message_id,
        });
        this.input.value = "";
        this.dropContext();
        this.changed();
      } catch (error) {
        this.column.fail(error);
      }
    }
  }

  // Voice

  async record() {
    try {
      this.recorder = await Recorder.start();
    } catch {
      this.column.fail(new Error(this.words.noMicrophone));
      return;
    }
    this.showRecording(true);
    const time = this.find(".recording .clock");
    this.ticking = setInterval(() => { time.textContent = clock(this.recorder.seconds); }, 250);
    this.find(".finish").focus();
  }

  async stopRecording(send) {
    const recorder = this.recorder;
    this.recorder = null;
    clearInterval(this.ticking);
    this.showRecording(false);
    this.input.focus();
    if (!recorder || !send) {
      recorder?.cancel();
      return;
    }
    try {
      const { blob, seconds } = await recorder.finish();
      const extension = /audio\/(\w+)/.exec(blob.type)?.[1] || "bin";
      const duration = Math.max(1, Math.round(seconds));
      await api.media(this.guest, "voice", blob, `voice.${extension}`, { duration });
    } catch (error) {
      this.column.fail(error);
    }
  }

  showRecording(on) {
    this.find(".recording").hidden = !on;
    this.form.hidden = on;
    this.find(".recording .clock").textContent = clock(0);
  }
}

function kindOfFile(file) {
  const kind = file.type.split("/")[0];
  if (kind === "image" && !file.type.includes("svg") && file.size <= PHOTO_BYTES) {
    return "photo";
  }
  return ["audio", "video"].includes(kind) ? kind : "document";
}
