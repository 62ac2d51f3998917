// The page: who is here, and where the columns stand.

import { api } from "./api.js";
import { Column } from "./column.js";
import { toast } from "./toasts.js";
import { translate, wordsOf } from "./words.js";

const GUESTS = "playground.guests";
const THEME = "playground.theme";
const columns = [];
const language = navigator.language.startsWith("ru") ? "ru" : "en";

function remembered() {
  try {
    const guests = JSON.parse(localStorage.getItem(GUESTS)) || [];
    return guests.filter((guest) => Number.isSafeInteger(guest.id) && guest.name);
  } catch {
    return [];
  }
}

function remember() {
  localStorage.setItem(GUESTS, JSON.stringify(columns.map((column) => column.guest)));
}

function admit(guest) {
  const column = new Column(guest, () => {
    columns.splice(columns.indexOf(column), 1);
    column.root.remove();
    remember();
    if (!columns.length) {
      ask();
    }
  });
  columns.push(column);
  document.getElementById("columns").append(column.root);
  remember();
  column.open();
  return column;
}

async function invite(name, code) {
  const answer = await api.createGuest({ name, language: code });
  const column = admit({ id: answer.guest.id, name, language: code });
  column.root.scrollIntoView({ inline: "end" });
  column.composer.input.focus();
}

function ask() {
  const dialog = document.getElementById("new-guest");
  const form = dialog.querySelector("form");
  const code = columns.length % 2 ? (language === "ru" ? "en" : "ru") : language;
  form.elements.language.value = code;
  form.elements.name.value = freeName(code);
  dialog.showModal();
  form.elements.name.select();
}

function freeName(code) {
  const taken = new Set(columns.map((column) => column.guest.name));
  const words = wordsOf(code);
  return words.names.find((name) => !taken.has(name)) || words.defaultName;
}

function listenToDialog() {
  const dialog = document.getElementById("new-guest");
  const form = dialog.querySelector("form");
  let proposed = "";
  document.getElementById("add-guest").addEventListener("click", () => {
    ask();
    proposed = form.elements.name.value;
  });
  form.elements.language.addEventListener("change", () => {
    if (form.elements.name.value === proposed) {
      proposed = form.elements.name.value = freeName(form.elements.language.value);
    }
  });
  dialog.addEventListener("close", () => {
    const name = form.elements.name.value.trim();
    if (dialog.returnValue === "ok" && name) {
      invite(name, form.elements.language.value).catch((error) => toast(error.message, true));
    }
    dialog.returnValue = "";
  });
  // Enter in the name means inviting, though the first button cancels.
  form.elements.name.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      dialog.close("ok");
    }
  });
}

function listenToTheme() {
  const root = document.documentElement;
  const stored = localStorage.getItem(THEME);
  const asked = new URLSearchParams(location.search).get("theme");
  const theme = ["light", "dark"].includes(asked) ? asked : stored;
  if (theme) {
    root.dataset.theme = theme;
  }
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem(THEME, root.dataset.theme);
  });
}

async function main() {
  document.documentElement.lang = language;
  translate(document, wordsOf(language));
  listenToTheme();
  listenToDialog();
  const guests = remembered();
  guests.forEach(admit);
  while (!guests.length && !columns.length) {
    try {
      await invite(wordsOf(language).defaultName, language);
    } catch {
      await new Promise((resolve) => { setTimeout(resolve, 1000); });
    }
  }
}

main();
