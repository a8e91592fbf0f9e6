// Tells the server every while that an agent works on an open page of the admin. A page that was
// not touched for a quarter of an hour does not count.
(() => {
  const BEAT_MS = 25_000;
  const IDLE_MS = 15 * 60_000;
  const token = document.querySelector("[data-presence-url] input");
  const place = document.querySelector("[data-presence-url]");
  if (!token || !place) return;
  let touched = Date.now();
  for (const name of ["pointerdown", "pointermove", "keydown", "focus", "visibilitychange"]) {
    addEventListener(name, () => (touched = Date.now()), { passive: true, capture: true });
  }

  const beat = async () => {
    if (Date.now() - touched < IDLE_MS) {
      try {
        const body = new URLSearchParams({ csrfmiddlewaretoken: token.value });
        const response = await fetch(place.dataset.presenceUrl, { method: "POST", body });
        // Signed out, or not an agent any more.
        if (response.status !== 204) return;
      } catch {
        // No connection: the next beat tries again.
      }
    }
    setTimeout(beat, BEAT_MS);
  };
  beat();
})();
