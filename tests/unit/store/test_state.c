/* test_state.c - the directory of an instance, its lock and id, the holders of tasks, meta. */
#include "check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/meta.h"
#include "store/state.h"
#include "support/state_directory_fixture.h"

static sf_state *open_in(const char *directory)
{
    sf_state *state = NULL;

    assert_ok(sf_state_open(&(sf_state_options){.application_id = "test", .directory = directory},
                            &state, err));
    return state;
}

/* ---- directory ---- */

/* Opens the directory, says so through the pipe, and waits to be killed. */
static void hold_in_child(const char *directory, int said)
{
    sf_state *state;

    if (sf_state_open(&(sf_state_options){.application_id = "test", .directory = directory}, &state,
                      NULL))
        _exit(1);
    (void)!write(said, "x", 1);
    for (;;)
        (void)pause();
}

static void a_second_process_is_refused_until_the_first_is_gone(void **unused)
{
    char *directory = sf_test_directory_make();
    sf_error why = {0};
    sf_state *state = NULL;
    int said[2];
    char byte;
    pid_t child;

    (void)unused;
    assert_int_equal(pipe(said), 0);
    child = fork();
    if (child == 0)
        hold_in_child(directory, said[1]);
    assert_int_equal(read(said[0], &byte, 1), 1);

    assert_int_equal(
        sf_state_open(&(sf_state_options){.application_id = "test", .directory = directory}, &state,
                      &why),
        SF_STOP);
    assert_int_equal(why.code, SF_BUSY);
    assert_non_null(strstr(why.text, directory));
    assert_non_null(strstr(why.text, "a state directory of its own"));

    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    state = open_in(directory);
    sf_state_close(state);
    (void)close(said[0]);
    (void)close(said[1]);
    sf_test_directory_remove(directory);
}

static void the_instance_id_stays_with_the_directory(void **unused)
{
    char *directory = sf_test_directory_make();
    char *below = sf_text_printf("%s/a/b", directory);
    sf_state *state = open_in(below);
    char *first = sf_text_copy(sf_state_instance_id(state));

    (void)unused;
    assert_int_equal(strlen(first), 16);
    sf_state_close(state);
    state = open_in(below);

    assert_string_equal(sf_state_instance_id(state), first);
    sf_state_close(state);
    assert_ok(sf_state_open(
        &(sf_state_options){.application_id = "test", .directory = below, .instance_id = "mine"},
        &state, err));
    assert_string_equal(sf_state_instance_id(state), "mine");
    sf_state_close(state);
    free(first);
    free(below);
    sf_test_directory_remove(directory);
}

static void two_instances_without_a_directory_have_two_ids(void **unused)
{
    sf_state *first = open_in(NULL);
    sf_state *second = open_in(NULL);

    (void)unused;
    assert_string_not_equal(sf_state_instance_id(first), sf_state_instance_id(second));
    sf_state_close(first);
    sf_state_close(second);
}

static void a_damaged_instance_id_is_an_error_that_names_the_file(void **unused)
{
    char *directory = sf_test_directory_make();
    char *path = sf_text_printf("%s/instance.id", directory);
    sf_state *state;
    sf_error why = {0};

    (void)unused;
    assert_ok(sf_file_replace(path, sf_bytes_text("two words\n"), err));

    assert_int_equal(
        sf_state_open(&(sf_state_options){.application_id = "test", .directory = directory}, &state,
                      &why),
        SF_STOP);

    assert_int_equal(why.code, SF_CORRUPT);
    assert_non_null(strstr(why.text, path));
    free(path);
    sf_test_directory_remove(directory);
}

static void a_directory_that_is_a_file_is_an_error_that_names_it(void **unused)
{
    char *directory = sf_test_directory_make();
    char *path = sf_text_printf("%s/file", directory);
    sf_state *state;
    sf_error why = {0};

    (void)unused;
    assert_ok(sf_file_replace(path, sf_bytes_text("x"), err));

    assert_int_equal(sf_state_open(&(sf_state_options){.directory = path}, &state, &why), SF_STOP);

    assert_int_equal(why.code, SF_IO);
    assert_non_null(strstr(why.text, path));
    free(path);
    sf_test_directory_remove(directory);
}

/* 0: refused with a sentence that says so. */
static int open_unwritable(const char *directory)
{
    sf_state *state;
    sf_error why = {0};

    if (geteuid() == 0 && setuid(65534))
        return 1; /* root may write everywhere */
    if (sf_state_open(&(sf_state_options){.directory = directory}, &state, &why) != SF_STOP)
        return 2;
    return strstr(why.text, "not writable") && strstr(why.text, directory) ? 0 : 3;
}

static void a_directory_that_cannot_be_written_is_an_error_that_says_so(void **unused)
{
    char *directory = sf_test_directory_make();
    pid_t child;
    int how;

    (void)unused;
    assert_int_equal(chmod(directory, 0555), 0);
    child = fork();
    if (child == 0)
        _exit(open_unwritable(directory));
    assert_int_equal(waitpid(child, &how, 0), child);

    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 0);
    sf_test_directory_remove(directory);
}

