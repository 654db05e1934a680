/* The example that runs on the embedded log runs on a real Kafka, unchanged. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "check.h"
#include "support/broker_fixture.h"
#include "support/example_fixture.h"
#include "support/state_directory_fixture.h"

/* The broker may have seen other runs: only words that nobody else has are looked for. */
static void words_are_counted_on_kafka_and_kept(void **state)
{
    const char *word = kafka_fixture_name("word");
    const char *servers = kafka_fixture_servers();
    char *directory = sf_test_directory_make();
    char *arguments = sf_text_printf("%s %s 2>/dev/null", servers, directory);
    char *input = sf_text_printf("%s x %s\\n%s\\n", word, word, word);
    char *three = sf_text_printf("%s 3\n", word);
    char *four = sf_text_printf("%s 4\n", word);
    char output[8192];

    (void)state;
    example_run("word_count", arguments, input, output, sizeof(output));
    assert_non_null(strstr(output, three));
    example_run("word_count", arguments, word, output, sizeof(output));
    assert_non_null(strstr(output, four));
    sf_test_directory_remove(directory);
    free(arguments);
    free(input);
    free(three);
    free(four);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_counted_on_kafka_and_kept),
    };

    return run_tests(tests);
}
