/* test_refusals.c - the runner passes nothing that it does not understand or that is not so.
 *
 * One good case; each row replaces a piece of it and says what the report must name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "conformance/spec_run.h"

static const char good_case[] =
    "{\"name\": \"good\", \"category\": \"c\", \"source\": \"s\", \"topology\": \"t\","
    " \"notes\": \"\", \"compare\": \"exact\", \"spec\": {\"config\": {\"caching\": \"both\"},"
    " \"nodes\": ["
    " {\"id\": \"in\", \"op\": \"stream\", \"topic\": \"in\", \"key\": \"string\","
    "  \"value\": \"int\"},"
    " {\"id\": \"more\", \"op\": \"map\", \"from\": \"in\", \"value\": {\"fn\": \"same\","
    "  \"of\": \"value\"}},"
    " {\"id\": \"by\", \"op\": \"group\", \"from\": \"more\"},"
    " {\"id\": \"sum\", \"op\": \"aggregate\", \"from\": \"by\", \"initializer\": 0,"
    "  \"aggregator\": {\"fn\": \"sum\"}, \"store\": {\"name\": \"sums\"}},"
    " {\"id\": \"rows\", \"op\": \"to_stream\", \"from\": \"sum\"},"
    " {\"op\": \"to\", \"from\": \"rows\", \"topic\": \"out\"}]},"
    " \"inputs\": [{\"topic\": \"in\", \"key\": \"a\", \"value\": 2, \"ts\": 5},"
    "  {\"topic\": \"in\", \"key\": \"a\", \"value\": 3, \"ts\": 4},"
    "  {\"topic\": \"in\", \"key\": null, \"value\": 3, \"ts\": 4}],"
    " \"checkpoints\": {\"out\": [0, 1]}, \"expected\": ["
    "  {\"after_input\": 0, \"topic\": \"out\", \"key\": \"a\", \"value\": 2, \"ts\": 5},"
    "  {\"after_input\": 1, \"topic\": \"out\", \"key\": \"a\", \"value\": 5, \"ts\": 5}],"
    " \"state_checks\": [{\"after_input\": -1, \"store\": \"sums\", \"content\": {}},"
    "  {\"after_input\": 1, \"store\": \"sums\", \"content\": {\"a\": 5}}],"
    " \"final_state\": [{\"store\": \"sums\", \"key\": \"a\", \"value\": 5, \"ts\": 5}],"
    " \"dropped_records\": 1}";

typedef struct refused_change {
    const char *piece; /* of the good case */
    const char *instead;
    const char *named; /* in the report */
} refused_change;

/* Writes the text to a file and runs it; the report (free() it) is empty if it holds. */
static char *report_on(const char *text)
{
    char path[] = "/tmp/sf-refusal-XXXXXX";
    int file = mkstemp(path);
    char *report = NULL;
    size_t size;
    FILE *stream = open_memstream(&report, &size);

    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
    (void)spec_run_file(path, stream); /* a failure is never without a report */
    fclose(stream);
    unlink(path);
    return report;
}

static char *report_on_change(const refused_change *change)
{
    const char *at = strstr(good_case, change->piece);
    char *text;
    char *report;

    if (!at)
        fail_msg("the good case has no %s", change->piece);
    assert_true(asprintf(&text, "%.*s%s%s", (int)(at - good_case), good_case, change->instead,
                         at + strlen(change->piece)) > 0);
    report = report_on(text);
    free(text);
    return report;
}

static void assert_refused(const refused_change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *report = report_on_change(&changes[i]);

        if (!strstr(report, changes[i].named))
            fail_msg("%s: the report does not say \"%s\" but: %s", changes[i].instead,
                     changes[i].named, *report ? report : "it passed");
        free(report);
    }
}

#define ASSERT_REFUSED(changes) assert_refused(changes, sizeof(changes) / sizeof(*(changes)))

static void good_case_passes(void **state)
{
    char *report = report_on(good_case);

    (void)state;
    assert_string_equal(report, "");
    free(report);
}

