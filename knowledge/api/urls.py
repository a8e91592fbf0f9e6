"""Addresses of documents under /api/v1/."""

from django.urls import path

from knowledge.api import documents

urlpatterns = [
    path("documents/", documents.Documents.as_view()),
    path("documents/<uuid:pk>/", documents.DocumentDetail.as_view()),
    path("documents/<uuid:pk>/retry/", documents.RetryDocument.as_view()),
    path("documents/<uuid:pk>/withdraw/", documents.WithdrawDocument.as_view()),
]
