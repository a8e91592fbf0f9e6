// Sends the chosen files one by one, so that each has its own result and none is lost with another.
(() => {
  const form = document.querySelector("[data-upload]");
  const drop = form.querySelector("[data-drop]");
  const input = form.querySelector("input[type=file]");
  const button = form.querySelector("button");
  const panel = document.querySelector("[data-results]");
  const body = panel.querySelector("tbody");
  const summary = panel.querySelector("[data-summary]");
  const SHOWN = {
    waiting: ["schedule", "plain", "Waiting"],
    sending: ["upload", "busy", "Sending"],
    accepted: ["check_circle", "good", "Accepted"],
    unchanged: ["equal", "plain", "Unchanged"],
    failed: ["error", "bad", "Failed"],
  };

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const fill = (row, { name, outcome, reason, url }) => {
    const [icon, tone, label] = SHOWN[outcome];
    const state = element("span", "sb-state");
    state.dataset.tone = tone;
    const mark = element("span", "material-symbols-outlined", icon);
    mark.setAttribute("aria-hidden", "true");
    state.append(mark, label);
    const title = url ? element("a", "sb-link", name) : element("span", "", name);
    if (url) title.href = url;
    const cells = [element("td"), element("td"), element("td", "", reason)];
    cells[0].append(title);
    cells[1].append(state);
    row.replaceChildren(...cells);
  };

  const failed = (name, reason) => ({ name, outcome: "failed", reason, url: "" });

  const send = async (file) => {
    const data = new FormData(form);
    data.delete("uploads");
    data.append("uploads", file, file.name);
    try {
      const response = await fetch(window.location.href, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: data,
      });
      if (response.status === 413) return [failed(file.name, "The file is too large for this server.")];
      const answer = await response.json();
      // A ZIP has a result for each file in it.
      return answer.results.length ? answer.results : [failed(file.name, answer.problems.join(" "))];
    } catch {
      return [failed(file.name, "The connection broke. Check it, then upload this file again.")];
    }
  };

  const upload = async (files) => {
    button.disabled = true;
    panel.hidden = false;
    const rows = files.map((file) => {
      const row = element("tr");
      fill(row, { name: file.name, outcome: "waiting", reason: "", url: "" });
      body.append(row);
      return row;
    });
    const counts = { accepted: 0, unchanged: 0, failed: 0 };
    for (const [number, file] of files.entries()) {
      summary.textContent = `Sending ${number + 1} of ${files.length}.`;
      fill(rows[number], { name: file.name, outcome: "sending", reason: "", url: "" });
      let row = rows[number];
      for (const [place, result] of (await send(file)).entries()) {
        if (place) {
          row.after(element("tr"));
          row = row.nextElementSibling;
        }
        fill(row, result);
        counts[result.outcome] += 1;
      }
    }
    summary.textContent =
      `${counts.accepted} accepted, ${counts.unchanged} unchanged, ${counts.failed} failed.`;
    button.disabled = false;
    input.value = "";
  };

  form.addEventListener("submit", (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    upload([...input.files]);
  });
  // Unfold's script looks for a text field beside each file field, and ours has none.
  drop.addEventListener("change", (event) => event.stopPropagation(), true);
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.dataset.over = "";
  });
  drop.addEventListener("dragleave", () => delete drop.dataset.over);
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    delete drop.dataset.over;
    // A dropped folder has no type and cannot be read as a file.
    const files = [...event.dataTransfer.files];
    if (files.length) upload(files);
  });
})();
