# Whom a file names is a claim: asked people answer an invitation, and two boards may name one source.

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('boards', '0013_typed_addresses'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='import',
            name='one_import_a_source',
        ),
        migrations.RemoveConstraint(
            model_name='importedperson',
            name='one_person_a_source_id',
        ),
        migrations.AddField(
            model_name='importedperson',
            name='board',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='boards.board'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='declined_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='invitation',
            name='person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='asked_by', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.UniqueConstraint(fields=('source', 'source_id', 'board'), name='one_import_a_board'),
        ),
        migrations.AddConstraint(
            model_name='importedperson',
            constraint=models.UniqueConstraint(fields=('source', 'source_id', 'board'), name='one_person_a_source_id'),
        ),
    ]