static void unknown_words_are_named(void **state)
{
    static const refused_change changes[] = {
        {"\"compare\": \"exact\"", "\"compare\": \"about\"", "unknown compare 'about'"},
        {"\"compare\"", "\"comparison\"", "unknown field 'comparison'"},
        {"\"caching\": \"both\"", "\"caching\": \"some\"", "unknown caching 'some'"},
        {"\"caching\"", "\"cache\"", "unknown field 'cache'"},
        {"\"op\": \"to_stream\"", "\"op\": \"through\"", "unknown op 'through'"},
        {"\"key\": \"string\"", "\"key\": \"text\"", "unknown key 'text'"},
        {"\"fn\": \"sum\"", "\"fn\": \"max\"", "unknown fn 'max'"},
        {"\"fn\": \"same\"", "\"fn\": \"other\"", "unknown fn 'other'"},
        {"\"fn\": \"same\"", "\"fn\": \"same\", \"index\": 1", "unknown field 'index'"},
        {"\"initializer\": 0", "\"initializer\": 0, \"colour\": 1", "unknown field 'colour'"},
        {"\"name\": \"sums\"", "\"name\": \"sums\", \"lazy\": true", "unknown field 'lazy'"},
        {"\"store\": {\"name\"", "\"emit\": \"never\", \"store\": {\"name\"",
         "unknown emit 'never'"},
        {"\"store\": {\"name\"", "\"window\": {\"type\": \"big\"}, \"store\": {\"name\"",
         "unknown type 'big'"},
        {"\"dropped_records\"", "\"dropped\"", "unknown field 'dropped'"},
        {"\"ts\": 5},", "\"ts\": 5, \"offset\": 1},", "unknown field 'offset'"},
    };

    (void)state;
    ASSERT_REFUSED(changes);
}

static void what_is_missing_or_of_another_type_is_named(void **state)
{
    static const refused_change changes[] = {
        {"\"initializer\": 0,", "", "the field 'initializer' is missing"},
        {"\"aggregator\": {\"fn\": \"sum\"},", "", "the field 'aggregator' is missing"},
        {"\"initializer\": 0", "\"initializer\": \"0\"", "works on numbers"},
        {"\"from\": \"by\"", "\"from\": \"in\"", "'in' is a stream"},
        {"\"from\": \"by\"", "\"from\": \"sum\"", "no earlier node 'sum'"},
        {"\"id\": \"more\"", "\"id\": \"in\"", "the id 'in' is taken"},
        {"\"topic\": \"in\", \"key\": \"a\"", "\"topic\": \"on\", \"key\": \"a\"",
         "'on' is no source"},
        {"\"value\": 2, \"ts\": 5}", "\"value\": \"2\", \"ts\": 5}", "is not a number"},
        {"\"value\": 2, \"ts\": 5}", "\"value\": 9000000000, \"ts\": 5}", "does not fit"},
        {"\"value\": 2, \"ts\": 5}", "\"value\": 2.5, \"ts\": 5}", "not a whole number"},
        {"\"checkpoints\": {\"out\"", "\"checkpoints\": {\"none\"", "no checkpoint"},
        {"{\"name\": \"good\"", "{\"name\": good", "not JSON"},
        {"\"op\": \"aggregate\", \"from\": \"by\", \"initializer\": 0,"
         "  \"aggregator\": {\"fn\": \"sum\"}",
         "\"op\": \"reduce\", \"from\": \"by\", \"reducer\": {\"fn\": \"concat\"}",
         "reducer gives string"},
    };

    (void)state;
    ASSERT_REFUSED(changes);
}

static void what_is_not_so_is_told(void **state)
{
    static const refused_change changes[] = {
        {"\"value\": 5, \"ts\": 5}]", "\"value\": 6, \"ts\": 5}]",
         "rows of the topic 'out' differ"},
        {"\"value\": 5, \"ts\": 5}]", "\"value\": 5, \"ts\": 4}]",
         "rows of the topic 'out' differ"},
        {"{\"after_input\": 0, \"topic\": \"out\", \"key\": \"a\", \"value\": 2, \"ts\": 5},", "",
         "(nothing)"},
        {"\"content\": {\"a\": 5}", "\"content\": {\"a\": 6}", "is 5, not 6"},
        {"\"content\": {\"a\": 5}", "\"content\": {}", "'a' = 5 is not expected"},
        {"\"content\": {\"a\": 5}", "\"content\": {\"a\": 5, \"b\": 1}", "1 rows, not 2"},
        {"\"store\": \"sums\", \"key\": \"a\", \"value\": 5",
         "\"store\": \"sums\", \"key\": \"a\", \"value\": 4", "is 5, not 4"},
        {"\"ts\": 5}], \"dropped_records\"", "\"ts\": 6}], \"dropped_records\"",
         "the ts of \"a\" is 5, not 6"},
        {"\"dropped_records\": 1", "\"dropped_records\": 2", "1 records were dropped, not 2"},
        {"\"store\": \"sums\", \"key\": \"a\"", "\"topic\": \"out\", \"key\": \"b\"", "has no row"},
    };

    (void)state;
    ASSERT_REFUSED(changes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_case_passes),
        cmocka_unit_test(unknown_words_are_named),
        cmocka_unit_test(what_is_missing_or_of_another_type_is_named),
        cmocka_unit_test(what_is_not_so_is_told),
    };

    return run_tests(tests);
}
