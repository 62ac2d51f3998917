// Short notices at the foot of the page.

import { make } from "./entities.js";

const SHOWN_MS = 4000;

/** Show *text* for a while, longer when it matters. */
export function toast(text, important = false) {
  const notice = make("div", important ? "toast important" : "toast", text);
  document.getElementById("toasts").append(notice);
  setTimeout(() => notice.remove(), important ? SHOWN_MS * 2 : SHOWN_MS);
}
