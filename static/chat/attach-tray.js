// Files chosen for the next message: by the button, by pasting, by dropping them on the chat.

import { button, icon, make } from "./dom.js";
import { sizeInWords } from "./file-list.js";
import { forgetFile, keepFile } from "./file-store.js";
import { newId } from "./ids.js";
import { sentence, TEXTS } from "./texts.js";
import { filesBefore, keepTray } from "./tray-store.js";

const BYTES_OF_MEGABYTE = 1024 * 1024;

export class AttachTray {
  /** `acts`: changed(), problem(text), said(text), focus(), owner(). */
  constructor({ control, input, list, box, chat }, { mostBytes, mostFiles }, acts) {
    Object.assign(this, { list, chat, mostBytes, mostFiles, acts, files: [] });
    control.hidden = false;
    control.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      this.add(input.files);
      input.value = "";
      acts.focus();
    });
    box.addEventListener("paste", (event) => {
      const { files } = event.clipboardData;
      if (!files.length) return;
      event.preventDefault();
      this.add(files);
    });
    this.#wireDropping();
    this.#bringBack();
  }

  /** Put files into the tray; what is too much is told and left out. */
  add(files) {
    let problem = "";
    for (const file of files) {
      const name = file.name || "file";
      if (this.files.length >= this.mostFiles) {
        problem = sentence("filesTooMany", { limit: this.mostFiles });
        break;
      }
      if (file.size > this.mostBytes) {
        const limit = this.mostBytes / BYTES_OF_MEGABYTE;
        problem = sentence("fileTooLarge", { name, limit });
        continue;
      }
      const kept = { id: newId(), name, type: file.type, size: file.size, arrived: false };
      keepFile(kept.id, file);
      this.files.push(kept);
      this.acts.said(sentence("attached", { name }));
    }
    this.#show();
    if (problem) this.acts.problem(problem);
  }

  /** Return the files for a message and empty the tray. */
  take() {
    const taken = this.files;
    this.files = [];
    this.#show();
    return taken;
  }

  /** Take back the files of a message that was not sent. */
  putBack(files) {
    this.files = [...files, ...this.files].slice(0, this.mostFiles);
    this.#show();
  }

  #remove(file) {
    forgetFile(file.id);
    this.files = this.files.filter((one) => one !== file);
    this.#show();
    this.acts.focus();
  }

  #show() {
    const chips = this.files.map((file) => {
      const remove = sentence("removeFile", { name: file.name });
      const options = { labelled: false, className: "icon-button" };
      return make(
        "li",
        { className: "file-chip" },
        icon("paperclip"),
        make("bdi", { className: "file-name" }, file.name),
        make("span", { className: "file-size" }, sizeInWords(file.size)),
        button("x", remove, () => this.#remove(file), options),
      );
    });
    this.list.replaceChildren(...chips);
    this.list.hidden = !chips.length;
    this.acts.changed();
    keepTray(this.files, this.acts.owner());
  }

  async #bringBack() {
    this.putBack(await filesBefore(this.acts.owner()));
  }

  #wireDropping() {
    const over = (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      this.chat.classList.add("dropping");
    };
    this.chat.addEventListener("dragenter", over);
    this.chat.addEventListener("dragover", over);
    this.chat.addEventListener("dragleave", (event) => {
      if (!this.chat.contains(event.relatedTarget)) this.chat.classList.remove("dropping");
    });
    this.chat.addEventListener("drop", (event) => {
      this.chat.classList.remove("dropping");
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault();
      this.add(event.dataTransfer.files);
      this.acts.focus();
    });
    this.chat.dataset.drop = TEXTS.dropHere;
  }
}
