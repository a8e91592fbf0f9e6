// Keeps the generations on the page true without reloading it; what only the server can draw (a
// finished comparison, other buttons) brings the page anew.
(() => {
  const BUSY_INTERVAL_MS = 1500;
  const INTERVAL_MS = 4000;
  const { url, only } = document.currentScript.dataset;
  const rows = () => [...document.querySelectorAll("[data-generation]")];
  const part = (row, name) => row.querySelector(`[data-part=${name}]`);

  const show = (row, state) => {
    row.dataset.busy = state.busy ? "yes" : "no";
    row.querySelector(".sb-state").dataset.tone = state.tone;
    part(row, "icon").textContent = state.icon;
    part(row, "label").textContent = state.label;
    part(row, "detail").textContent = state.detail;
    part(row, "passages").textContent = state.passages;
    const progress = part(row, "progress");
    if (progress) {
      progress.max = state.total || 1;
      progress.value = state.done;
    }
  };

  const isNew = (states) => {
    const shown = rows();
    const others = only ? 0 : Object.keys(states).length - shown.length;
    return others !== 0 || shown.some((row) => {
      const state = states[row.dataset.generation];
      return !state || state.stamp !== row.dataset.stamp;
    });
  };

  const refresh = async () => {
    if (!document.hidden) {
      try {
        const response = await fetch(url, {
          headers: { Accept: "application/json" },
          signal: AbortSignal.timeout(10000),
        });
        if (response.ok) {
          const states = await response.json();
          if (isNew(states)) {
            document.querySelector("[data-live]").textContent = "The page is loaded again.";
            window.location.reload();
            return;
          }
          for (const row of rows()) show(row, states[row.dataset.generation]);
        }
      } catch {
        // The next round tries again.
      }
    }
    const busy = rows().some((row) => row.dataset.busy === "yes");
    setTimeout(refresh, busy ? BUSY_INTERVAL_MS : INTERVAL_MS);
  };

  document.addEventListener("DOMContentLoaded", () => setTimeout(refresh, BUSY_INTERVAL_MS));
})();
