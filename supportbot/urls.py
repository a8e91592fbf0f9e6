"""Every address of the application."""

from django.contrib import admin
from django.urls import include, path

from supportbot import health, internal

urlpatterns = [
    path("", include("conversations.page_urls")),
    path("api/v1/", include("conversations.api.urls")),
    path("api/v1/", include("knowledge.api.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("internal/vector-store", internal.vector_store),
]
