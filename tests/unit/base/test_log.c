#include <stateful/log.h>

#include <string.h>

#include "check.h"

static char last[4096];
static int lines;

static void keep(void *user, sf_log_level level, const char *line)
{
    assert_ptr_equal(user, last);
    (void)level;
    strncpy(last, line, sizeof(last) - 1);
    lines++;
}

static void lines_go_to_who_asked_for_them_from_a_level_on(void **state)
{
    (void)state;
    sf_log_set(keep, last, SF_LOG_WARN);
    sf_log(SF_LOG_INFO, "not wanted");
    assert_int_equal(lines, 0);
    sf_log(SF_LOG_WARN, "task restored task=%s records=%d", "0_3", 1200);

    assert_int_equal(lines, 1);
    assert_string_equal(last, "task restored task=0_3 records=1200");
}

static void long_line_is_cut(void **state)
{
    char text[3000];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = 0;
    sf_log_set(keep, last, SF_LOG_WARN);
    sf_log(SF_LOG_ERROR, "%s", text);

    assert_int_equal(strlen(last), 2047);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_go_to_who_asked_for_them_from_a_level_on),
        cmocka_unit_test(long_line_is_cut),
    };

    return run_tests(tests);
}
