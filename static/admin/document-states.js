// Keeps the states of the documents on the page true without reloading it.
(() => {
  const INTERVAL_MS = 2000;
  const QUIET_INTERVAL_MS = 15000;
  const ALL_EVERY = 6;
  const MOST_ASKED = 150;
  const script = document.currentScript;
  const form = () => document.querySelector("#document_form");
  const rows = () => [...document.querySelectorAll("[data-document]")];
  const busyOnes = () => rows().filter((row) => row.dataset.busy === "yes");
  let round = 0;
  let timer = 0;
  let quiet = false;
  let typed = false;
  let former = null;

  const show = (row, state) => {
    const wasBusy = row.dataset.busy === "yes";
    row.dataset.busy = state.busy ? "yes" : "no";
    row.querySelector(".sb-state").dataset.tone = state.tone;
    row.querySelector("[data-part=icon]").textContent = state.icon;
    row.querySelector("[data-part=label]").textContent = state.label;
    row.querySelector("[data-part=detail]").textContent = state.detail;
    const progress = row.querySelector("[data-part=progress]");
    progress.hidden = !state.total;
    progress.max = state.total || 1;
    progress.value = state.done;
    // The document's own page has buttons and passages that depend on the state.
    if (!script.dataset.reload || wasBusy === state.busy) return;
    if (typed) document.querySelector("[data-stale]").hidden = false;
    else window.location.reload();
  };

  const set = (name, text) => {
    const line = document.querySelector(name);
    if (!line) return;
    line.hidden = !text;
    line.querySelector("[data-part=text]").textContent = text;
  };

  // A screen reader hears when the work is over, and of each trouble; not every number.
  const announce = (numbers) => {
    const line = document.querySelector("[data-announce]");
    if (!former || !line) return;
    const said = [];
    for (const group of ["held", "failed"]) {
      if (numbers[group] > former[group]) said.push(`${numbers[group]} ${group}.`);
    }
    if (former.working && !numbers.working) said.push(`All done: ${numbers.ready} ready.`);
    if (said.length) line.textContent = said.join(" ");
  };

  const showOverview = ({ numbers, banner }) => {
    set("[data-banner]", banner);
    const all = Object.values(numbers).reduce((sum, number) => sum + number, 0);
    for (const [group, number] of Object.entries({ ...numbers, all })) {
      const count = document.querySelector(`[data-group=${group}] .sb-count`);
      if (!count) continue;
      count.textContent = number;
      const tone = count.dataset.tone;
      if (tone) count.classList.toggle(`sb-tone-${tone}`, number > 0);
    }
    const retry = document.querySelector("[data-failed]");
    if (retry) retry.hidden = !numbers.failed;
    announce(numbers);
    former = numbers;
  };

  const ask = async (wanted) => {
    const query = new URLSearchParams({ ids: wanted.map((row) => row.dataset.document).join(",") });
    if (script.dataset.overview) query.set("overview", "yes");
    const response = await fetch(`${script.dataset.url}?${query}`, {
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(10000),
    });
    if (!response.ok) return;
    const found = await response.json();
    for (const row of wanted) {
      const state = found.documents[row.dataset.document];
      if (state) show(row, state);
    }
    if (found.numbers) showOverview(found);
  };

  const plan = () => {
    clearTimeout(timer);
    quiet = !busyOnes().length && !former?.working;
    timer = setTimeout(refresh, quiet ? QUIET_INTERVAL_MS : INTERVAL_MS);
  };

  const refresh = async () => {
    const busy = busyOnes();
    // Those that are at rest may be moved by somebody else; they are asked for now and then.
    const wanted = (busy.length && round % ALL_EVERY ? busy : rows()).slice(0, MOST_ASKED);
    round += 1;
    if ((wanted.length || script.dataset.overview) && !document.hidden) {
      try {
        await ask(wanted);
      } catch {
        // The next round tries again.
      }
    }
    plan();
  };

  // The upload page adds rows while this waits for long.
  document.addEventListener("documents:added", () => {
    if (quiet) plan();
  });
  document.addEventListener("DOMContentLoaded", () => {
    form()?.addEventListener("input", () => (typed = true));
    timer = setTimeout(refresh, INTERVAL_MS);
  });
})();
