"""Text recognition of scanned pages by the `tesseract` program, where it is installed."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import time

import pypdfium2

PROGRAM = "tesseract"
# What Tesseract was trained on.
DOTS_PER_INCH = 300
POINTS_PER_INCH = 72
MAX_PIXELS = 12_000_000
LISTING_SECONDS = 10
# More languages at once are slower and not better.
MAX_LANGUAGES = 4
_NOT_LANGUAGES = {"osd", "equ", "snum"}


class RecognitionTimedOut(Exception):
    """The pages were not all recognised before the deadline."""


class Recogniser:
    """Recognises pages until a deadline, measured on the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._program = shutil.which(PROGRAM)
        self._languages: str | None = None

    @property
    def installed(self) -> bool:
        """Whether the program is there."""
        return self._program is not None

    def text(self, page: pypdfium2.PdfPage) -> str:
        """Return the text seen on a page; empty when there is none. Raises RecognitionTimedOut."""
        if self._languages is None:
            self._languages = self._installed_languages()
        picture, dots_per_inch = _picture(page)
        # Without the resolution it is guessed from the type, and tables get lost.
        resolution = ["--dpi", str(dots_per_inch)]
        return self._run(["stdin", "stdout", "-l", self._languages, *resolution], picture)

    def _installed_languages(self) -> str:
        listed = self._run(["--list-langs"], b"").splitlines()[1:]
        names = [name for name in listed if name and name not in _NOT_LANGUAGES and "/" not in name]
        names.sort(key=lambda name: name != "eng")
        return "+".join(names[:MAX_LANGUAGES]) or "eng"

    def _run(self, arguments: list[str], data: bytes) -> str:
        left = self._deadline - time.monotonic()
        if self._program is None or left <= 0:
            raise RecognitionTimedOut
        with subprocess.Popen(  # noqa: S603 - an installed program, no words of a document
            [self._program, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            # One core, since chat comes first.
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        ) as process:  # fmt: skip
            # It ends by itself even if nobody is left to end it.
            seconds = max(int(left), 1)
            resource.prlimit(process.pid, resource.RLIMIT_CPU, (seconds, seconds))
            try:
                output, _ = process.communicate(data, timeout=left)
            except subprocess.TimeoutExpired as error:
                process.kill()
                raise RecognitionTimedOut from error
        return output.decode("utf-8", errors="replace")


def _picture(page: pypdfium2.PdfPage) -> tuple[bytes, int]:
    """Return a page as a grey picture in the PGM format, and its dots per inch."""
    width, height = page.get_size()
    scale = min(DOTS_PER_INCH / POINTS_PER_INCH, (MAX_PIXELS / max(width * height, 1)) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True)
    grey = bitmap.to_numpy().reshape(bitmap.height, bitmap.width, -1)[:, :, 0]
    head = f"P5 {bitmap.width} {bitmap.height} 255\n".encode()
    return head + grey.tobytes(), int(scale * POINTS_PER_INCH)
