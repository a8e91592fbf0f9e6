"""Where a document was cited, and what customers thought of it: a panel of the document's page."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from conversations.models import Citation, Feedback
from knowledge.admin.panels import add_panel
from knowledge.models import Document

MOST_SHOWN = 20


@add_panel
def document_uses(request: HttpRequest, document: Document) -> SafeString:
    """Return the latest citations, the number of answers, and how those were rated."""
    if not request.user.has_perm("conversations.view_answer"):
        return SafeString()
    cited = Citation.objects.filter(document=document)
    latest = cited.select_related("answer").prefetch_related("answer__feedback")
    ratings = Feedback.objects.filter(answer__citations__document=document)
    counted = ratings.order_by("rating").values_list("rating").annotate(Count("pk", distinct=True))
    by_rating: dict[int, int] = dict(counted)
    context = {
        "citations": latest.order_by("-answer__created_at", "marker")[:MOST_SHOWN],
        "answers": cited.order_by().values("answer").distinct().count(),
        "most_shown": MOST_SHOWN,
        "helpful": by_rating.get(1, 0),
        "not_helpful": by_rating.get(-1, 0),
        "may_try": request.user.has_perm("knowledge.add_document"),
    }
    return render_to_string("admin/conversations/document_uses.html", context, request)
