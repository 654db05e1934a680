/* docs/OPERATING.md speaks of settings, topics, metrics and sentences: they are those of the program. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "check.h"

enum { ROWS_LEAST = 70, FIELDS_LEAST = 15 };

#define SOURCES                                                          \
    "find stateful/include stateful/src stateful/cli query-service/src " \
    "command-service/src -name '*.[ch]' | sort | xargs cat .env.example"

/* Literals that go on behind a line's end are one: what stands between '"' and '"' goes. */
static void join_literals(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        const char *next = from + 1;

        while (*from == '"' && isspace((unsigned char)*next))
            next++;
        if (*from == '"' && *next == '"' && next > from + 1 &&
            memchr(from, '\n', (size_t)(next - from)))
            from = next;
        else
            *to++ = *from;
    }
    *to = '\0';
}

/* All that the programs are made of. Tests run from the root of the repository. */
static char *all_sources(void)
{
    FILE *found = popen(SOURCES, "r");
    sf_buffer text = SF_BUFFER_EMPTY;
    char piece[4096];
    char *sources;
    size_t size;

    assert_non_null(found);
    while ((size = fread(piece, 1, sizeof(piece), found)) > 0)
        sf_buffer_add(&text, piece, size);
    assert_int_equal(pclose(found), 0);
    sf_buffer_add(&text, "", 1);
    sources = sf_buffer_detach(&text);
    join_literals(sources);
    return sources;
}

static void assert_known(const char *sources, const char *word, size_t size)
{
    char *wanted = sf_text_printf("%.*s", (int)size, word);

    if (!strstr(sources, wanted))
        fail_msg("docs/OPERATING.md speaks of what is not there: %s", wanted);
    free(wanted);
}

/* A setting of a topic: both its name and its value are texts in the sources. */
static void assert_topic_setting(const char *sources, const char *word, size_t size)
{
    size_t name = strcspn(word, "=");
    char *quoted = sf_text_printf("\"%.*s\"", (int)name, word);
    char *value = sf_text_printf("\"%.*s\"", (int)(size - name - 1), word + name + 1);

    assert_known(sources, quoted, strlen(quoted));
    assert_known(sources, value, strlen(value));
    free(quoted);
    free(value);
}

/* What stands between two marks of that kind, up to the end of a cell. */
static void check_marked(const char *sources, const char *from, const char *end, char mark)
{
    while ((from = memchr(from, mark, (size_t)(end - from)))) {
        const char *to = memchr(from + 1, mark, (size_t)(end - from - 1));

        if (!to)
            fail_msg("docs/OPERATING.md: a mark is not closed: %.40s", from);
        assert_known(sources, from + 1, (size_t)(to - from - 1));
        from = to + 1;
    }
}

static void check_topic_settings(const char *sources, const char *row)
{
    for (const char *from = strchr(row, '`'); from; from = strchr(from, '`')) {
        const char *to = strchr(++from, '`');
        const char *equals = strchr(from, '=');

        assert_non_null(to);
        if (equals && equals < to && memchr(from, '.', (size_t)(equals - from)))
            assert_topic_setting(sources, from, (size_t)(to - from));
        from = to + 1;
    }
}

static bool is_row(const char *line)
{
    return line[0] == '|' && line[1] == ' ' && line[2] != '|';
}

static char *page(void)
{
    sf_buffer text = SF_BUFFER_EMPTY;

    assert_ok(sf_file_read("docs/OPERATING.md", &text, err));
    sf_buffer_add(&text, "", 1);
    return sf_buffer_detach(&text);
}

static void what_the_tables_name_is_there(void **state)
{
    char *sources = all_sources();
    char *whole = page();
    int rows = 0;

    (void)state;
    for (char *text = whole, *line = strsep(&text, "\n"); line; line = strsep(&text, "\n")) {
        const char *end;

        if (!is_row(line))
            continue;
        end = strchr(line + 1, '|');
        assert_non_null(end);
        check_marked(sources, line, end, '`');
        check_marked(sources, line, end, '"');
        check_topic_settings(sources, end);
        rows++;
    }
    assert_true(rows >= ROWS_LEAST);
    free(whole);
    free(sources);
}

/* The name before a semicolon. */
static char *field_before(const char *from, const char *semicolon)
{
    const char *start = semicolon;

    while (start > from && (isalnum((unsigned char)start[-1]) || start[-1] == '_'))
        start--;
    return sf_text_printf("`%.*s`", (int)(semicolon - start), start);
}

/* Comments have semicolons, too. */
static void blank_comments(char *text)
{
    char *from;

    while ((from = strstr(text, "/*"))) {
        char *to = strstr(from, "*/");

        assert_non_null(to);
        memset(from, ' ', (size_t)(to + 2 - from));
    }
}

static void every_setting_is_spoken_of(void **state)
{
    sf_buffer text = SF_BUFFER_EMPTY;
    char *whole = page();
    char *header, *from, *end;
    int fields = 0;

    (void)state;
    assert_ok(sf_file_read("stateful/include/stateful/config.h", &text, err));
    sf_buffer_add(&text, "", 1);
    header = sf_buffer_detach(&text);
    blank_comments(header);
    from = strstr(header, "typedef struct sf_config {");
    assert_non_null(from);
    end = strstr(from, "} sf_config;");
    assert_non_null(end);
    while ((from = strchr(from, ';')) && from < end) {
        char *name = field_before(header, from++);

        if (!strstr(whole, name))
            fail_msg("docs/OPERATING.md does not speak of the setting %s", name);
        free(name);
        fields++;
    }
    assert_true(fields >= FIELDS_LEAST);
    free(header);
    free(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_tables_name_is_there),
        cmocka_unit_test(every_setting_is_spoken_of),
    };

    return run_tests(tests);
}
