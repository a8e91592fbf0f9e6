// Unfold makes some controls of spans, and of links without an address, which no keyboard reaches;
// others consist of an icon alone, which a font draws from a word. This names them all.
(() => {
  const NAMES = {
    add: "Add",
    arrow_back: "Back to the list",
    close: "Close",
    dock_to_right: "Show or hide the side bar",
    more_vert: "More",
    search: "Search",
    support_agent: "Overview",
  };
  const NATIVE = "button, input, select, textarea, summary, a[href], [role=button]";
  const BACKDROPS = "#changelist-filter-close, h2";
  const ICON = ".material-symbols-outlined";

  const wordsOf = (control) => {
    const copy = control.cloneNode(true);
    for (const icon of copy.querySelectorAll(ICON)) icon.remove();
    return control.matches(ICON) ? "" : copy.textContent.trim();
  };

  const name = (control) => {
    if (control.getAttribute("aria-label") || wordsOf(control)) return;
    const icon = control.textContent.trim();
    const words = NAMES[icon] ?? (control.title || icon.replaceAll("_", " "));
    if (words) control.setAttribute("aria-label", words);
  };

  const makeButton = (control) => {
    control.setAttribute("role", "button");
    control.tabIndex = 0;
    control.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      control.click();
    });
  };

  document.addEventListener("DOMContentLoaded", () => {
    for (const control of document.querySelectorAll("[x-on\\:click]")) {
      // A wrapper around a link or a button is reached through that.
      const wraps = control.querySelector("a[href], button, input");
      if (control.matches(NATIVE) || control.matches(BACKDROPS) || wraps) continue;
      makeButton(control);
    }
    document.querySelectorAll("a, button, [role=button]").forEach(name);
    for (const icon of document.querySelectorAll(ICON)) {
      if (!icon.matches("[role=button]")) icon.setAttribute("aria-hidden", "true");
    }
  });

  // The scroll areas all carry one name.
  window.addEventListener("load", () => {
    document.querySelectorAll(".simplebar-content-wrapper").forEach((area, number) => {
      area.setAttribute("aria-label", `Scroll area ${number + 1}`);
    });
  });
})();
