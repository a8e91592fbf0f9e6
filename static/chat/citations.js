// The numbers in an answer: [1] in its text becomes a button that opens the passage.

import { make } from "./dom.js";

const MARKER = /\[(\d{1,2})\]/g;

/** Turn the markers in `body` that have a citation into buttons. `open` gets the citation. */
export function linkMarkers(body, citations, open) {
  const known = new Map(citations.map((citation) => [citation.marker, citation]));
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest("code, a")) texts.push(walker.currentNode);
  }
  for (const node of texts) replaceMarkers(node, known, open);
}

function replaceMarkers(node, known, open) {
  const text = node.data;
  const pieces = [];
  let end = 0;
  for (const match of text.matchAll(MARKER)) {
    const citation = known.get(Number(match[1]));
    if (!citation) continue;
    // No room between a word and its number, so that the number never starts a line alone.
    pieces.push(text.slice(end, match.index).replace(/ $/, "\u2060"), markerButton(citation, open));
    end = match.index + match[0].length;
  }
  if (!pieces.length) return;
  pieces.push(text.slice(end));
  node.replaceWith(...pieces);
}

function markerButton(citation, open) {
  return make(
    "button",
    {
      type: "button",
      className: "marker",
      "aria-label": `Source ${citation.marker}: ${citation.title}`,
      onclick: () => open(citation),
    },
    make("span", {}, String(citation.marker)),
  );
}

/** Return the list of an answer's sources, each opening its passage. */
export function sourceList(citations, label, open) {
  const items = citations.map((citation) =>
    make(
      "li",
      {},
      make(
        "button",
        { type: "button", className: "source-card", onclick: () => open(citation) },
        make("span", { className: "source-number" }, String(citation.marker)),
        make("span", { className: "source-name" }, citation.title),
      ),
    ),
  );
  return make("ul", { className: "source-list", "aria-label": label }, ...items);
}
