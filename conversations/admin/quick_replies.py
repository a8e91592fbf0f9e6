"""The field for questions that customers ask by pressing them; sites and the chat page have one."""

from __future__ import annotations

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget

from conversations.models.chat_page import questions_in

MOST_QUICK_REPLIES = 6
QUICK_REPLY_CHARACTERS = 100


class QuickRepliesForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form whose model has `quick_replies`."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if "quick_replies" in self.fields:
            self.fields["quick_replies"].widget = UnfoldAdminTextareaWidget(attrs={"rows": 4})

    def clean_quick_replies(self) -> str:
        """Return the questions one a line, each once; few and short, so that they can be read."""
        kept = questions_in(self.cleaned_data["quick_replies"])
        if len(kept) > MOST_QUICK_REPLIES:
            raise forms.ValidationError(f"At most {MOST_QUICK_REPLIES} questions; remove some.")
        if any(len(line) > QUICK_REPLY_CHARACTERS for line in kept):
            raise forms.ValidationError(
                f"At most {QUICK_REPLY_CHARACTERS} characters a line; shorten the long ones."
            )
        return "\n".join(kept)
