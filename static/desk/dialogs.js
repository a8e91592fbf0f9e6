// One dialog for every question: fields, a button, and Escape to leave.

import { make } from "../chat/dom.js";

/**
 * Ask something; resolves with the fields' values by name, or null when it was left.
 * A field: {name, label, kind: text|area|select|datetime, value, options, needed, most}.
 * An option: [value, words, whether it cannot be chosen].
 */
export function ask({ title, text = "", problem = "", fields = [], action = "OK", danger = false }) {
  const before = document.activeElement;
  return new Promise((resolve) => {
    const form = make("form", { method: "dialog" });
    const heading = make("h2", { id: "dialog-title" }, title);
    form.append(heading);
    if (text) form.append(make("p", {}, text));
    if (problem) form.append(make("p", { className: "problem", role: "alert" }, problem));
    const controls = fields.map((field) => addField(form, field));
    const main = make(
      "button",
      { className: `button ${danger ? "danger" : "main"}`, value: "ok" },
      action,
    );
    const leave = make("button", { className: "button", type: "button" }, "Cancel");
    form.append(make("p", { className: "row" }, main, leave));
    const dialog = make("dialog", { "aria-labelledby": "dialog-title" }, form);
    document.body.append(dialog);
    leave.addEventListener("click", () => dialog.close(""));
    dialog.addEventListener("close", () => {
      dialog.remove();
      giveBack(before);
      if (dialog.returnValue !== "ok") return resolve(null);
      resolve(Object.fromEntries(controls.map((one) => [one.name, one.value])));
    });
    dialog.showModal();
    (controls[0] ?? main).focus();
  });
}

/**
 * Give the focus back after a dialog. Browsers do it as the dialog closes, and the event that says so
 * comes later: a key pressed between the two may have moved on, and is not called back.
 */
export function giveBack(before) {
  const nowhere = !document.activeElement || document.activeElement === document.body;
  if (nowhere && before?.isConnected) before.focus();
}

function addField(form, { name, label, kind = "text", value = "", options = [], needed, most }) {
  const id = `field-${name}`;
  let control;
  if (kind === "select") {
    control = make("select", { id, name });
    for (const [key, words, disabled] of options) {
      control.append(make("option", { value: key, disabled: Boolean(disabled) }, words));
    }
    if (value !== "") control.value = value;
    control.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      form.requestSubmit(form.querySelector("[value=ok]"));
    });
  } else if (kind === "area") {
    control = make("textarea", { id, name, rows: 5, maxLength: most ?? 4000 });
    control.value = value;
    control.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(form.querySelector("[value=ok]"));
    });
  } else {
    control = make("input", { id, name, maxLength: most ?? 400 });
    control.type = kind === "datetime" ? "datetime-local" : "text";
    control.value = value;
  }
  control.required = Boolean(needed);
  form.append(make("div", { className: "field" }, make("label", { htmlFor: id }, label), control));
  return control;
}
