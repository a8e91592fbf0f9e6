// Keeps what the page says of sources true without reloading it.
(() => {
  const INTERVAL_MS = 2000;
  const QUIET_INTERVAL_MS = 15000;
  const script = document.currentScript;
  const places = () => [...document.querySelectorAll("[data-source]")];

  const show = (place, state) => {
    for (const part of place.querySelectorAll("[data-part]")) {
      part.textContent = state[part.dataset.part] ?? "";
    }
    const badge = place.querySelector(".sb-state");
    if (!badge) return;
    badge.dataset.tone = state.tone;
    const wasBusy = place.dataset.busy === "yes";
    place.dataset.busy = state.busy ? "yes" : "no";
    // The source's own page has a table of runs and buttons that depend on the state.
    if (script.dataset.reload && wasBusy && !state.busy) window.location.reload();
  };

  const refresh = async () => {
    const found = places();
    if (found.length && !document.hidden) {
      const ids = [...new Set(found.map((place) => place.dataset.source))].join(",");
      try {
        const response = await fetch(`${script.dataset.url}?ids=${ids}`, {
          headers: { Accept: "application/json" },
          signal: AbortSignal.timeout(10000),
        });
        if (response.ok) {
          const states = await response.json();
          for (const place of found) {
            const state = states[place.dataset.source];
            if (state) show(place, state);
          }
        }
      } catch {
        // The next round tries again.
      }
    }
    const busy = places().some((place) => place.dataset.busy === "yes");
    setTimeout(refresh, busy ? INTERVAL_MS : QUIET_INTERVAL_MS);
  };

  document.addEventListener("DOMContentLoaded", () => setTimeout(refresh, INTERVAL_MS));
})();
