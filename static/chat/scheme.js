// Runs before the first paint, so that a chosen scheme does not flash. The rest: scheme-button.js.
(() => {
  try {
    const scheme = localStorage.getItem("supportbot.scheme");
    if (scheme === "light" || scheme === "dark") document.documentElement.dataset.scheme = scheme;
  } catch {
    // Storage is refused: the system's scheme applies.
  }
})();
