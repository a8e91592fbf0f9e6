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

  const part = (made, name) => {
    made.dataset.part = name;
    return made;
  };

  const chip = (icon, tone, label) => {
    const state = element("span", "sb-state");
    state.dataset.tone = tone;
    const mark = part(element("span", "material-symbols-outlined", icon), "icon");
    mark.setAttribute("aria-hidden", "true");
    state.append(mark, part(element("span", "", label), "label"));
    return state;
  };

  const bar = (done, total) => {
    const made = part(element("progress", "sb-progress"), "progress");
    made.setAttribute("aria-hidden", "true");
    made.max = total || 1;
    made.value = done;
    made.hidden = !total;
    return made;
  };

  // The same parts as in the list, which document-states.js keeps true.
  const live = ({ document: id, state }) => {
    const row = element("span");
    row.dataset.document = id;
    row.dataset.busy = state.busy ? "yes" : "no";
    row.append(
      chip(state.icon, state.tone, state.label),
      bar(state.done, state.total),
      part(element("span", "sb-detail", state.detail), "detail"),
    );
    return row;
  };

  const fill = (row, result) => {
    const { name, outcome, reason, url } = result;
    const title = url ? element("a", "sb-link", name) : element("span", "", name);
    if (url) title.href = url;
    const cells = [element("td"), element("td"), element("td")];
    cells[0].append(title);
    cells[1].append(chip(...SHOWN[outcome]));
    cells[2].append(result.state ? live(result) : reason);
    row.replaceChildren(...cells);
    if (result.state) document.dispatchEvent(new Event("documents:added"));
  };

  const sending = (row, name) => {
    fill(row, { name, outcome: "sending", reason: "", url: "" });
    const progress = bar(0, 1);
    const detail = element("span", "sb-detail");
    row.lastChild.append(progress, detail);
    return (done, total) => {
      progress.max = total;
      progress.value = done;
      detail.textContent = done < total ? `${Math.floor((100 * done) / total)} % sent` : "Being stored";
    };
  };

  const failed = (name, reason) => ({ name, outcome: "failed", reason, url: "" });

  const read = (request, name) => {
    if (request.status === 413) return [failed(name, "The file is too large for this server.")];
    try {
      const answer = JSON.parse(request.responseText);
      // A ZIP has a result for each file in it.
      return answer.results.length ? answer.results : [failed(name, answer.problems.join(" "))];
    } catch {
      return [
        failed(name, "The server did not take it. Reload the page, sign in, and try again."),
      ];
    }
  };

  // XMLHttpRequest, since fetch does not tell how much has been sent.
  const send = (file, chosen, report) =>
    new Promise((resolve) => {
      const data = new FormData();
      for (const [name, value] of chosen) data.append(name, value);
      data.append("uploads", file, file.name);
      const request = new XMLHttpRequest();
      const broken = () =>
        resolve([
          failed(file.name, "The connection broke. Check it, then upload this file again."),
        ]);
      request.upload.addEventListener("progress", (event) => report(event.loaded, event.total));
      request.addEventListener("load", () => resolve(read(request, file.name)));
      request.addEventListener("error", broken);
      request.addEventListener("abort", broken);
      request.open("POST", window.location.href);
      request.setRequestHeader("Accept", "application/json");
      request.send(data);
    });

  const tooLarge = (file) => {
    if (file.size <= Number(form.dataset.mostBytes)) return null;
    const most = form.dataset.megabytes;
    const reason = `The file is larger than ${most} MB. Split it, or raise UPLOAD_MAX_MEGABYTES.`;
    return [failed(file.name, reason)];
  };

  const upload = async (files, folders) => {
    const chosen = [...new FormData(form)].filter(([name]) => name !== "uploads");
    button.disabled = true;
    panel.hidden = false;
    const added = (result) => {
      const row = element("tr");
      fill(row, result);
      body.append(row);
      return row;
    };
    const counts = { accepted: 0, unchanged: 0, failed: folders.length };
    for (const name of folders) {
      added(failed(name, "This is a folder. Drop the files in it, or add it as a source."));
    }
    const rows = files.map((file) =>
      added({ name: file.name, outcome: "waiting", reason: "", url: "" }),
    );
    for (const [number, file] of files.entries()) {
      summary.textContent = `Sending ${number + 1} of ${files.length}.`;
      let row = rows[number];
      const results = tooLarge(file) ?? (await send(file, chosen, sending(row, file.name)));
      for (const [place, result] of results.entries()) {
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
    upload([...input.files], []);
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
    if (button.disabled) return;
    // The paths inside a folder would be lost, and files of one name would become one document.
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.());
    const folders = entries.filter((entry) => entry?.isDirectory).map((entry) => entry.name);
    const files = [...event.dataTransfer.files].filter((file) => !folders.includes(file.name));
    if (files.length || folders.length) upload(files, folders);
  });
})();
