# Who comes by an invitation whose link its inviter saw has not shown that the invited mailbox is theirs.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('boards', '0014_who_a_file_may_name'),
    ]

    operations = [
        migrations.AddField(
            model_name='invitation',
            name='was_shown',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
