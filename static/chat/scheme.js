// Runs before the first paint, so that a chosen scheme does not flash. The rest: scheme-button.js.
(() => {
  const { dataset } = document.documentElement;
  const prefix = dataset.site ? `supportbot.${dataset.site}.` : "supportbot.";
  try {
    const scheme = localStorage.getItem(`${prefix}scheme`);
    if (scheme === "light" || scheme === "dark") dataset.scheme = scheme;
  } catch {
    // Storage is refused: the system's scheme applies.
  }
})();
