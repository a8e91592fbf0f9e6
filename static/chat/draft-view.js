// The reply while it is being made: what is being done, then the text as it comes.

import { button, icon, make } from "./dom.js";
import { MarkdownPreview } from "./markdown-preview.js";
import { STAGES, TEXTS } from "./texts.js";

export class DraftView {
  /** `stop` is called when the customer presses Stop. */
  constructor(stop) {
    this.prose = make("div", { className: "prose", dir: "auto" });
    this.preview = new MarkdownPreview(this.prose);
    this.stage = make("span", {}, STAGES.waiting);
    this.stop = button("square", TEXTS.stop, stop, { className: "quiet-button stop" });
    const dots = make(
      "span",
      { className: "dots", "aria-hidden": "true" },
      ...[1, 2, 3].map(() => make("span")),
    );
    this.element = make(
      "li",
      { className: "message assistant draft", "aria-busy": "true" },
      make("span", { className: "mark small", "aria-hidden": "true" }, icon("life-buoy")),
      make(
        "div",
        { className: "reply" },
        make("p", { className: "reply-who" }, TEXTS.assistant),
        this.prose,
        make("div", { className: "stage" }, dots, this.stage, this.stop),
      ),
    );
    this.frame = 0;
  }

  /** Show the draft; many pieces within one picture are drawn once. */
  show(draft) {
    this.draft = draft;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.stage.textContent = STAGES[this.draft.stage] ?? STAGES.waiting;
      this.stop.hidden = !this.draft.question;
      this.preview.show(this.draft.text);
    });
  }
}
