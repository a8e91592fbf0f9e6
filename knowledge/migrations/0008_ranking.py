"""The documents' words; what an index holds. Indexes made so far are of format 1."""

from django.db import migrations, models

FIRST, SECOND = 1, 2
HELP = "What its points hold; the search wants the newest"


def empty_ones_are_new(apps, schema_editor):
    generations = apps.get_model("knowledge", "IndexGeneration").objects.filter(chunks=None)
    generations.update(format=SECOND)


class Migration(migrations.Migration):

    dependencies = [
        ('knowledge', '0007_sources_reading'),
    ]

    operations = [
        migrations.CreateModel(
            name='IndexedWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(max_length=30, unique=True)),
                ('documents', models.PositiveIntegerField(default=0)),
            ],
            options={
                'ordering': ['word'],
            },
        ),
        migrations.AddField(
            model_name='documentversion',
            name='words',
            field=models.JSONField(blank=True, default=list, help_text='Those counted for it among the words of the documents'),
        ),
        migrations.AddField(
            model_name='indexgeneration',
            name='format',
            field=models.PositiveSmallIntegerField(default=FIRST, help_text=HELP),
        ),
        migrations.RunPython(empty_ones_are_new, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='indexgeneration',
            name='format',
            field=models.PositiveSmallIntegerField(default=SECOND, help_text=HELP),
        ),
    ]
