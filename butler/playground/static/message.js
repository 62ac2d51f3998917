// One message as a list item: bubble, media, buttons.

import { api } from "./api.js";
import { formatted, icon, make } from "./entities.js";
import { voicePlayer } from "./player.js";

const CONTENT = ["voice", "audio", "video_note", "animation", "video", "photo", "document",
  "sticker", "location", "poll", "contact", "dice"];
const OWN_FIELDS = new Set(["message_id", "from", "chat", "date", "edit_date", "reply_to_message",
  "reply_markup", "sender_chat", "entities", "link_preview_options"]);

/** The kind of content a message has, or "service". */
export function kindOf(message) {
  if (message.text !== undefined) {
    return "text";
  }
  return CONTENT.find((kind) => message[kind]) || "service";
}

/** A few words that stand for a message. */
export function summary(message, words) {
  return message.text || message.caption || words[kindOf(message)] || words.service;
}

/** The list item of *message*; *act* gets what is done with it: {reply}, {edit}, {press}, {command}. */
export function messageItem(message, ownId, words, act) {
  const kind = kindOf(message);
  if (kind === "service") {
    return serviceItem(message);
  }
  const own = message.from?.id === ownId;
  const bubble = make("div", `bubble ${kind}`);
  if (message.reply_to_message) {
    bubble.append(quotation(message.reply_to_message, words));
  }
  if (kind === "text") {
    bubble.append(make("div", "text", ...formatted(message.text, message.entities, words, act)));
  } else {
    bubble.append(...media(kind, message, words));
    if (message.caption) {
      const caption = formatted(message.caption, message.caption_entities, words, act);
      bubble.append(make("div", "text", ...caption));
    }
  }
  bubble.append(footer(message, words));
  const item = make("li", own ? "own" : "bot", bubble, tools(message, own, kind, words, act));
  const keyboard = message.reply_markup?.inline_keyboard;
  if (keyboard) {
    item.append(buttons(keyboard, (button) => act({ press: message, button })));
  }
  item.dataset.id = message.message_id;
  return item;
}

/** A bubble that grows while the bot writes. */
export function draftItem(draft, words) {
  const text = draft.text
    ? formatted(draft.text, draft.entities, words, () => {})
    : [make("em", "", words.thinking)];
  const caret = make("span", "caret");
  return make("li", "bot draft", make("div", "bubble text", make("div", "text", ...text, caret)));
}

function serviceItem(message) {
  const fields = Object.keys(message).filter((name) => !OWN_FIELDS.has(name));
  const item = make("li", "service", make("span", "", fields.join(", ")));
  item.dataset.id = message.message_id;
  return item;
}

function quotation(message, words) {
  const name = message.from?.first_name || message.sender_chat?.title || "";
  return make("div", "quotation", make("strong", "", name), make("span", "", summary(message, words)));
}

function footer(message, words) {
  const time = new Date(message.date * 1000);
  const shown = time.toLocaleTimeString(words.locale, { hour: "2-digit", minute: "2-digit" });
  const stamp = make("time", "", shown);
  stamp.dateTime = time.toISOString();
  return make("footer", "", ...(message.edit_date ? [make("span", "", words.edited)] : []), stamp);
}

function tools(message, own, kind, words, act) {
  const row = make("span", "tools", tool("reply", words.reply, () => act({ reply: message })));
  if (own && kind === "text") {
    row.append(tool("edit", words.edit, () => act({ edit: message })));
  }
  return row;
}

function tool(name, title, run) {
  const button = make("button", "tool", icon(name));
  button.type = "button";
  button.title = title;
  button.setAttribute("aria-label", title);
  button.addEventListener("click", run);
  return button;
}

function buttons(rows, press) {
  const box = make("div", "buttons");
  for (const row of rows) {
    box.append(make("div", "row", ...row.map((button) => inlineButton(button, press))));
  }
  return box;
}

function inlineButton(button, press) {
  if (/^(https?|tg):/i.test(button.url || "")) {
    const anchor = make("a", "button", button.text);
    anchor.href = button.url;
    anchor.target = "_blank";
    anchor.rel = "noopener noreferrer";
    return anchor;
  }
  const element = make("button", "button", button.text);
  element.type = "button";
  element.disabled = !button.callback_data;
  element.addEventListener("click", () => press(button));
  return element;
}

function media(kind, message, words) {
  const thing = kind === "photo" ? message.photo[message.photo.length - 1] : message[kind];
  const url = thing.file_id && api.fileUrl(thing.file_id);
  switch (kind) {
    case "voice": case "audio":
      return [...title(thing), voicePlayer(url, thing.duration, words)];
    case "photo": case "sticker":
      return [picture(url, thing.emoji || words[kind], kind)];
    case "video": case "animation": case "video_note":
      return [film(url, kind)];
    case "document":
      return [fileLink(url, thing, words)];
    case "location":
      return [make("div", "place", icon("pin"), `${thing.latitude}, ${thing.longitude}`)];
    case "poll":
      return [make("strong", "", thing.question),
        make("ul", "poll", ...thing.options.map((one) => make("li", "", one.text)))];
    case "contact":
      return [make("strong", "", thing.first_name), make("div", "", thing.phone_number)];
    default:
      return [make("span", "dice", `${thing.emoji} ${thing.value}`)];
  }
}

function title(thing) {
  const name = [thing.performer, thing.title].filter(Boolean).join(" – ") || thing.file_name;
  return name ? [make("strong", "title", name)] : [];
}

function picture(url, description, kind) {
  const image = make("img", kind);
  image.src = url;
  image.alt = description;
  return image;
}

function film(url, kind) {
  const video = make("video", kind);
  video.src = url;
  video.controls = kind === "video";
  video.loop = video.autoplay = video.muted = kind !== "video";
  return video;
}

function fileLink(url, thing, words) {
  const size = thing.file_size < 1024 ? `${thing.file_size} B` : `${Math.round(thing.file_size / 1024)} KB`;
  const anchor = make("a", "file", icon("file"),
    make("span", "", make("strong", "", thing.file_name || words.document), make("small", "", size)));
  anchor.href = url;
  anchor.download = thing.file_name || "file";
  return anchor;
}
