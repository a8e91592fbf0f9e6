from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('knowledge', '0009_languages'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='indexgeneration',
            options={'ordering': ['-number'], 'permissions': [('name_any_model', 'Can name any hub model or folder as embedding model')]},
        ),
        migrations.AlterModelOptions(
            name='source',
            options={'ordering': ['name'], 'permissions': [('read_any_folder', 'Can have any folder of the server read')]},
        ),
    ]
