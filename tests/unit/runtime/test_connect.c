#include <stateful/connect.h>

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "check.h"
#include "support/state_directory_fixture.h"

static void the_scheme_picks_the_broker(void **test)
{
    char *directory = sf_test_directory_make();
    char *address = sf_text_printf("file:%s/log", directory);
    const struct {
        const char *address;
        bool has_groups;
    } schemes[] = {{"memory:", false}, {address, false}, {"localhost:1,localhost:2", true}};

    (void)test;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(schemes); i++) {
        sf_broker *broker;

        assert_ok(sf_broker_connect(schemes[i].address, NULL, &broker, err));
        assert_int_equal(sf_broker_has_groups(broker), schemes[i].has_groups);
        sf_broker_close(broker);
    }
    free(address);
    sf_test_directory_remove(directory);
}

static void assert_refused(const char *address, const sf_broker_options *options, const char *word)
{
    sf_broker *broker;
    sf_error error;

    assert_int_equal(sf_broker_connect(address, options, &broker, &error), SF_STOP);
    assert_int_equal(error.code, SF_INVALID);
    if (!strstr(error.text, word))
        fail_msg("'%s' does not name %s", error.text, word);
}

static void what_makes_no_sense_is_refused(void **test)
{
    const sf_broker_setting setting = {"security.protocol", "ssl"};

    (void)test;
    assert_refused("file:", NULL, "directory");
    assert_refused("memory:more", NULL, "memory:");
    assert_refused("file:/nowhere", &(sf_broker_options){.random_gaps = 1}, "gaps");
    assert_refused("memory:", &(sf_broker_options){.settings = &setting, .setting_count = 1},
                   "security.protocol");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_scheme_picks_the_broker),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };

    return run_tests(tests);
}
