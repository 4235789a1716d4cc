"""Search inside PostgreSQL: a function that makes the words of a text, and a stored column of them with an index.

The columns stand outside of the models on purpose: nothing but search reads them, so no page fetches them.
"""

from django.db import migrations

# Scripts that write without spaces: Thai to Khmer, kana, Han, Hangul. `fluxboard.search_syntax` has the same.
UNSPACED = (
    r"\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af"
)

# What joins words in addresses and names; each of the words counts for itself.
JOINING = r"/._:@#=&?%+~-"

# Without accents and widths; spaced words as they stand and by their English stem; other scripts as pairs of
# neighbouring characters, which need no dictionary. A body in SQL is bound when it is made, so that neither a
# restore nor an index build can find another function by the same name.
FUNCTION = f"""
CREATE FUNCTION fluxboard_words(body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT to_tsvector('pg_catalog.simple'::regconfig, spaced)
        || to_tsvector('pg_catalog.english'::regconfig, spaced)
        || CASE WHEN folded ~ '[{UNSPACED}]' THEN (
            SELECT coalesce(array_to_tsvector(array_agg(DISTINCT pair)), ''::tsvector) FROM (
                SELECT CASE WHEN following = ' ' THEN this ELSE this || following END AS pair
                FROM (
                    SELECT this, lead(this, 1, ' ') OVER (ORDER BY place) AS following
                    FROM unnest(string_to_array(regexp_replace(folded, '[^{UNSPACED}]+', ' ', 'g'), NULL))
                        WITH ORDINALITY AS characters (this, place)
                ) AS neighbours
                WHERE this <> ' '
            ) AS pairs
        ) ELSE ''::tsvector END
    FROM (
        SELECT folded, regexp_replace(folded, '[{UNSPACED}{JOINING}]+', ' ', 'g') AS spaced
        FROM (
            SELECT normalize(
                regexp_replace(normalize(left(body, 85000), NFKD), '[\\u0300-\\u036f]', '', 'g'), NFKC
            ) AS folded
        ) AS once
    ) AS twice
)
"""

CARD = """
ALTER TABLE boards_card ADD COLUMN words tsvector GENERATED ALWAYS AS (
    setweight(fluxboard_words(title), 'A') || setweight(
        fluxboard_words(what || ' ' || why || ' ' || done_when || ' ' || constraints || ' ' || blocked_reason), 'B'
    )
) STORED
"""
ITEM = "ALTER TABLE boards_item ADD COLUMN words tsvector GENERATED ALWAYS AS (fluxboard_words(text)) STORED"


def index(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE INDEX {table}_words ON {table} USING gin (words)", f"DROP INDEX {table}_words"
    )


class Migration(migrations.Migration):
    dependencies = [("boards", "0006_open_talk")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION fluxboard_words(text)"),
        migrations.RunSQL(CARD, "ALTER TABLE boards_card DROP COLUMN words"),
        migrations.RunSQL(ITEM, "ALTER TABLE boards_item DROP COLUMN words"),
        index("boards_card"),
        index("boards_item"),
    ]
