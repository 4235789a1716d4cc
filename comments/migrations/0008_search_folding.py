"""The words of comments and decisions, made anew by the function that `boards.0012_search_folding` has changed."""

from importlib import import_module

from django.db import migrations

made_anew = import_module("boards.migrations.0012_search_folding").made_anew


class Migration(migrations.Migration):
    dependencies = [("boards", "0012_search_folding"), ("comments", "0007_no_index_twice")]

    operations = [
        made_anew("comments_comment", "(fluxboard_words(text))"),
        made_anew("comments_decision", "(fluxboard_words(text))"),
    ]
