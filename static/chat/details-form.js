// The few details a rule asks for before a person takes over.

import { make } from "./dom.js";
import { TEXTS } from "./texts.js";

/** Return the form; `submit` gets the details as one text, "Label: value" a line. */
export function detailsForm(fields, submit) {
  const inputs = fields.map((label) => ({
    label,
    input: make("input", { type: "text", required: true, maxLength: 300 }),
  }));
  const form = make(
    "form",
    { className: "details-form" },
    ...inputs.map(({ label, input }) =>
      make("label", { className: "field" }, make("span", {}, label), input),
    ),
    make(
      "div",
      { className: "form-buttons" },
      make("button", { type: "submit", className: "main-button" }, TEXTS.form),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(inputs.map(({ label, input }) => `${label}: ${input.value.trim()}`).join("\n"));
    form.replaceWith(make("p", { className: "note" }, TEXTS.formSent));
  });
  return form;
}