/* ---- holders ---- */

static void a_task_has_one_holder(void **unused)
{
    sf_state *state = open_in(NULL);

    (void)unused;
    assert_true(sf_state_take_task(state, "identity", 1));
    assert_false(sf_state_take_task(state, "identity", 1));
    assert_true(sf_state_take_task(state, "identity", 2));
    assert_true(sf_state_take_task(state, "other", 1));

    sf_state_release_task(state, "identity", 1);

    assert_true(sf_state_take_task(state, "identity", 1));
    sf_state_release_task(state, "identity", 1);
    sf_state_release_task(state, "identity", 2);
    sf_state_release_task(state, "other", 1);
    sf_state_close(state);
}

/* ---- meta ---- */

static void write_meta(sf_state *state, bool in_memory)
{
    sf_state_db *db = sf_state_database(state, in_memory);
    sf_state_commit *commit = sf_state_commit_new(state);
    sf_state_batch *batch = sf_state_commit_batch(commit, in_memory);

    assert_ok(sf_meta_put(db, batch, SF_META_INPUT, "orders", 3, 42, err));
    assert_ok(sf_meta_put(db, batch, SF_META_CHANGELOG, "orders", 3, 43, err));
    assert_ok(sf_meta_put(db, batch, SF_META_WRITTEN, "orders", 4, 44, err));
    assert_ok(sf_meta_put_times(db, batch, "identity", 3, "p=17", err));
    assert_ok(sf_meta_put_incarnation(db, batch, 0xfedcba9876543210u, err));
    assert_ok(sf_state_commit_write(commit, err));
    sf_state_commit_free(commit);
}

static void assert_number(sf_state *state, bool in_memory, sf_meta_kind kind, int32_t partition,
                          int64_t expected)
{
    int64_t number = -2;

    assert_ok(
        sf_meta_get(sf_state_database(state, in_memory), kind, "orders", partition, &number, err));
    assert_int_equal(number, expected);
}

static void assert_meta(sf_state *state, bool in_memory)
{
    sf_state_db *db = sf_state_database(state, in_memory);
    sf_buffer text = SF_BUFFER_EMPTY;
    uint64_t incarnation = 0;

    assert_number(state, in_memory, SF_META_INPUT, 3, 42);
    assert_number(state, in_memory, SF_META_CHANGELOG, 3, 43);
    assert_number(state, in_memory, SF_META_WRITTEN, 4, 44);
    assert_number(state, in_memory, SF_META_INPUT, 4, -1);
    assert_ok(sf_meta_get_times(db, "identity", 3, &text, err));
    assert_string_equal(sf_buffer_text(&text), "p=17");
    sf_buffer_clear(&text);
    assert_ok(sf_meta_get_times(db, "identity", 4, &text, err));
    assert_string_equal(sf_buffer_text(&text), "");
    assert_ok(sf_meta_get_incarnation(db, &incarnation, err));
    assert_true(incarnation == 0xfedcba9876543210u);
    sf_buffer_done(&text);
}

static void meta_is_read_as_it_was_written(void **unused)
{
    char *directory = sf_test_directory_make();
    sf_state *state = open_in(directory);

    (void)unused;
    write_meta(state, true);
    write_meta(state, false);
    assert_meta(state, true);
    assert_meta(state, false);
    sf_state_close(state);
    state = open_in(directory);

    assert_meta(state, false);
    assert_number(state, true, SF_META_INPUT, 3, -1); /* gone with the process */
    sf_state_close(state);
    sf_test_directory_remove(directory);
}

static void meta_can_be_deleted(void **unused)
{
    sf_state *state = open_in(NULL);
    sf_state_commit *commit = sf_state_commit_new(state);

    (void)unused;
    write_meta(state, false);
    assert_ok(sf_meta_delete(sf_state_database(state, false), sf_state_commit_batch(commit, false),
                             SF_META_CHANGELOG, "orders", 3, err));
    assert_ok(sf_state_commit_write(commit, err));

    assert_number(state, false, SF_META_CHANGELOG, 3, -1);
    assert_number(state, false, SF_META_INPUT, 3, 42);
    sf_state_commit_free(commit);
    sf_state_close(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_process_is_refused_until_the_first_is_gone),
        cmocka_unit_test(the_instance_id_stays_with_the_directory),
        cmocka_unit_test(two_instances_without_a_directory_have_two_ids),
        cmocka_unit_test(a_damaged_instance_id_is_an_error_that_names_the_file),
        cmocka_unit_test(a_directory_that_is_a_file_is_an_error_that_names_it),
        cmocka_unit_test(a_directory_that_cannot_be_written_is_an_error_that_says_so),
        cmocka_unit_test(a_task_has_one_holder),
        cmocka_unit_test(meta_is_read_as_it_was_written),
        cmocka_unit_test(meta_can_be_deleted),
    };

    return run_tests(tests);
}
