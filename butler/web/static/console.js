"use strict";

const EVERY_MS = 2000;
const PATIENCE_MS = 5000;
const STATES = { running: "good", starting: "warn", restarting: "warn", stopped: "warn", failed: "bad" };

const byId = (id) => document.getElementById(id);

/* Everything is set as text: nothing from the server is ever read as HTML. */
function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function duration(seconds) {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function shown(value, unit) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  if (unit === "seconds") return duration(value);
  return value.toLocaleString("en", { maximumFractionDigits: 2 });
}

const NAMES = { llm: "LLM", stt: "Speech", store: "Database" };
const words = (name) => NAMES[name] || name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

function tiles(id, entries) {
  byId(id).replaceChildren(...entries.map(([label, value]) => {
    const tile = element("div");
    tile.append(element("dt", label), element("dd", value));
    return tile;
  }));
}

function showOverview({ mode, version, uptime, statistics, ...rest }) {
  byId("subtitle").textContent = `version ${version}, serving ${mode === "telegram" ? "Telegram" : `the ${mode}`}`;
  byId("playground").hidden = mode !== "playground";
  const known = Object.entries({ ...rest, ...statistics }).filter(([, value]) => value !== null && typeof value !== "object");
  tiles("overview", [["Up for", shown(uptime, "seconds")], ...known.map(([name, value]) => [words(name), shown(value)])]);
}

function showDependencies(dependencies) {
  byId("dependencies").replaceChildren(...Object.entries(dependencies).map(([name, { up, detail }]) => {
    const item = element("li");
    const unknown = up === null || up === undefined;
    const state = unknown ? "not known yet" : up ? "up" : "down";
    item.append(element("strong", words(name), unknown ? "warn" : up ? "good" : "bad"), element("span", detail || state));
    item.title = state;
    return item;
  }));
}

function* rows(node, lead, branch) {
  yield { node, lead: lead + branch };
  const below = lead + (branch === "├─ " ? "│  " : branch === "" ? "" : "   ");
  const children = node.children || [];
  for (const [index, child] of children.entries()) {
    const last = index === children.length - 1 && !node.omitted;
    yield* rows(child, below, last ? "└─ " : "├─ ");
  }
  if (node.omitted) yield { node: { name: `and ${node.omitted} more` }, lead: below + "└─ " };
}

function actorRow({ node, lead }) {
  const row = element("tr");
  const name = element("th");
  name.scope = "row";
  name.append(element("span", lead, "branch"), node.name);
  if (node.count) name.append(element("small", `${shown(node.count)} live`));
  const known = node.state !== undefined;
  row.append(
    name,
    element("td", node.state, known ? `state ${STATES[node.state] || "warn"}` : ""),
    element("td", known ? shown(node.restarts) : "", node.restarts ? "number warn" : "number quiet"),
    element("td", known ? shown(node.mailbox) : "", node.mailbox ? "number" : "number quiet"),
    element("td", known ? shown(node.oldest_age, "seconds") : "", node.oldest_age > 1 ? "number warn" : "number quiet"),
    element("td", node.last_failure, "failure"),
  );
  return row;
}

function showVerdict(text, className) {
  byId("verdict").textContent = text;
  byId("verdict").className = `badge ${className}`;
}

function show(status) {
  document.body.classList.remove("stale");
  byId("trouble").hidden = true;
  const down = Object.values(status.dependencies).some(({ up }) => up === false);
  showVerdict(!status.ready ? "not ready" : down ? "serving, with trouble" : "serving", !status.ready ? "bad" : down ? "warn" : "good");
  showOverview(status.overview);
  showDependencies(status.dependencies);
  tiles("figures", status.figures.map(({ label, value, unit }) => [label, shown(value, unit)]));
  byId("actors").replaceChildren(...Array.from(rows(status.tree, "", ""), actorRow));
  byId("asked").textContent = `asked at ${new Date().toLocaleTimeString()}, again every 2 s`;
}

function showTrouble(error) {
  document.body.classList.add("stale");
  showVerdict("no answer", "bad");
  byId("trouble").hidden = false;
  byId("trouble").textContent = `The butler does not answer (${error.message}). What you see is what was last heard. Is he running? His log, or “butler doctor”, knows more.`;
}

async function ask() {
  const response = await fetch("/status", { signal: AbortSignal.timeout(PATIENCE_MS), cache: "no-store" });
  if (response.status === 401) location.reload();
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  show(await response.json());
}

async function forever() {
  for (;;) {
    if (!document.hidden) await ask().catch(showTrouble);
    await new Promise((next) => setTimeout(next, EVERY_MS));
  }
}

forever();
