from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('knowledge', '0006_chunk_generation_needed'),
    ]

    operations = [
        migrations.AddField(
            model_name='source',
            name='only_below',
            field=models.BooleanField(default=True, help_text="Follow only links that lead below the address's own folder"),
        ),
        migrations.AlterField(
            model_name='source',
            name='enabled',
            field=models.BooleanField(default=True, help_text='Off: read only when told to'),
        ),
        migrations.AddField(
            model_name='sourcerun',
            name='left_out',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='fetchedpage',
            name='text_hash',
            field=models.CharField(blank=True, help_text='Of the text that readers see: markup may change', max_length=64),
        ),
    ]
