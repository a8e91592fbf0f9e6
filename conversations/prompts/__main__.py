"""`python -m conversations.prompts [--lock]`: says what is wrong, or releases new files."""

from __future__ import annotations

import sys
from pathlib import Path

from conversations.prompts import FOLDER, parse
from conversations.prompts.released import LOCK_NAME, digest_of, files, locked, problems
from providers.llm.token_counter import usual_counter


def tokens_of(path: Path) -> int:
    """Return a file's tokens as a model would be sent them, with the variables' names in place."""
    template = parse(path.read_text(encoding="utf-8"))
    return usual_counter().count(f"{template.system}\n{template.user}")


def add_new(folder: Path = FOLDER) -> list[str]:
    """Add files that are not in the lock file; return their names. Lines there stay as they are."""
    lines = locked(folder) if (folder / LOCK_NAME).is_file() else {}
    rows = {name: f"{line.digest} {line.tokens} {name}" for name, line in lines.items()}
    new = [name for name in files(folder) if name not in lines]
    rows |= {n: f"{digest_of(folder / n)} {tokens_of(folder / n)} {n}" for n in new}
    text = "".join(f"{rows[name]}\n" for name in sorted(rows))
    (folder / LOCK_NAME).write_text(text, encoding="utf-8")
    return new


def main(arguments: list[str]) -> int:
    """Run; 0 when all is well."""
    if arguments == ["--lock"]:
        print("Released:", ", ".join(add_new()) or "nothing new")
    elif arguments:
        print(__doc__, file=sys.stderr)
        return 2
    wrong = problems()
    print("\n".join(wrong) or "All prompt files are as they were released.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
