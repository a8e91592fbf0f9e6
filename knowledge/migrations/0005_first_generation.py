"""What was indexed so far is the first generation; findings become objects."""

import os

from django.db import migrations
from django.utils import timezone

DEFAULT_MODEL = "all-MiniLM-L6-v2"


def forwards(apps, schema_editor):
    Chunk = apps.get_model("knowledge", "Chunk")
    Version = apps.get_model("knowledge", "DocumentVersion")
    Generation = apps.get_model("knowledge", "IndexGeneration")
    if Chunk.objects.exists():
        model = Version.objects.exclude(embedding_model="").values_list("embedding_model", flat=True)
        now = timezone.now()
        generation = Generation.objects.create(
            number=1,
            embedding_model=model.first() or os.environ.get("EMBEDDING_MODEL") or DEFAULT_MODEL,
            state="current",
            ready_at=now,
            activated_at=now,
        )
        Chunk.objects.update(generation=generation)
    for version in Version.objects.exclude(findings=[]).iterator():
        version.findings = [_as_object(finding) for finding in version.findings]
        version.save(update_fields=["findings"])


def _as_object(finding):
    if isinstance(finding, dict):
        return finding
    code, _, detail = str(finding).partition(":")
    return {"code": code, "detail": detail}


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0004_knowledge_operators_can_trust")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
