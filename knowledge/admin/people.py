"""Whom a document can belong to."""

from __future__ import annotations

from django import forms
from django.contrib.auth.models import User
from django.db.models import QuerySet
from unfold.widgets import UnfoldAdminSelectWidget


def possible_owners() -> QuerySet[User]:
    """Return everybody who may enter the admin."""
    return User.objects.filter(is_staff=True, is_active=True).order_by("first_name", "username")


def name_of(user: User) -> str:
    """Return the name that colleagues know."""
    return user.get_full_name() or user.get_username()


class OwnerField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice of one colleague, or nobody."""

    def __init__(self, **more: object) -> None:
        super().__init__(
            possible_owners(),
            required=False,
            empty_label="Nobody",
            label="Owner",
            widget=UnfoldAdminSelectWidget(),
            **more,  # type: ignore[arg-type]
        )

    def label_from_instance(self, obj: User) -> str:
        """Return the name that is shown."""
        return name_of(obj)
