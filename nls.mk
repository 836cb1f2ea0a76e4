# Messages in other languages.  test/messages gathers them, from SQL too, and
# checks that each is translated; test/messages --update takes in new ones.
# PostgreSQL 15 reads this list of languages, later ones po/LINGUAS.
CATALOG_NAME = medaudit
AVAIL_LANGUAGES = zh_CN
