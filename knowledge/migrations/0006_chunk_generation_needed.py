import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0005_first_generation")]
    operations = [
        migrations.AlterField(
            model_name="chunk",
            name="generation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="chunks",
                to="knowledge.indexgeneration",
            ),
        ),
    ]
