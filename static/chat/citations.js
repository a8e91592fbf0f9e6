// The numbers in an answer. The server makes each a button; here it learns what it opens.

import { make } from "./dom.js";
import { TEXTS } from "./texts.js";

/** Let the numbers in `body` open their citation. `open` gets the citation. */
export function wireMarkers(body, citations, open) {
  const known = new Map(citations.map((citation) => [citation.marker, citation]));
  for (const button of body.querySelectorAll("button[data-marker]")) {
    const citation = known.get(Number(button.dataset.marker));
    if (!citation) {
      button.remove();
      continue;
    }
    // No room between a word and its number, so that a line never starts with one.
    const before = button.previousSibling;
    if (before?.nodeType === Node.TEXT_NODE) before.data = before.data.replace(/ $/, "\u2060");
    button.className = "marker";
    button.setAttribute("aria-label", `${TEXTS.source} ${citation.marker}: ${citation.title}`);
    button.replaceChildren(make("span", {}, String(citation.marker)));
    button.addEventListener("click", () => open(citation));
  }
}

/** Return the list of an answer's sources, each opening its passage. */
export function sourceList(citations, label, open) {
  const titles = citations.map(({ title }) => title);
  const items = citations.map((citation) =>
    make(
      "li",
      {},
      make(
        "button",
        { type: "button", className: "source-card", onclick: () => open(citation) },
        make("span", { className: "source-number" }, String(citation.marker)),
        make("span", { className: "source-name" }, nameOf(citation, titles)),
      ),
    ),
  );
  return make("ul", { className: "source-list", "aria-label": label }, ...items);
}

/** Passages of the same document are told apart by their heading. */
function nameOf({ title, heading }, titles) {
  const last = heading.split(" > ").at(-1);
  const isAlone = titles.filter((other) => other === title).length === 1;
  return isAlone || !last || last === title ? title : `${title}: ${last}`;
}
