// Suggests documents while somebody types into a field for one. The browser's own list of
// suggestions is used, which keyboards and screen readers know.
(() => {
  const WAIT_MS = 200;

  const option = ({ value, label }) => {
    const made = document.createElement("option");
    made.value = value;
    made.label = label;
    made.textContent = label;
    return made;
  };

  const attach = (field, number) => {
    const list = document.createElement("datalist");
    list.id = `documents-${number}`;
    field.after(list);
    field.setAttribute("list", list.id);
    let timer;
    let asked = 0;

    const refresh = async () => {
      const words = field.value.trim();
      asked += 1;
      const mine = asked;
      if (!words) return list.replaceChildren();
      const url = `${field.dataset.documents}?q=${encodeURIComponent(words)}`;
      try {
        const response = await fetch(url, {
          headers: { Accept: "application/json" },
          signal: AbortSignal.timeout(10000),
        });
        // An answer that was overtaken by a later key stroke is old.
        if (response.ok && mine === asked) {
          list.replaceChildren(...(await response.json()).documents.map(option));
        }
      } catch {
        // The next key stroke tries again; the field works without suggestions too.
      }
      return undefined;
    };

    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(refresh, WAIT_MS);
    });
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("input[data-documents]").forEach(attach);
  });
})();
