/* docs/EXACTLY_ONCE.md proves each of its lines by tests: they exist. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "check.h"

enum { ROWS_LEAST = 30 };

/* Tests run from the root of the repository. */
static char *all_tests(void)
{
    FILE *found = popen("grep -rhoE '^(static void|def) [a-z0-9_]+\\(' tests", "r");
    sf_buffer text = SF_BUFFER_EMPTY;
    char line[512];

    assert_non_null(found);
    while (fgets(line, sizeof(line), found)) {
        char *name = strrchr(line, ' ');

        sf_buffer_add_text(&text, name); /* " name(" */
    }
    assert_int_equal(pclose(found), 0);
    return sf_buffer_detach(&text);
}

static void assert_test_exists(const char *tests, const char *name, int size)
{
    char *wanted = sf_text_printf(" %.*s(", size, name);

    if (!strstr(tests, wanted))
        fail_msg("docs/EXACTLY_ONCE.md names a test that does not exist: %.*s", size, name);
    free(wanted);
}

/* The last column of a row of a table: names between backquotes. */
static int check_proofs(const char *tests, const char *cell)
{
    int count = 0;

    for (const char *from = strchr(cell, '`'); from; from = strchr(from, '`')) {
        const char *to = strchr(++from, '`');

        assert_non_null(to);
        assert_test_exists(tests, from, (int)(to - from));
        from = to + 1;
        count++;
    }
    return count;
}

static char *last_cell(char *row)
{
    char *end = strrchr(row, '|');
    char *cell;

    *end = '\0';
    cell = strrchr(row, '|');
    *end = '|';
    return cell;
}

static bool is_row(const char *line)
{
    return line[0] == '|' && line[1] != '-' && !strstr(line, "| shown by |");
}

static void every_line_of_the_protocol_is_proven_by_tests_that_exist(void **state)
{
    sf_buffer page = SF_BUFFER_EMPTY;
    char *tests = all_tests();
    char *rest;
    int rows = 0;

    (void)state;
    assert_ok(sf_file_read("docs/EXACTLY_ONCE.md", &page, err));
    rest = sf_buffer_detach(&page);
    for (char *text = rest, *line = strsep(&text, "\n"); line; line = strsep(&text, "\n")) {
        if (!is_row(line))
            continue;
        rows++;
        if (check_proofs(tests, last_cell(line)) == 0)
            fail_msg("no test is named for: %s", line);
    }
    assert_true(rows >= ROWS_LEAST);
    free(rest);
    free(tests);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_of_the_protocol_is_proven_by_tests_that_exist),
    };

    return run_tests(tests);
}
