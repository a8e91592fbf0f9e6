// Shows a rule's text as customers will see it; the server renders and sanitises it.
(() => {
  const WAIT_MS = 300;
  const { url } = document.currentScript.dataset;
  let timer;

  const refresh = async (field, target) => {
    const body = new FormData();
    body.append("text", field.value);
    body.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    try {
      const response = await fetch(url, { method: "POST", body, signal: AbortSignal.timeout(10000) });
      if (response.ok) target.innerHTML = await response.text();
    } catch {
      // The next key stroke tries again.
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    const field = document.querySelector("#id_text");
    const target = document.querySelector("[data-preview]");
    if (!field || !target) return;
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => refresh(field, target), WAIT_MS);
    });
    if (field.value) refresh(field, target);
  });
})();
