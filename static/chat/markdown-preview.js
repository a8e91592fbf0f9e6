// Shows Markdown while it is being written, as nodes made here: text never becomes HTML. Knows
// paragraphs, headings, lists, quotes, code, bold and emphasis; anything else stays as written.
// The final reply, rendered by the server, replaces all of it.

import { make } from "./dom.js";

const FENCE = /^\s*(```|~~~)/;
const HEADING = /^#{1,6}\s+(.*)$/;
const ITEM = /^(\s*)(?:[-*+]|\d{1,9}[.)])\s+(.*)$/;
const ORDERED = /^\s*\d/;
const QUOTE = /^\s*>\s?(.*)$/;
// Code, bold, emphasis, links (shown as their words: nothing unfinished is clickable), and the
// numbers of sources.
const INLINE =
  /(`+)([^`]+)\1|\*\*(.+?)\*\*|__(.+?)__|\*([^*\s][^*]*?)\*|\[([^\]]*)\]\([^)]*\)| ?\[(\d{1,2})\]/g;

/** Keeps `container` showing the text given last; blocks that did not change stay untouched. */
export class MarkdownPreview {
  constructor(container) {
    this.container = container;
    this.shown = [];
  }

  show(text) {
    const blocks = splitBlocks(text);
    let same = 0;
    while (same < blocks.length && blocks[same] === this.shown[same]) same += 1;
    while (this.container.childNodes.length > same) this.container.lastChild.remove();
    this.container.append(...blocks.slice(same).map(renderBlock));
    this.shown = blocks;
  }
}

/** Split into blocks at blank lines and headings; a fence keeps its lines together. */
function splitBlocks(text) {
  const blocks = [];
  let lines = [];
  let fenced = false;
  const finish = () => {
    if (lines.length) blocks.push(lines.join("\n"));
    lines = [];
  };
  for (const line of text.split("\n")) {
    if (FENCE.test(line)) {
      if (!fenced) finish();
      lines.push(line);
      fenced = !fenced;
      if (!fenced) finish();
    } else if (fenced) lines.push(line);
    else if (!line.trim()) finish();
    else if (HEADING.test(line)) {
      finish();
      lines.push(line);
      finish();
    } else {
      if (lines.length && ITEM.test(line) && !ITEM.test(lines[0])) finish();
      lines.push(line);
    }
  }
  finish();
  return blocks;
}

function renderBlock(source) {
  const lines = source.split("\n");
  if (FENCE.test(lines[0])) {
    const end = lines.length > 1 && FENCE.test(lines.at(-1)) ? -1 : undefined;
    return make("pre", {}, make("code", {}, lines.slice(1, end).join("\n")));
  }
  const heading = HEADING.exec(lines[0]);
  if (heading) return make("p", { className: "preview-heading" }, ...renderInline(heading[1]));
  if (ITEM.test(lines[0])) return renderList(lines);
  if (QUOTE.test(lines[0])) {
    const inner = lines.map((line) => QUOTE.exec(line)?.[1] ?? line).join("\n");
    return make("blockquote", {}, ...splitBlocks(inner).map(renderBlock));
  }
  return make("p", {}, ...renderInline(lines.join("\n")));
}

/** One level of nesting per deeper indentation. */
function renderList(lines) {
  const root = makeList(lines[0]);
  const open = [{ indent: ITEM.exec(lines[0])[1].length, list: root }];
  for (const line of lines) {
    const found = ITEM.exec(line);
    const last = open.at(-1);
    if (!found) {
      last.list.lastChild?.append("\n", ...renderInline(line.trim()));
      continue;
    }
    const indent = found[1].length;
    while (open.length > 1 && indent < open.at(-1).indent) open.pop();
    if (indent > open.at(-1).indent + 1 && open.at(-1).list.lastChild) {
      const list = makeList(line);
      open.at(-1).list.lastChild.append(list);
      open.push({ indent, list });
    }
    open.at(-1).list.append(make("li", {}, ...renderInline(found[2])));
  }
  return root;
}

function makeList(line) {
  const first = ORDERED.test(line) ? Number.parseInt(line.trim(), 10) : null;
  return first === null ? make("ul") : make("ol", { start: first });
}

function renderInline(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(end, match.index));
    const [whole, , code, bold, strong, emphasis, label, number] = match;
    if (code !== undefined) nodes.push(make("code", {}, code));
    else if (bold ?? strong) nodes.push(make("strong", {}, ...renderInline(bold ?? strong)));
    else if (emphasis !== undefined) nodes.push(make("em", {}, ...renderInline(emphasis)));
    else if (label !== undefined) nodes.push(label);
    else nodes.push("\u2060", make("span", { className: "marker" }, make("span", {}, number)));
    end = match.index + whole.length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}
