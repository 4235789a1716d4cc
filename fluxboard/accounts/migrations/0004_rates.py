"""What somebody has used up of a rate, in a table that costs no wait for the disk."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_asynchronous_reading'),
    ]

    operations = [
        migrations.CreateModel(
            name='Spent',
            fields=[
                ('key', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('free_at', models.DateTimeField()),
            ],
        ),
        migrations.RunSQL('ALTER TABLE accounts_spent SET UNLOGGED', 'ALTER TABLE accounts_spent SET LOGGED'),
    ]
