// Making elements. Text always goes in as text; the one place for HTML is `trustedHtml`.

const SVG = "http://www.w3.org/2000/svg";

/** Return an element with attributes, properties (className, onclick, ...) and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name in element && !name.startsWith("aria")) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Return the icon called `name` in the page's sprite; decoration only, so hidden from readers. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** Change the icon of a control that already has one. */
export function setIcon(control, name) {
  control.querySelector("use").setAttribute("href", `#icon-${name}`);
}

/** Return a button with an icon and a label; `labelled: false` keeps the label for readers only. */
export function button(name, label, onclick, { labelled = true, className = "quiet-button" } = {}) {
  const text = make("span", { className: labelled ? "" : "visually-hidden" }, label);
  const title = labelled ? null : label;
  return make("button", { type: "button", className, onclick, title }, icon(name), text);
}

// The page's policy allows HTML to enter the document through this name only. What enters is the
// `html` field of a stored message, which the server has rendered and sanitised.
const policy = globalThis.trustedTypes?.createPolicy("stored-message", {
  createHTML: (html) => html,
});

/** Put the server's sanitised HTML of a stored message into `element`. Never anything else. */
export function trustedHtml(element, html) {
  element.innerHTML = policy ? policy.createHTML(html) : html;
}
