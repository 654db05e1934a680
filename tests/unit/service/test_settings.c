#include "service/settings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "check.h"

static const sf_setting table[] = {
    {.name = "T_PORT",
     .aliases = "T_OLD_PORT T_OLDER_PORT",
     .kind = SF_SETTING_INTEGER,
     .otherwise = "8080",
     .least = 1,
     .most = 65535,
     .meaning = "where to listen"},
    {.name = "T_HOST", .otherwise = "localhost", .meaning = "the database's host"},
    {.name = "T_PASSWORD",
     .aliases = "T_PASS",
     .otherwise = "",
     .is_secret = true,
     .meaning = "the database's password"},
    {.name = "T_POLICY",
     .kind = SF_SETTING_CHOICE,
     .otherwise = "agreed",
     .choices = "agreed list strict",
     .meaning = "which price counts"},
    {.name = "T_IS_ON", .kind = SF_SETTING_BOOLEAN, .otherwise = "false", .meaning = "a switch"},
};
enum { COUNT = SF_ARRAY_LENGTH(table) };

static int forget_all(void **state)
{
    static const char *const names[] = {
        "T_PORT",          "T_OLD_PORT",  "T_OLDER_PORT", "T_HOST",  "T_PASSWORD", "T_PASS",
        "T_PASSWORD_FILE", "T_PASS_FILE", "T_POLICY",     "T_IS_ON", "T_TYPO",     "T_NEEDED"};

    (void)state;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(names); i++)
        unsetenv(names[i]);
    return 0;
}

static sf_settings *read_all(void)
{
    sf_settings *settings = NULL;

    assert_ok(sf_settings_read(table, COUNT, &settings, err));
    return settings;
}

static void check_refused(const char *expected)
{
    sf_settings *settings = NULL;
    sf_error err;

    assert_int_equal(sf_settings_read(table, COUNT, &settings, &err), SF_STOP);
    assert_string_equal(err.text, expected);
    assert_null(settings);
}

static void what_is_not_set_is_as_the_table_says(void **state)
{
    sf_settings *settings;

    (void)state;
    setenv("T_HOST", "", 1); /* as good as not set */
    settings = read_all();
    assert_int_equal(sf_settings_integer(settings, "T_PORT"), 8080);
    assert_string_equal(sf_settings_text(settings, "T_HOST"), "localhost");
    assert_string_equal(sf_settings_text(settings, "T_PASSWORD"), "");
    assert_string_equal(sf_settings_text(settings, "T_POLICY"), "agreed");
    assert_false(sf_settings_boolean(settings, "T_IS_ON"));
    assert_false(sf_settings_is_set(settings, "T_HOST"));
    sf_settings_free(settings);
}

static void the_environment_wins_and_the_first_name_over_its_aliases(void **state)
{
    sf_settings *settings;

    (void)state;
    setenv("T_OLDER_PORT", "1", 1);
    setenv("T_OLD_PORT", "2", 1);
    setenv("T_POLICY", "STRICT", 1);
    setenv("T_IS_ON", "Yes", 1);
    settings = read_all();
    assert_int_equal(sf_settings_integer(settings, "T_PORT"), 2);
    assert_string_equal(sf_settings_text(settings, "T_POLICY"), "strict");
    assert_true(sf_settings_boolean(settings, "T_IS_ON"));
    assert_true(sf_settings_is_set(settings, "T_PORT"));
    sf_settings_free(settings);

    setenv("T_PORT", "3", 1);
    settings = read_all();
    assert_int_equal(sf_settings_integer(settings, "T_PORT"), 3);
    sf_settings_free(settings);
}

static void a_secret_may_stand_in_a_file(void **state)
{
    char path[] = "/tmp/test_settings.XXXXXX";
    sf_settings *settings;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "s3cret\n", 7), 7);
    close(fd);
    setenv("T_PASS_FILE", path, 1);
    settings = read_all();
    assert_string_equal(sf_settings_text(settings, "T_PASSWORD"), "s3cret");
    sf_settings_free(settings);

    setenv("T_PASSWORD", "directly", 1);
    settings = read_all();
    assert_string_equal(sf_settings_text(settings, "T_PASSWORD"), "directly");
    sf_settings_free(settings);
    unlink(path);
}

