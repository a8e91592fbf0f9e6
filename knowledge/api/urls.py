"""Addresses of documents under /api/v1/."""

from django.urls import path

from knowledge.api import documents

urlpatterns = [
    path("documents/", documents.Documents.as_view()),
    path("documents/<uuid:pk>/", documents.DocumentDetail.as_view()),
    path("documents/<uuid:pk>/versions/", documents.DocumentVersions.as_view()),
    path("documents/<uuid:pk>/retry/", documents.RetryDocument.as_view()),
    path("documents/<uuid:pk>/withdraw/", documents.WithdrawDocument.as_view()),
    path("documents/<uuid:pk>/release/", documents.ReleaseDocument.as_view()),
    path("documents/<uuid:pk>/restore/", documents.RestoreDocument.as_view()),
    path("documents/<uuid:pk>/publish/", documents.PublishDocument.as_view()),
    path("documents/<uuid:pk>/language/", documents.DocumentLanguage.as_view()),
    path("documents/<uuid:pk>/unpublish/", documents.UnpublishDocument.as_view()),
]
