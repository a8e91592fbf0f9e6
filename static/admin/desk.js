// Keeps the transcript true while an agent reads or types; what is typed is never touched.
(() => {
  const INTERVAL_MS = 2500;
  const HIDDEN_INTERVAL_MS = 15000;
  const desk = document.querySelector("[data-desk]");
  const transcript = desk.querySelector("[data-transcript]");
  const status = desk.querySelector("[data-status]");
  const live = desk.querySelector("[data-live]");
  const form = desk.querySelector("[data-reply]");
  const plain = document.title;
  let unseen = 0;

  const count = () => transcript.querySelectorAll("li[id]").length;

  const replace = (html) => {
    const open = new Set(
      [...transcript.querySelectorAll("details[open][data-keep]")].map((one) => one.dataset.keep),
    );
    const before = count();
    // Rendered and sanitised by the server, by the same code as the page itself.
    transcript.innerHTML = html;
    for (const one of transcript.querySelectorAll("details[data-keep]")) {
      one.open = open.has(one.dataset.keep);
    }
    const added = count() - before;
    if (added > 0) {
      live.textContent = added === 1 ? "A new message has arrived." : `${added} new messages.`;
      if (document.hidden) {
        unseen += added;
        document.title = `(${unseen}) ${plain}`;
      }
      transcript.scrollTop = transcript.scrollHeight;
    }
  };

  const refresh = async () => {
    try {
      const response = await fetch(`${desk.dataset.url}?version=${desk.dataset.version}`, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(10000),
      });
      if (response.status === 200) {
        const found = await response.json();
        desk.dataset.version = found.version;
        replace(found.transcript);
        status.innerHTML = found.status;
        for (const button of desk.querySelectorAll("[data-may]")) {
          button.hidden = !found.may[button.dataset.may];
        }
      } else if (response.status !== 204) {
        live.textContent = "This page is no longer live. Reload it to go on.";
        return;
      }
    } catch {
      live.textContent = "No connection; trying again.";
    }
    setTimeout(refresh, document.hidden ? HIDDEN_INTERVAL_MS : INTERVAL_MS);
  };

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) {
      unseen = 0;
      document.title = plain;
    }
  });
  if (form) {
    const text = form.querySelector("textarea");
    const button = form.querySelector("button");
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form.requestSubmit(button);
      }
    });
    // A second press while the first is on its way sends nothing; the id in the form makes a
    // repeated request harmless as well.
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
    });
    window.addEventListener("pageshow", () => delete form.dataset.sent);
  }
  if (!window.location.hash) transcript.scrollTop = transcript.scrollHeight;
  setTimeout(refresh, INTERVAL_MS);
})();
