// Every sentence the page itself says, in the language the server chose for it. They stand in
// conversations/interface_words/, one file a language. What the server says comes ready from it.

const page = JSON.parse(document.getElementById("interface").content.textContent);

export const language = document.documentElement.lang;
export const TEXTS = page.texts;
export const STAGES = page.stages;
// Values of Feedback.REASONS and ProblemReport.Kind on the server.
export const REASONS = page.reasons;
export const KINDS = page.kinds;
export const CONFIDENCE = {
  high: ["signal-high", page.confidence.high],
  medium: ["signal-medium", page.confidence.medium],
  low: ["signal-low", page.confidence.low],
};

const plurals = new Intl.PluralRules(language);

/** Return the sentence called `name` with its values; `count` chooses between its forms. */
export function sentence(name, values = {}) {
  const found = TEXTS[name];
  const forms = typeof found === "string" ? { other: found } : found;
  const form = forms[plurals.select(values.count ?? 0)] ?? forms.other;
  return form.replace(/\{(\w+)\}/g, (_, key) =>
    typeof values[key] === "number" ? values[key].toLocaleString(language) : values[key],
  );
}

/** Return a notice in this page's language; one that names somebody stays as it came. */
export function noticeText(code, text) {
  return page.notices[code] ?? text;
}

/** Return an error in this page's language by its code. */
export function errorText(code, text) {
  return page.errors[code] ?? text;
}

/** Say how much room is left, or how much is too much. */
export function room(left) {
  return sentence(left < 0 ? "charactersOver" : "charactersLeft", { count: Math.abs(left) });
}

/** Say that a text is too long to send. */
export function tooLong(limit) {
  return sentence("tooLong", { limit });
}

/** Say when a message held back by the rate limit will be sent. */
export function sendingAgainIn(seconds) {
  return sentence("sendingAgainIn", { seconds });
}

/** Say who is typing. */
export function typing(who) {
  return sentence("typing", { who: who || TEXTS.person });
}
