#include <stateful/simulation.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/log.h>

#include "check.h"
#include "simulation/subjects.h"

enum { SEEDS = 40, SEEDS_LONG = 20000 };

/* Histories that found something wrong, in the engine or in the judgement; what it was is said in the commit that
 * mended it. */
static const struct {
    const char *subject;
    uint64_t seed;
} MENDED[] = {
    {"sums", 13},         {"sums", 1083},        {"tables", 13},           {"digit-sums", 353},
    {"windows", 798},     {"tables", 638},       {"suppress", 813},        {"shop", 169},
    {"versioned", 871},   {"windows", 3611},     {"suppress", 5329},       {"dead-letters", 6662},
    {"digit-sums", 2791}, {"suppress", 1003900}, {"foreign-key", 8002772}, {"foreign-key", 7013007},
    {"windows", 8011874}, {"windows", 7013595},  {"versioned", 8011874},   {"foreign-key", 7014085},
    {"tables", 7014921},
};

static void silence(void *user, sf_log_level level, const char *line)
{
    (void)user;
    (void)level;
    (void)line;
}

static sf_simulation_report run(const sf_simulation_subject *subject, uint64_t seed)
{
    sf_simulation_report report;

    assert_ok(sf_simulation_run(subject, &(sf_simulation_options){.seed = seed}, &report, err));
    return report;
}

static int open_all(void **state)
{
    sf_simulation_subject *subjects = calloc(SUBJECTS_COUNT, sizeof(*subjects));

    sf_log_set(silence, NULL, SF_LOG_ERROR);
    subjects_open(subjects);
    *state = subjects;
    return 0;
}

static int close_all(void **state)
{
    subjects_close(*state);
    free(*state);
    sf_log_set(NULL, NULL, SF_LOG_INFO);
    return 0;
}

static void histories_come_out_as_their_models_say(void **state)
{
    const sf_simulation_subject *subjects = *state;
    uint64_t seeds = getenv("TEST_LONG") ? SEEDS_LONG : SEEDS;

    for (size_t i = 0; i < SUBJECTS_COUNT; i++) {
        for (uint64_t seed = 1; seed <= seeds; seed++) {
            sf_simulation_report report = run(&subjects[i], seed);

            if (!report.passed)
                fail_msg("subject %s, seed %" PRIu64 ": %s", subjects[i].name, seed,
                         report.failure);
        }
    }
}

static void without_faults_each_record_is_counted_once(void **state)
{
    const sf_simulation_subject *subjects = *state;

    for (size_t i = 0; i < SUBJECTS_COUNT; i++) {
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            sf_simulation_options options = {.seed = seed, .without_faults = true};
            sf_simulation_report report;

            assert_ok(sf_simulation_run(&subjects[i], &options, &report, err));
            if (!report.passed)
                fail_msg("subject %s, seed %" PRIu64 " without faults: %s", subjects[i].name, seed,
                         report.failure);
        }
    }
}

static void histories_that_once_failed_pass(void **state)
{
    const sf_simulation_subject *subjects = *state;

    for (size_t i = 0; i < sizeof(MENDED) / sizeof(MENDED[0]); i++) {
        for (size_t k = 0; k < SUBJECTS_COUNT; k++) {
            sf_simulation_report report;

            if (strcmp(subjects[k].name, MENDED[i].subject) != 0)
                continue;
            report = run(&subjects[k], MENDED[i].seed);
            if (!report.passed)
                fail_msg("subject %s, seed %" PRIu64 ": %s", MENDED[i].subject, MENDED[i].seed,
                         report.failure);
        }
    }
}

static void a_seed_is_the_whole_history(void **state)
{
    const sf_simulation_subject *subjects = *state;

    for (size_t i = 0; i < SUBJECTS_COUNT; i++) {
        for (uint64_t seed = 1; seed <= 12; seed++)
            assert_true(run(&subjects[i], seed).trace_hash == run(&subjects[i], seed).trace_hash);
    }
    assert_true(run(&subjects[0], 1).trace_hash != run(&subjects[0], 2).trace_hash);
}

static void where_memory_lies_changes_nothing_of_a_history(void **state)
{
    const sf_simulation_subject *subjects = *state;
    uint64_t first = run(&subjects[0], 7).trace_hash;

    for (int i = 0; i < 3; i++) { /* the memory is laid out otherwise each time */
        void *hole = malloc((size_t)1 << (10 + 3 * i));

        assert_true(run(&subjects[0], 7).trace_hash == first);
        free(hole);
    }
}

/* The first line of a command's output, or of a file; false: there is none. */
static bool first_line(FILE *from, char *line, size_t size)
{
    bool has_line = from && fgets(line, (int)size, from);

    if (has_line)
        line[strcspn(line, "\n")] = 0;
    return has_line;
}

static bool sources_are(const char *digest)
{
    FILE *output = popen("tests/simulation/source-digest", "r");
    char found[128];
    bool are_same = first_line(output, found, sizeof(found)) && !strcmp(found, digest);

    if (output)
        (void)pclose(output); /* what it said counts */
    return are_same;
}

static const sf_simulation_subject *find_subject(const sf_simulation_subject *subjects,
                                                 const char *name)
{
    for (size_t i = 0; i < SUBJECTS_COUNT; i++) {
        if (!strcmp(subjects[i].name, name))
            return &subjects[i];
    }
    fail_msg("there is no subject %s", name);
    return NULL;
}

