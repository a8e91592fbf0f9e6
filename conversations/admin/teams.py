"""Teams: who answers together, and which requests come to them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from conversations.actions.assigning import colleagues, present_in
from conversations.actions.escalations import name_of
from conversations.models import EscalationReason, Team


class TeamForm(forms.ModelForm):  # type: ignore[type-arg]
    """A team of people who may answer."""

    reasons = forms.MultipleChoiceField(
        choices=EscalationReason.choices,
        required=False,
        label="Reasons that come here",
        help_text="Requests for these reasons come to this team from every site. Other requests go "
        "to the team that their site names, or to everybody.",
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )

    class Meta:
        model = Team
        fields = ("name", "members", "gives_out", "reasons")
        widgets = {"members": UnfoldAdminCheckboxSelectMultipleWidget()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "members" in self.fields:
            self.fields["members"].queryset = colleagues()  # type: ignore[attr-defined]
            self.fields["members"].label_from_instance = _known_as  # type: ignore[attr-defined]
            # People are made on a page of their own, with a role.
            self.fields["members"].widget.can_add_related = False


@admin.register(Team)
class TeamAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """The teams."""

    form = TeamForm
    empty_list = (
        "There are no teams: every request for a person is everybody's. Add one when some agents "
        "answer for one site, or for one kind of request."
    )
    list_display = ("name", "who", "there", "asked_for", "sites_of", "gives_out")
    search_fields = ("name",)
    fields = ("name", "members", "gives_out", "reasons")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        """Fetch members and sites with the rows."""
        rows: QuerySet[Team] = super().get_queryset(request)
        return rows.prefetch_related("members", "sites")

    @admin.display(description="Members")
    def who(self, team: Team) -> str:
        """Return the members in one line."""
        return ", ".join(name_of(member) for member in team.members.all()) or "nobody yet"

    @admin.display(description="At the desk")
    def there(self, team: Team) -> int:
        """Return how many are there now."""
        return present_in(team).count()

    @admin.display(description="Reasons")
    def asked_for(self, team: Team) -> str:
        """Return the reasons in one line."""
        return ", ".join(str(EscalationReason(reason).label) for reason in team.reasons) or "none"

    @admin.display(description="Sites")
    def sites_of(self, team: Team) -> str:
        """Return the sites whose requests come here."""
        return ", ".join(site.name for site in team.sites.all()) or "none"


def _known_as(user: User) -> str:
    return f"{user.get_full_name() or name_of(user)} ({user.get_username()})"
