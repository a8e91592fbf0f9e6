// Light, dark, or as the system says.

import { setIcon } from "./dom.js";
import { read, write } from "./storage.js";
import { TEXTS } from "./texts.js";

const SCHEMES = ["automatic", "light", "dark"];
const ICONS = { automatic: "contrast", light: "sun", dark: "moon" };

/** Make the button go through the three schemes and keep the choice. */
export function wireSchemeButton(control) {
  let scheme = SCHEMES.includes(read("scheme")) ? read("scheme") : "automatic";
  const show = () => {
    if (scheme === "automatic") delete document.documentElement.dataset.scheme;
    else document.documentElement.dataset.scheme = scheme;
    const label = `${TEXTS.colours}: ${TEXTS[scheme]}`;
    control.setAttribute("aria-label", label);
    control.title = label;
    setIcon(control, ICONS[scheme]);
  };
  control.addEventListener("click", () => {
    scheme = SCHEMES[(SCHEMES.indexOf(scheme) + 1) % SCHEMES.length];
    write("scheme", scheme === "automatic" ? null : scheme);
    show();
  });
  control.hidden = false;
  show();
}
