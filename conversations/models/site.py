"""A place where the chat is shown: its keys, where it may stand, how it looks, what it may read."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import models

from conversations.models.chat_page import questions_in
from conversations.sites.colours import BadColour, normalised_colour, text_on
from conversations.sites.languages import DEFAULT, LANGUAGES
from conversations.sites.origins import LOCAL_SOURCES
from knowledge.models import Audience, Collection

KEY_BYTES = 9
ACCENT = "#155e75"


def new_key() -> str:
    """Return a site's key. It stands in public pages: it tells sites apart and opens nothing."""
    return f"site_{secrets.token_urlsafe(KEY_BYTES)}"


def new_test_key() -> str:
    """Return a test key."""
    return f"test_{secrets.token_urlsafe(KEY_BYTES)}"


def every_language() -> list[str]:
    """Return the languages of a new site."""
    return list(LANGUAGES)


def key_start(key: str) -> str:
    """Return as much of a key as a log may hold: enough to tell it from others."""
    return key[:9]


class SitePosition(models.TextChoices):
    """Where the launcher stands."""

    RIGHT = "right", "Bottom right"
    LEFT = "left", "Bottom left"


class SiteQuerySet(models.QuerySet["Site"]):
    """Finding a site by what stands in a page."""

    def by_key(self, key: str) -> Site | None:
        """Return the site of a key or test key, switched on or not."""
        if not key or "\0" in key:
            return None
        return self.filter(models.Q(key=key) | models.Q(test_key=key)).first()


class Site(models.Model):
    """One site. What it may read is a limit on top of what its visitor may read."""

    name = models.CharField(max_length=120)
    enabled = models.BooleanField(
        default=True, help_text="Switched off, the launcher is not shown and no chat begins"
    )
    key = models.CharField(max_length=40, unique=True, default=new_key, editable=False)
    test_key = models.CharField(max_length=40, unique=True, default=new_test_key, editable=False)
    origins = models.TextField(
        "allowed origins",
        blank=True,
        help_text="Pages that may show the widget, one a line: https://www.example.com, or "
        "https://*.example.com for every host below. Empty: only the hosted link works.",
    )
    title = models.CharField(
        max_length=60, blank=True, help_text="On top of the chat; empty: the assistant's name"
    )
    welcome = models.CharField(
        max_length=300,
        blank=True,
        help_text="Greets new customers. That it is an AI and how to reach a person stays below.",
    )
    quick_replies = models.TextField(
        blank=True,
        help_text="Questions that a new customer can ask by pressing them, one a line, at most "
        "six. Empty: titles of documents that may be read here.",
    )
    launcher = models.CharField(
        "launcher text",
        max_length=40,
        blank=True,
        help_text="Beside the launcher's sign; empty: the sign alone",
    )
    accent = models.CharField(
        "colour", max_length=7, default=ACCENT, help_text="Such as #155e75; its text is computed"
    )
    position = models.CharField(max_length=5, choices=SitePosition, default=SitePosition.RIGHT)
    logo = models.BinaryField(blank=True, default=b"", editable=False)
    logo_type = models.CharField(max_length=20, blank=True, editable=False)
    language = models.CharField(
        max_length=5,
        choices=list(LANGUAGES.items()),
        default=DEFAULT,
        help_text="For customers whose browser asks for none of the offered languages",
    )
    languages = models.JSONField(default=every_language, help_text="Languages of the chat's words")
    audiences = models.ManyToManyField(
        Audience,
        blank=True,
        help_text="Only documents for these readers are used on this site, and of those only what "
        "the customer may read: somebody unknown reads what everybody may",
    )
    all_collections = models.BooleanField(
        "all collections", default=True, help_text="Off: only those ticked below"
    )
    collections = models.ManyToManyField(Collection, blank=True)
    team = models.ForeignKey(
        "conversations.Team",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="sites",
        help_text="Gets this site's requests for a person; empty: everybody",
    )
    hours = models.ForeignKey(
        "conversations.WorkingHours",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="sites",
        verbose_name="working hours",
        help_text="When people answer this site's customers; empty: the installation's hours",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def allowed_origins(self, *, testing: bool) -> list[str]:
        """Return the sources that may frame the chat; with the test key this machine's too."""
        own = self.origins.split()
        return [*own, *LOCAL_SOURCES] if testing else own

    def is_test(self, key: str) -> bool:
        """Say whether this key is the one for trying."""
        return key == self.test_key

    def within(self) -> frozenset[str] | None:
        """Return the slugs of the collections it may read; None for all."""
        if self.all_collections:
            return None
        return frozenset(self.collections.values_list("slug", flat=True))

    def readers(self) -> frozenset[str]:
        """Return the slugs of the audiences whose documents may be used."""
        return frozenset(self.audiences.values_list("slug", flat=True))

    def offered_languages(self) -> list[str]:
        """Return the languages of its words, its own first."""
        known: list[Any] = [code for code in self.languages if code in LANGUAGES]
        return list(dict.fromkeys([self.language, *known]))

    def questions(self) -> list[str]:
        """Return the questions that can be pressed."""
        return questions_in(self.quick_replies)

    def text_colour(self) -> str:
        """Return the colour of text on the accent."""
        try:
            return text_on(normalised_colour(self.accent))
        except BadColour:
            return text_on(ACCENT)
