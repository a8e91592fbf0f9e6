"""The page of a site where an administrator sets how its customers prove who they are."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from conversations.models import Site, SiteIdentity, VerifiedCustomer
from conversations.sites.public_keys import MOST_CHARACTERS, BadKey, normalised_key

SHARED = "HS256"


class IdentityForm(forms.Form):
    """Which algorithm counts, and the key for those with one."""

    algorithm = forms.ChoiceField(
        label="Algorithm",
        required=False,
        choices=[
            ("", "Switched off"),
            ("HS256", "HS256: a secret that both servers know"),
            ("RS256", "RS256: your RSA key signs, its public half stands here"),
            ("ES256", "ES256: your P-256 key signs, its public half stands here"),
        ],
        help_text="Only this one is accepted, whatever a token says of itself.",
        widget=UnfoldAdminSelectWidget(),
    )
    public_key = forms.CharField(
        label="Public key",
        required=False,
        max_length=MOST_CHARACTERS,
        help_text="For RS256 and ES256: PEM, from -----BEGIN PUBLIC KEY----- on.",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the key that the algorithm needs."""
        data = self.cleaned_data
        algorithm = data.get("algorithm", "")
        if algorithm in ("", SHARED) or "public_key" not in data:
            return data
        try:
            data["public_key"] = normalised_key(data["public_key"], algorithm)
        except BadKey as bad:
            self.add_error("public_key", str(bad))
        return data


@sensitive_post_parameters()
def identity_page(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Show and store how a site's customers are known; a secret is shown once, when it is made."""
    site: Site | None = model_admin.get_object(request, str(pk))
    if not model_admin.has_change_permission(request, site):
        raise PermissionDenied
    if site is None:
        raise Http404
    found = SiteIdentity.objects.filter(site=site).first() or SiteIdentity(site=site)
    initial = {"algorithm": found.algorithm, "public_key": found.public_key}
    if request.method != "POST":
        return _shown(request, model_admin, found, IdentityForm(initial=initial))
    if "_secret" in request.POST:
        return _new_secret(request, model_admin, found)
    if "_end_old" in request.POST:
        found.end_old_secret()
        _store(request, model_admin, found, "Ended the old signing secret")
        messages.success(request, "Tokens that the old secret signed are refused from now on.")
        return HttpResponseRedirect(_address(site))
    form = IdentityForm(request.POST)
    if not form.is_valid():
        return _shown(request, model_admin, found, form)
    found.algorithm = form.cleaned_data["algorithm"]
    found.public_key = form.cleaned_data["public_key"]
    _store(request, model_admin, found, f"Customers are known by {found.algorithm or 'nothing'}")
    messages.success(request, "Stored.")
    return HttpResponseRedirect(_address(site))


def _new_secret(request: HttpRequest, model_admin: Any, found: SiteIdentity) -> HttpResponse:
    rotated = bool(found.encrypted_secret)
    secret = found.new_secret(timezone.now())
    if not found.algorithm:
        found.algorithm = SHARED
    _store(request, model_admin, found, f"{'Rotated' if rotated else 'Made'} the signing secret")
    initial = {"algorithm": found.algorithm, "public_key": found.public_key}
    return _shown(request, model_admin, found, IdentityForm(initial=initial), secret)


def _store(request: HttpRequest, model_admin: Any, found: SiteIdentity, what: str) -> None:
    found.updated_by = request.user  # type: ignore[assignment]
    found.save()
    model_admin.log_change(request, found.site, what)


def _shown(
    request: HttpRequest,
    model_admin: Any,
    found: SiteIdentity,
    form: IdentityForm,
    secret: str = "",
) -> HttpResponse:
    now = timezone.now()
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"Verified customers of {found.site}",
        "opts": model_admin.opts,
        "site_row": found.site,
        "identity": found,
        "form": form,
        "secret": secret,
        "old_until": found.old_until if found.old_counts(now) else None,
        "needs_secret": found.algorithm == SHARED and not found.encrypted_secret,
        "unreadable": not found.secret_is_readable(),
        "customers": VerifiedCustomer.objects.filter(site=found.site).count(),
        "back": reverse("admin:conversations_site_change", args=[found.site_id]),
    }
    return TemplateResponse(request, "admin/conversations/site_identity.html", context)


def _address(site: Site) -> str:
    return reverse("admin:conversations_site_identity", args=[site.pk])
