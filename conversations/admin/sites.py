"""Sites: where the chat is shown, how it looks and what it may read there."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import segno
from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanWidget,
)

from conversations.admin.quick_replies import QuickRepliesForm
from conversations.admin.site_identity import identity_page
from conversations.models import ChatRating, ProblemReport, Site, SiteIdentity
from conversations.site_pages import hosted_address
from conversations.sites.colours import (
    LEAST_CONTRAST,
    WHITE,
    BadColour,
    contrast,
    normalised_colour,
    text_on,
)
from conversations.sites.languages import LANGUAGES
from conversations.sites.origins import BadOrigin, normalised_origins
from knowledge.admin.form_fields import FORM_FIELDS
from knowledge.models import PUBLIC_AUDIENCE
from observability.read_only_admin import ReadOnlyAdmin

LOGO_MAX_BYTES = 200 * 1024
# Parts of the page that speak of a site with its key.
WITH_A_SITE = ("Verified customers", "Putting it in")
# What a file is, by its first bytes; its name says nothing. No SVG: it may hold scripts.
LOGO_TYPES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


class SiteForm(QuickRepliesForm):
    """A site that can be shown, read and looked up."""

    languages = forms.MultipleChoiceField(
        choices=list(LANGUAGES.items()),
        required=False,
        help_text="The customer gets the browser's language if it is among these, and may change "
        "it. The main language is always offered.",
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    new_logo = forms.FileField(
        label="Logo",
        required=False,
        help_text="A square PNG, JPEG, GIF or WebP of at most 200 kB, in place of the sign",
        widget=UnfoldAdminFileFieldWidget(),
    )
    remove_logo = forms.BooleanField(required=False, widget=UnfoldBooleanWidget())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "origins" in self.fields:
            self.fields["origins"].widget = UnfoldAdminTextareaWidget(attrs={"rows": 4})
        if not self.instance.pk and "audiences" in self.fields:
            self.initial["audiences"] = [PUBLIC_AUDIENCE]

    def clean_origins(self) -> str:
        """Return the origins in their one form, one a line."""
        try:
            return "\n".join(normalised_origins(self.cleaned_data["origins"]))
        except BadOrigin as bad:
            raise forms.ValidationError(str(bad)) from bad

    def clean_accent(self) -> str:
        """Return the colour, if its text can be read on it (WCAG AA)."""
        try:
            colour = normalised_colour(self.cleaned_data["accent"])
        except BadColour as bad:
            raise forms.ValidationError(str(bad)) from bad
        if contrast(text_on(colour), colour) < LEAST_CONTRAST:
            raise forms.ValidationError(
                f"Neither white nor black text on {colour} reaches {LEAST_CONTRAST} to 1."
            )
        return colour

    def clean_new_logo(self) -> UploadedFile[bytes] | None:
        """Accept small pictures only, by what they are and not by their name."""
        given: UploadedFile[bytes] | None = self.cleaned_data["new_logo"]
        if not given:
            return None
        if (given.size or 0) > LOGO_MAX_BYTES:
            raise forms.ValidationError("The picture has more than 200 kB. Make it smaller.")
        if not logo_type(given.read(16)):
            raise forms.ValidationError("This is no PNG, JPEG, GIF or WebP picture.")
        given.seek(0)
        return given

    def clean(self) -> dict[str, Any]:
        """Ask for readers, and for collections where not all are read."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "audiences" in data and not data["audiences"]:
            self.add_error("audiences", "Tick at least one; without readers nothing is found.")
        if not data.get("all_collections") and not data.get("collections"):
            self.add_error("collections", "Tick at least one, or let it read all collections.")
        return data

    def save(self, commit: bool = True) -> Any:
        """Store the logo with the row."""
        given = self.cleaned_data.get("new_logo")
        if given:
            self.instance.logo = given.read()
            self.instance.logo_type = logo_type(self.instance.logo[:16])
        elif self.cleaned_data.get("remove_logo"):
            self.instance.logo, self.instance.logo_type = b"", ""
        return super().save(commit)


