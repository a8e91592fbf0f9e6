// Keeps the states of the documents on the page true without reloading it.
(() => {
  const INTERVAL_MS = 2000;
  const QUIET_INTERVAL_MS = 15000;
  const script = document.currentScript;
  const rows = () => [...document.querySelectorAll("[data-document]")];

  const show = (row, state) => {
    const wasBusy = row.dataset.busy === "yes";
    row.dataset.busy = state.busy ? "yes" : "no";
    row.querySelector(".sb-state").dataset.tone = state.tone;
    row.querySelector("[data-part=icon]").textContent = state.icon;
    row.querySelector("[data-part=label]").textContent = state.label;
    row.querySelector("[data-part=detail]").textContent = state.detail;
    // The document's own page has buttons and passages that depend on the state.
    if (script.dataset.reload && wasBusy && !state.busy) window.location.reload();
  };

  const refresh = async () => {
    const found = rows();
    if (found.length && !document.hidden) {
      const ids = found.map((row) => row.dataset.document).join(",");
      try {
        const response = await fetch(`${script.dataset.url}?ids=${ids}`, {
          headers: { Accept: "application/json" },
          signal: AbortSignal.timeout(10000),
        });
        if (response.ok) {
          const states = await response.json();
          for (const row of found) {
            const state = states[row.dataset.document];
            if (state) show(row, state);
          }
        }
      } catch {
        // The next round tries again.
      }
    }
    const busy = rows().some((row) => row.dataset.busy === "yes");
    setTimeout(refresh, busy ? INTERVAL_MS : QUIET_INTERVAL_MS);
  };

  document.addEventListener("DOMContentLoaded", () => setTimeout(refresh, INTERVAL_MS));
})();
