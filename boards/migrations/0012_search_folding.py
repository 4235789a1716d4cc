"""Search leaves out what people do not type: `fluxboard_fold`, and the words of all texts made anew by it.

The function is `fluxboard.core.folding.fold` in SQL, as it stood when this migration was written.
"""

from importlib import import_module

from django.db import migrations

words = import_module("boards.migrations.0007_search")

LEFT_OUT = (
    r"\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    r"\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    r"\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\u02bb\u02be\u02bf\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef"
)
LETTERS = (
    "\u2c65\u0180\u0183\u0253\u0188\u023c\u0255\u0111\u00f0\u018c\u0256\u0257\u0247\u0259\u025b\u01dd\u0192\u01e5"
    "\u0260\u0263\u0127\u0266\u2c68\u0131\u0268\u0269\u0237\u0249\u025f\u0199\u2c6a\u0142\u019a\u019b\u026b\u2c61"
    "\u0271\u014b\u019e\u0272\u00f8\u0254\u0275\u01a5\u024b\u024d\u027d\u0282\u023f\u0167\u01ab\u01ad\u0288\u2c66"
    "\u0289\u028a\u028b\u01b4\u024f\u01b6\u0225\u0240\u2c6c\u03c2\u0649\u06cc\u0629\u06c1\u06d5\u06a9\u2018\u2019"
    "\u02bc\u2032\u2010\u2012\u2013\u2014\u2015\u2212"
)
PLAIN = (
    "abbbcccdddddeeeefggghhhiiijjjkklllllmnnnooopqrrsstttttuuvyyzzzz"
    "\u03c3\u064a\u064a\u0647\u0647\u0647\u0643''''------"
)

# `pg_c_utf8` lowers each letter by itself and alike on every machine, whatever the database's own locale is.
FOLD = f"""
CREATE FUNCTION fluxboard_fold(body text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN normalize(
    replace(replace(replace(replace(
        translate(
            lower(regexp_replace(normalize(body, NFKD), '[{LEFT_OUT}]', '', 'g') COLLATE pg_c_utf8),
            '{LETTERS}', '{PLAIN.replace("'", "''")}'
        ),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
    NFKC
)
"""
FOLDED_BY_ACCENTS = """normalize(
                regexp_replace(normalize(left(body, 85000), NFKD), '[\\u0300-\\u036f]', '', 'g'), NFKC
            )"""
WORDS = words.FUNCTION.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
FOLDED_WORDS = WORDS.replace(FOLDED_BY_ACCENTS, "fluxboard_fold(left(body, 85000))")
CARD_WORDS = words.CARD.partition("GENERATED ALWAYS AS ")[2].removesuffix("STORED\n").strip()


def made_anew(table: str, expression: str) -> migrations.RunSQL:
    """Compute the stored column again; PostgreSQL rewrites the table and its index in one go."""
    sql = f"ALTER TABLE {table} ALTER COLUMN words SET EXPRESSION AS {expression}"
    return migrations.RunSQL(sql, sql)


class Migration(migrations.Migration):
    dependencies = [("boards", "0011_no_index_twice")]

    operations = [
        migrations.RunSQL(FOLD, "DROP FUNCTION fluxboard_fold(text)"),
        migrations.RunSQL(FOLDED_WORDS, WORDS),
        made_anew("boards_card", CARD_WORDS),
        made_anew("boards_item", "(fluxboard_words(text))"),
    ]