static void traces_are_those_that_another_machine_recorded(void **state)
{
    FILE *recorded = fopen("tests/simulation/traces.txt", "r");
    char line[128];
    char name[64];
    uint64_t seed;
    uint64_t hash;
    int count = 0;

    assert_true(first_line(recorded, line, sizeof(line)));
    if (!sources_are(line + strlen("sources "))) {
        (void)fclose(recorded);
        printf("skip: the sources are not those of tests/simulation/traces.txt "
               "(make simulate-traces)\n");
        skip();
    }
    while (fscanf(recorded, "%63s %" SCNu64 " %" SCNx64, name, &seed, &hash) == 3) {
        uint64_t found = run(find_subject(*state, name), seed).trace_hash;

        if (found != hash)
            fail_msg("%s, seed %" PRIu64 ": recorded %016" PRIx64 ", found %016" PRIx64, name, seed,
                     hash, found);
        count++;
    }
    (void)fclose(recorded);
    assert_true(count > 0);
}

/* ---- a model that is wrong on purpose ---- */

static sf_status expect_one_more(void *user, sf_simulation_outcome *outcome, sf_error *err)
{
    const sf_simulation_subject *right = user;
    sf_status status = right->model(right->user, outcome, err);

    sf_simulation_expect_row(outcome, "sums", sf_bytes_text("nobody"), sf_bytes_text("nothing"));
    return status;
}

static void the_first_difference_is_named(void **state)
{
    const sf_simulation_subject *subjects = *state;
    sf_simulation_subject wrong = subjects[0];
    sf_simulation_report report;

    wrong.model = expect_one_more;
    wrong.user = (void *)&subjects[0];
    report = run(&wrong, 1);

    assert_false(report.passed);
    assert_string_equal(report.failure, "store sums, key 'nobody': expected 'nothing', found null");
}

static void faults_that_are_not_needed_are_left_out(void **state)
{
    const sf_simulation_subject *subjects = *state;
    sf_simulation_subject wrong = subjects[0];
    const sf_simulation_options options = {.seed = 3};
    bool left_out[SF_SIMULATION_FAULTS_MAX];
    sf_simulation_report report;

    wrong.model = expect_one_more;
    wrong.user = (void *)&subjects[0];
    report = run(&wrong, 3);
    assert_ok(sf_simulation_shrink(&wrong, &options, left_out, &report, err));

    assert_true(report.faults > 0);
    for (size_t i = 0; i < report.faults; i++)
        assert_true(left_out[i]);
}

static void a_subject_without_input_is_refused(void **state)
{
    const sf_simulation_subject *subjects = *state;
    sf_simulation_subject without = subjects[0];
    sf_simulation_report report;
    sf_error error = {0};

    without.topic_count = 0;

    assert_int_equal(
        sf_simulation_run(&without, &(sf_simulation_options){.seed = 1}, &report, &error), SF_STOP);
    assert_string_equal(error.text, "subject sums lists no input topic");
}

static void assert_refused(const sf_simulation_subject *subject, const char *sentence)
{
    sf_simulation_report report;
    sf_error error = {0};

    assert_int_equal(
        sf_simulation_run(subject, &(sf_simulation_options){.seed = 1}, &report, &error), SF_STOP);
    assert_string_equal(error.text, sentence);
}

static void what_a_subject_forgot_or_invented_is_named(void **state)
{
    static const sf_simulation_topic numbers = {"in", 2, SF_SIMULATION_INPUT};
    static const char *const stores[] = {"sums", "summs"};
    const sf_simulation_subject *subjects = *state;
    sf_simulation_subject forgot = subjects[0], invented = subjects[0];

    forgot.topics = &numbers;
    forgot.topic_count = 1;
    invented.stores = stores;
    invented.store_count = 2;

    assert_refused(&forgot, "subject sums: the topology uses topic out, which is not listed");
    assert_refused(&invented, "subject sums: the topology has no store summs");
}

static void write_to_a_partition_that_is_none(void *user, sf_simulation_random *random,
                                              sf_arena *arena, sf_simulation_input *input)
{
    (void)user;
    (void)random;
    (void)arena;
    input->topic = "in";
    input->partition = -7;
}

static void a_generator_that_writes_nowhere_is_named(void **state)
{
    const sf_simulation_subject *subjects = *state;
    sf_simulation_subject wrong = subjects[0];
    sf_simulation_report report;

    wrong.generate = write_to_a_partition_that_is_none;
    report = run(&wrong, 1);

    assert_false(report.passed);
    assert_string_equal(report.failure, "the generator wrote to partition -7 of in, which is no "
                                        "input or has no such partition");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histories_come_out_as_their_models_say),
        cmocka_unit_test(without_faults_each_record_is_counted_once),
        cmocka_unit_test(histories_that_once_failed_pass),
        cmocka_unit_test(a_seed_is_the_whole_history),
        cmocka_unit_test(where_memory_lies_changes_nothing_of_a_history),
        cmocka_unit_test(traces_are_those_that_another_machine_recorded),
        cmocka_unit_test(the_first_difference_is_named),
        cmocka_unit_test(faults_that_are_not_needed_are_left_out),
        cmocka_unit_test(a_subject_without_input_is_refused),
        cmocka_unit_test(what_a_subject_forgot_or_invented_is_named),
        cmocka_unit_test(a_generator_that_writes_nowhere_is_named),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
