"""The languages that an operator may say a document is in."""

from __future__ import annotations

# Those whose words are stemmed, and those that the second model reads.
LANGUAGE_NAMES = {
    "ar": "Arabic", "da": "Danish", "de": "German", "en": "English", "es": "Spanish",
    "fi": "Finnish", "fr": "French", "hu": "Hungarian", "it": "Italian", "ja": "Japanese",
    "ko": "Korean", "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese",
    "ro": "Romanian", "ru": "Russian", "sv": "Swedish", "th": "Thai", "tr": "Turkish",
    "zh": "Chinese",
}  # fmt: skip
LANGUAGE_CHOICES = sorted(LANGUAGE_NAMES.items(), key=lambda pair: pair[1])
