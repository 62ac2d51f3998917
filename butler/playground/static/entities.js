// Text with entities as DOM. A guest's or a bot's text is only ever text: nothing here parses HTML.
// JavaScript strings count in UTF-16 units, as the entities do.

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);
const SAFE_LINK = /^(https?|ftp|mailto|tel|tg):/i;

/** An element with a class and children. */
export function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) {
    element.className = className;
  }
  element.append(...children);
  return element;
}

/** An icon of the page's sprite. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** The nodes of *text*; *act* gets {command} when a command in it is chosen. */
export function formatted(text, entities, words, act) {
  const sorted = [...(entities || [])].sort(
    (one, other) => one.offset - other.offset || other.length - one.length,
  );
  return inside(text, 0, text.length, sorted, words, act);
}

function inside(text, start, end, entities, words, act) {
  const nodes = [];
  let at = start;
  for (let i = 0; i < entities.length; ) {
    const entity = entities[i];
    const first = Math.max(entity.offset, at);
    const last = Math.min(entity.offset + entity.length, end);
    const inner = [];
    for (i += 1; i < entities.length && entities[i].offset < last; i += 1) {
      inner.push(entities[i]);
    }
    if (first >= last) {
      continue;
    }
    nodes.push(...plain(text.slice(at, first)));
    const content = inside(text, first, last, inner, words, act);
    nodes.push(wrap(entity, text.slice(first, last), content, words, act));
    // A block ends its line by itself.
    at = BLOCKS.has(entity.type) && text[last] === "\n" && last < end ? last + 1 : last;
  }
  nodes.push(...plain(text.slice(at, end)));
  return nodes;
}

function plain(text) {
  return text ? [document.createTextNode(text)] : [];
}

function wrap(entity, covered, content, words, act) {
  switch (entity.type) {
    case "pre":
      return preformatted(entity, covered, words);
    case "spoiler":
      return spoiler(content);
    case "expandable_blockquote":
      return expandable(content);
    case "text_link":
      return link(entity.url, content);
    case "url":
      return link(SAFE_LINK.test(covered) ? covered : `http://${covered}`, content);
    case "email":
      return link(`mailto:${covered}`, content);
    case "bot_command":
      return command(covered, content, act);
    case "mention": case "text_mention": case "hashtag": case "cashtag":
      return make("span", "reference", ...content);
    default:
      return TAGS[entity.type]
        ? make(TAGS[entity.type], "", ...content)
        : make("span", "", ...content);
  }
}

function link(url, content) {
  if (!SAFE_LINK.test(url || "")) {
    return make("span", "", ...content);
  }
  const anchor = make("a", "", ...content);
  anchor.href = url;
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer";
  anchor.title = url;
  return anchor;
}

function command(covered, content, act) {
  const button = make("button", "command", ...content);
  button.type = "button";
  button.addEventListener("click", () => act({ command: covered }));
  return button;
}

function spoiler(content) {
  const hidden = make("span", "spoiler", make("span", "", ...content));
  hidden.tabIndex = 0;
  hidden.setAttribute("role", "button");
  const reveal = () => hidden.classList.add("revealed");
  hidden.addEventListener("click", reveal);
  hidden.addEventListener("keydown", (event) => event.key === "Enter" && reveal());
  return hidden;
}

function expandable(content) {
  const quote = make("blockquote", "expandable", ...content);
  quote.tabIndex = 0;
  quote.addEventListener("click", () => quote.classList.toggle("open"));
  return quote;
}

function preformatted(entity, covered, words) {
  const copy = make("button", "copy", icon("copy"));
  copy.type = "button";
  copy.title = words.copy;
  copy.setAttribute("aria-label", words.copy);
  copy.addEventListener("click", () => navigator.clipboard?.writeText(covered));
  const bar = make("span", "bar", make("span", "", entity.language || ""), copy);
  const pre = make("pre", "", bar, make("code", "", covered));
  if (entity.language) {
    pre.dataset.language = entity.language;
  }
  return pre;
}
