"""People and groups, for administrators, and pages put together from several layers."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from conversations.admin import prompts, try_panel
from conversations.desk import files as desk_files
from conversations.desk import views as desk_views
from knowledge.admin import search_box
from knowledge.admin.form_fields import FORM_FIELDS
from supportbot.admin_site import SupportSite
from supportbot.roles import ADMINISTRATOR, ROLES, administrators

_search_page = partial(search_box.search_page, for_prompt=try_panel.passages_for_prompt)
_site = cast("SupportSite", admin.site)
_site.add_page("knowledge_search", "knowledge/search/", _search_page)
_site.add_page("prompts", "conversations/prompts/", prompts.prompts_page)
_site.add_page("try_bot", "conversations/try/", try_panel.try_page)
_site.add_page("desk", "desk/", desk_views.desk_page)
_site.add_page("desk_lists", "desk/lists/", desk_views.lists)
_site.add_page("desk_queue", "desk/queue/", desk_views.queue)
_site.add_page("desk_act", "desk/act/", desk_views.act)
_site.add_page("desk_why", "desk/why/<uuid:message_id>/", desk_views.why)
_site.add_page("desk_file", "desk/files/<uuid:attachment_id>/", desk_files.opened)
_site.add_page("desk_hand_in", "desk/<uuid:conversation_id>/files/", desk_files.hand_in)
_site.add_page("desk_thread", "desk/<uuid:conversation_id>/", desk_views.thread)

admin.site.unregister(User)
admin.site.unregister(Group)


class PersonForm(UserChangeForm):  # type: ignore[misc]  # unfold has no types
    """A person's account. Refuses what would leave nobody able to administrate."""

    editor: Any = None

    def clean(self) -> dict[str, Any]:
        """Keep administrators from locking themselves out, by mistake or one after the other."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not administrators().filter(pk=self.instance.pk).exists():
            return data
        stays = bool(data.get("is_active", True) and data.get("is_staff", True)) and (
            self._stays_administrator(data)
        )
        if stays:
            return data
        if self.instance.pk == self.editor.pk:
            raise forms.ValidationError(
                "This would take your own administrator's rights away. Let another "
                "administrator do it."
            )
        if not administrators().exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("This is the last administrator. Make another one first.")
        return data

    def _stays_administrator(self, data: dict[str, Any]) -> bool:
        if data.get("is_superuser", self.instance.is_superuser):
            return True
        groups = data.get("groups")
        kept = groups if groups is not None else self.instance.groups.all()
        return any(group.name == ADMINISTRATOR for group in kept)


@admin.register(User)
class PersonAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]
    """Accounts and their roles."""

    form = PersonForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "name", "email", "roles", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    filter_horizontal = ()
    formfield_overrides = FORM_FIELDS
    fieldsets = (
        (None, {"fields": ("username", "password", "first_name", "last_name", "email")}),
        ("Access", {"fields": ("is_active", "is_staff", "groups", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "password1", "password2", "is_staff", "groups")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Fetch the roles with the rows."""
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description="Name shown to customers")
    def name(self, user: User) -> str:
        """Return the name beside this person's replies."""
        return user.get_full_name() or user.username

    @admin.display(description="Roles")
    def roles(self, user: User) -> str:
        """Return the groups in one line."""
        names = [group.name for group in user.groups.all()]
        return ", ".join(["Superuser", *names] if user.is_superuser else names) or "none"

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Only a superuser makes superusers."""
        fixed = tuple(super().get_readonly_fields(request, obj))
        return fixed if _is_superuser(request) else (*fixed, "is_superuser")

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Tell the form who is editing."""
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"editor": request.user})

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Keep superusers' accounts and passwords to superusers."""
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (obj is None or not obj.is_superuser or _is_superuser(request))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody deletes the own account, or the last administrator."""
        if not super().has_delete_permission(request, obj):
            return False
        if obj is None:
            return True
        if obj == request.user or (obj.is_superuser and not _is_superuser(request)):
            return False
        return administrators().exclude(pk=obj.pk).exists()

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no deletion of many at once: it would skip the checks above."""
        return {}


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]
    """Groups of one's own; the three roles are set again at each start."""

    filter_horizontal = ()

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """The roles cannot be changed: it would not last."""
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.name not in ROLES)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """The roles cannot be deleted: people would lose their access until the next start."""
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed and (obj is None or obj.name not in ROLES)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no deletion of many at once: it would skip the check above."""
        return {}
