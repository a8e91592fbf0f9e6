// The files of a message: pictures small, others by name. Pressing one saves it.

import { icon, make } from "./dom.js";
import { language, sentence, TEXTS } from "./texts.js";

const KILOBYTE = 1024;
const SHOWN_PIXELS = 240;

/** Return a list of `files`; `load` gets a file and resolves with an address of its content. */
export function fileList(files, { load, problem }) {
  const rows = files.map((file) => make("li", {}, oneFile(file, { load, problem })));
  return make("ul", { className: "files" }, ...rows);
}

/** Return a size for people: "312 kB". */
export function sizeInWords(bytes) {
  const [value, unit] =
    bytes < KILOBYTE * KILOBYTE
      ? [Math.max(1, Math.round(bytes / KILOBYTE)), "kilobyte"]
      : [bytes / KILOBYTE / KILOBYTE, "megabyte"];
  const style = { style: "unit", unit, maximumFractionDigits: 1 };
  return value.toLocaleString(language, style);
}

function oneFile(file, { load, problem }) {
  const picture = file.type.startsWith("image/") && file.width > 0;
  const save = make("button", { type: "button", className: picture ? "file picture" : "file" });
  // What is seen is the name too, where there is text; a picture has none.
  const label = sentence("saveFile", { name: file.name });
  save.title = label;
  if (picture) save.setAttribute("aria-label", label);
  save.addEventListener("click", async () => {
    try {
      make("a", { href: await load(file), download: file.name }).click();
    } catch {
      problem(TEXTS.fileNotLoaded);
    }
  });
  if (picture) save.append(thumbnail(file, load));
  else
    save.append(
      icon("paperclip"),
      make("bdi", { className: "file-name" }, file.name),
      make("span", { className: "file-size" }, sizeInWords(file.size)),
    );
  return save;
}

/** A picture is fetched when it comes into sight; its place is kept before. */
function thumbnail(file, load) {
  const scale = Math.min(1, SHOWN_PIXELS / Math.max(file.width, file.height));
  const image = make("img", {
    alt: "",
    width: Math.max(24, Math.round(file.width * scale)),
    height: Math.max(24, Math.round(file.height * scale)),
  });
  const watcher = new IntersectionObserver(async (entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    watcher.disconnect();
    image.src = await load(file).catch(() => "");
  });
  watcher.observe(image);
  return image;
}
