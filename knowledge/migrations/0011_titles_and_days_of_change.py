from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('knowledge', '0010_permissions_of_their_own'),
    ]

    operations = [
        migrations.AddField(
            model_name='document',
            name='title_edited',
            field=models.BooleanField(default=False, help_text='An operator gave it: what is read later does not replace it'),
        ),
        migrations.AddField(
            model_name='documentversion',
            name='updated_on',
            field=models.DateField(blank=True, help_text='When it was last changed where it comes from, if told', null=True),
        ),
    ]
