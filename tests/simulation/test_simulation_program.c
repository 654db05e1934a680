/* What a program of subjects says to the one who runs it. */
#include <stateful/simulation.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "simulation/subjects.h"

static char said[16 * 1024];

/* Sends both outputs to a file; what they were is to be given back. */
static void redirect(int file, int before[2])
{
    (void)fflush(stdout);
    for (int fd = 1; fd <= 2; fd++) {
        before[fd - 1] = dup(fd);
        assert_true(dup2(file, fd) >= 0);
    }
}

static void give_back(const int before[2])
{
    (void)fflush(stdout);
    for (int fd = 1; fd <= 2; fd++) {
        assert_true(dup2(before[fd - 1], fd) >= 0);
        (void)close(before[fd - 1]);
    }
}

/* Runs it with words parted by spaces; what it says is in said. */
static int run_program(const sf_simulation_subject *subjects, size_t count, const char *words)
{
    char name[] = "simulate", copy[200], *argv[16] = {name};
    int argc = 1, code, before[2];
    FILE *file = tmpfile();
    size_t size;

    assert_non_null(file);
    (void)snprintf(copy, sizeof(copy), "%s", words);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    redirect(fileno(file), before);
    code = sf_simulation_main(argc, argv, subjects, count);
    give_back(before);
    rewind(file);
    size = fread(said, 1, sizeof(said) - 1, file);
    said[size] = 0;
    (void)fclose(file);
    return code;
}

#define assert_said(text)                               \
    do {                                                \
        if (!strstr(said, (text)))                      \
            fail_msg("'%s' is not in: %s", text, said); \
    } while (0)

static int open_all(void **state)
{
    sf_simulation_subject *subjects = calloc(SUBJECTS_COUNT, sizeof(*subjects));

    subjects_open(subjects);
    *state = subjects;
    return 0;
}

static int close_all(void **state)
{
    subjects_close(*state);
    free(*state);
    return 0;
}

/* A model that nothing fulfils. */
static sf_status expect_nobody(void *user, sf_simulation_outcome *outcome, sf_error *err)
{
    (void)user;
    (void)err;
    sf_simulation_expect_row(outcome, "sums", sf_bytes_text("nobody"), sf_bytes_text("nothing"));
    return SF_OK;
}

static sf_simulation_subject wrong_subject(const sf_simulation_subject *subjects)
{
    sf_simulation_subject wrong = subjects[0];

    wrong.model = expect_nobody;
    return wrong;
}

static void histories_that_pass_are_counted(void **state)
{
    assert_int_equal(run_program(*state, SUBJECTS_COUNT, "--subject sums --seeds 3 --from 7"), 0);

    assert_said("sums: 3 histories, ");
    assert_said("1 passed, 0 failed, 0 skipped\n");
}

static void options_that_make_no_sense_are_named(void **state)
{
    static const struct {
        const char *words;
        const char *sentence;
    } wrong[] = {
        {"--seeds 0", "--seeds is '0', not a whole number from 1 on\n"},
        {"--seed x1", "--seed is 'x1', not a whole number from 0 on\n"},
        {"--from -3", "--from is '-3', not a whole number from 0 on\n"},
        {"--rocksdb 1.5", "--rocksdb is '1.5', not a whole number from 0 on\n"},
        {"--seeds 99999999999999999999", "--seeds is '99999999999999999999', not a whole number"},
        {"17", "'17' is no option\n"},
        {"--subject sum", "there is no subject 'sum', but sums, "},
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(run_program(*state, SUBJECTS_COUNT, wrong[i].words), 2);
        assert_said(wrong[i].sentence);
        assert_said("usage: simulate ");
    }
}

static void a_failure_says_what_differs_and_how_to_see_it_again(void **state)
{
    sf_simulation_subject wrong = wrong_subject(*state);

    assert_int_equal(run_program(&wrong, 1, "--seeds 5 --from 3"), 1);

    assert_said("subject sums, seed 3 FAILED: ");
    assert_said("with these faults alone: ");
    assert_said("again: --subject sums --seed 3 --trace\n");
    assert_said("0 passed, 1 failed, 0 skipped\n");
}

static void a_failure_on_rocksdb_is_seen_again_on_rocksdb(void **state)
{
    sf_simulation_subject wrong = wrong_subject(*state);

    assert_int_equal(run_program(&wrong, 1, "--seed 4 --rocksdb 2"), 1);

    assert_said("again: --subject sums --seed 4 --rocksdb 1 --trace\n");
}

static void a_failure_is_told_as_it_is_where_that_is_wanted(void **state)
{
    sf_simulation_subject wrong = wrong_subject(*state);

    assert_int_equal(run_program(&wrong, 1, "--seed 4 --no-shrinking"), 1);

    assert_said("subject sums, seed 4 FAILED: ");
    assert_null(strstr(said, "with these faults alone"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histories_that_pass_are_counted),
        cmocka_unit_test(options_that_make_no_sense_are_named),
        cmocka_unit_test(a_failure_says_what_differs_and_how_to_see_it_again),
        cmocka_unit_test(a_failure_on_rocksdb_is_seen_again_on_rocksdb),
        cmocka_unit_test(a_failure_is_told_as_it_is_where_that_is_wanted),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