def logo_type(head: bytes) -> str:
    """Return the media type of a picture by its first 16 bytes; empty for anything else."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in LOGO_TYPES if head.startswith(start)), "")


@admin.register(Site)
class SiteAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """The sites."""

    form = SiteForm
    empty_list = (
        "There are no sites yet. Add one for each website that shows the chat; the chat page at "
        "this server's own address works without."
    )
    list_display = ("name", "enabled", "where", "shown_accent", "language", "updated_at")
    list_filter = ("enabled",)
    search_fields = ("name", "origins", "=key", "=test_key")
    formfield_overrides = FORM_FIELDS
    filter_horizontal = ()
    readonly_fields = ("known_by", "snippet", "test_snippet", "policy", "hosted", "shown_contrast")
    fieldsets = (
        (None, {"fields": ("name", "enabled", "origins")}),
        (
            "What it may read",
            {"fields": ("audiences", "all_collections", "collections")},
        ),
        (
            "How it looks",
            {
                "fields": (
                    "title",
                    "welcome",
                    "quick_replies",
                    "accent",
                    "shown_contrast",
                    "position",
                    "launcher",
                    "new_logo",
                    "remove_logo",
                )
            },
        ),
        ("Languages", {"fields": ("language", "languages")}),
        ("Verified customers", {"fields": ("known_by",)}),
        ("People who answer", {"fields": ("team", "hours")}),
        ("Putting it in", {"fields": ("snippet", "test_snippet", "policy", "hosted")}),
    )

    def get_urls(self) -> list[URLPattern]:
        """Add the QR code."""
        view = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/identity/",
                view(lambda request, pk: identity_page(request, self, pk)),
                name="conversations_site_identity",
            ),
            path("<int:pk>/qr.svg", view(self.qr), name="conversations_site_qr"),
            *super().get_urls(),
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show what to put in, and how customers are known, once there is a site."""
        return [one for one in self.fieldsets if obj or one[0] not in WITH_A_SITE]

    def qr(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the QR code of the hosted chat."""
        site = self.get_object(request, str(pk))
        if not self.has_view_permission(request, site):
            raise PermissionDenied
        if site is None:
            raise Http404
        picture = BytesIO()
        code = segno.make(hosted_address(site), error="m")
        code.save(picture, kind="svg", scale=6, dark="#000", light="#fff")
        answer = HttpResponse(picture.getvalue(), content_type="image/svg+xml")
        if "download" in request.GET:
            answer["Content-Disposition"] = f'attachment; filename="chat-{site.pk}.svg"'
        return answer

    @admin.display(description="Shown on")
    def where(self, site: Site) -> str:
        """Return the origins in one line."""
        return ", ".join(site.origins.split()) or "the hosted link only"

    @admin.display(description="Colour")
    def shown_accent(self, site: Site) -> str:
        """Return the colour."""
        return site.accent

    @admin.display(description="Text on the colour")
    def shown_contrast(self, site: Site) -> str:
        """Return which text stands on the colour, and how well it reads."""
        if not site.pk:
            return "White or black, whichever reads better"
        text = site.text_colour()
        name = "White" if text == WHITE else "Black"
        ratio = contrast(text, site.accent)
        return f"{name}, {ratio:.1f} to 1 (WCAG AA asks for {LEAST_CONTRAST} to 1)"

    @admin.display(description="Known by")
    def known_by(self, site: Site) -> SafeString:
        """Return how customers prove who they are, with the way to change it."""
        found = SiteIdentity.objects.filter(site=site).first()
        return format_html(
            '{} <a href="{}">Change how customers prove who they are</a>',
            f"A token signed with {found.algorithm}." if found and found.algorithm else "Nothing.",
            reverse("admin:conversations_site_identity", args=[site.pk]),
        )

    @admin.display(description="For the pages")
    def snippet(self, site: Site) -> SafeString:
        """Return the script tag."""
        return _tag(site.key)

    @admin.display(description="For trying it")
    def test_snippet(self, site: Site) -> SafeString:
        """Return the script tag with the test key."""
        return format_html(
            "{} <p>Also works on http://localhost; the chats are marked as tests.</p>",
            _tag(site.test_key),
        )

    @admin.display(description="Content security policy")
    def policy(self, site: Site) -> SafeString:
        """Return what a strict policy of the host page has to allow."""
        own = _own_origin()
        return format_html("<code>script-src {0}; frame-src {0}</code>", own)

    @admin.display(description="Hosted link")
    def hosted(self, site: Site) -> SafeString:
        """Return the link with its QR code."""
        code = reverse("admin:conversations_site_qr", args=[site.pk])
        return format_html(
            '<a href="{0}" target="_blank" rel="noopener">{0}</a><br>'
            '<img src="{1}" alt="QR code of the hosted link" width="180" height="180"><br>'
            '<a href="{1}?download">Download the QR code</a>',
            hosted_address(site),
            code,
        )


def _own_origin() -> str:
    parts = urlsplit(settings.SITE_URL)
    return f"{parts.scheme}://{parts.netloc}"


def _tag(key: str) -> SafeString:
    tag = (
        f'<script src="{_own_origin()}{reverse("widget_script")}" data-site="{key}" async></script>'
    )
    return format_html("<code>{}</code>", tag)


@admin.register(ProblemReport)
class ProblemReportAdmin(ReadOnlyAdmin):
    """What customers reported."""

    empty_list = "Nobody has reported a problem. Customers find this in the menu of the chat."
    list_display = ("kind", "text", "conversation", "created_at")
    list_filter = ("kind", "created_at")


@admin.register(ChatRating)
class ChatRatingAdmin(ReadOnlyAdmin):
    """Whether chats solved the question."""

    empty_list = "No customer has said yet whether a chat helped. They are asked after an answer."
    list_display = ("solved", "stars", "comment", "conversation", "updated_at")
    list_filter = ("solved", "stars", "updated_at")