static void a_secret_file_that_cannot_be_read_is_named(void **state)
{
    sf_settings *settings;
    sf_error err;

    (void)state;
    setenv("T_PASSWORD_FILE", "/nowhere/secret", 1);
    assert_int_equal(sf_settings_read(table, COUNT, &settings, &err), SF_STOP);
    assert_non_null(strstr(err.text, "T_PASSWORD_FILE: "));
    assert_non_null(strstr(err.text, "/nowhere/secret"));
}

static void wrong_values_are_named_with_what_is_allowed(void **state)
{
    (void)state;
    setenv("T_PORT", "80a", 1);
    check_refused("T_PORT is '80a', must be a whole number from 1 to 65535");
    setenv("T_PORT", "0", 1);
    check_refused("T_PORT is '0', must be a whole number from 1 to 65535");
    setenv("T_PORT", "99999999999999999999", 1);
    check_refused("T_PORT is '99999999999999999999', must be a whole number from 1 to 65535");
    unsetenv("T_PORT");
    setenv("T_POLICY", "any", 1);
    setenv("T_IS_ON", "maybe", 1);
    check_refused("T_POLICY is 'any', must be one of: agreed list strict; "
                  "T_IS_ON is 'maybe', must be true or false");
}

static void what_must_be_set_is_named(void **state)
{
    static const sf_setting needed[] = {{.name = "T_NEEDED", .meaning = "the server's address"}};
    sf_settings *settings;
    sf_error err;

    (void)state;
    assert_int_equal(sf_settings_read(needed, 1, &settings, &err), SF_STOP);
    assert_string_equal(err.text, "T_NEEDED must be set: the server's address");
}

static void add_name(void *user, const char *name, const char *value)
{
    sf_buffer_printf(user, "%s=%s ", name, value);
}

static void other_variables_of_a_prefix_are_found(void **state)
{
    sf_buffer found = SF_BUFFER_EMPTY;
    sf_settings *settings;

    (void)state;
    setenv("T_PORT", "1", 1);
    setenv("T_OLD_PORT", "1", 1);
    setenv("T_PASS", "p", 1);
    setenv("T_TYPO", "x", 1);
    settings = read_all();
    sf_settings_visit_others(settings, "T_", add_name, &found);
    assert_string_equal(sf_buffer_text(&found), "T_TYPO=x ");
    sf_settings_free(settings);
    sf_buffer_done(&found);
}

static void secrets_are_never_printed(void **state)
{
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_settings *settings;

    (void)state;
    setenv("T_PASSWORD", "s3cret", 1);
    setenv("T_PORT", "81", 1);
    settings = read_all();
    sf_settings_print(settings, &text);
    assert_string_equal(sf_buffer_text(&text), "T_PORT=81  # from the environment\n"
                                               "T_HOST=localhost  # default\n"
                                               "T_PASSWORD=***  # from the environment\n"
                                               "T_POLICY=agreed  # default\n"
                                               "T_IS_ON=false  # default\n");
    sf_settings_free(settings);
    sf_buffer_done(&text);
}

static void the_help_lists_every_variable(void **state)
{
    sf_buffer text = SF_BUFFER_EMPTY;

    (void)state;
    sf_settings_help(table, COUNT, &text);
    for (size_t i = 0; i < COUNT; i++)
        assert_non_null(strstr(sf_buffer_text(&text), table[i].name));
    assert_non_null(strstr(sf_buffer_text(&text),
                           "where to listen (1 to 65535); default 8080; also as T_OLD_PORT"));
    assert_non_null(strstr(sf_buffer_text(&text), "or in the file named by T_PASSWORD_FILE"));
    sf_buffer_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_not_set_is_as_the_table_says, forget_all),
        cmocka_unit_test_setup(the_environment_wins_and_the_first_name_over_its_aliases,
                               forget_all),
        cmocka_unit_test_setup(a_secret_may_stand_in_a_file, forget_all),
        cmocka_unit_test_setup(a_secret_file_that_cannot_be_read_is_named, forget_all),
        cmocka_unit_test_setup(wrong_values_are_named_with_what_is_allowed, forget_all),
        cmocka_unit_test_setup(what_must_be_set_is_named, forget_all),
        cmocka_unit_test_setup(other_variables_of_a_prefix_are_found, forget_all),
        cmocka_unit_test_setup(secrets_are_never_printed, forget_all),
        cmocka_unit_test_setup(the_help_lists_every_variable, forget_all),
    };

    return run_tests(tests);
}
