#include <stateful/simulation.h>

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <stateful/log.h>

#include "base/file.h"
#include "base/memory.h"
#include "simulation/fault_plan.h"
#include "simulation/history.h"
#include "simulation/simulation_subject_implementation.h"

/* ---- one history ---- */

sf_status sf_simulation_run(const sf_simulation_subject *subject,
                            const sf_simulation_options *options, sf_simulation_report *report,
                            sf_error *err)
{
    sf_status status = sf_simulation_subject_check(subject, err);

    return status ? status : sf_history_run(subject, options, report, err);
}

sf_status sf_simulation_shrink(const sf_simulation_subject *subject,
                               const sf_simulation_options *options, bool *left_out,
                               sf_simulation_report *report, sf_error *err)
{
    size_t faults = report->faults;
    sf_simulation_options fewer = *options;
    sf_simulation_report tried;
    bool has_shrunk = true;
    sf_status status = SF_OK;

    memset(left_out, 0, faults * sizeof(left_out[0]));
    fewer.left_out = left_out;
    fewer.left_out_count = faults;
    fewer.trace = NULL;
    while (!status && has_shrunk) { /* leaving one out may make another superfluous */
        has_shrunk = false;
        for (size_t i = 0; !status && i < faults; i++) {
            if (left_out[i])
                continue;
            left_out[i] = true;
            status = sf_simulation_run(subject, &fewer, &tried, err);
            left_out[i] = !status && !tried.passed;
            if (left_out[i]) {
                *report = tried;
                has_shrunk = true;
            }
        }
    }
    return status;
}

_Static_assert(SF_FAULT_KINDS <= (int)SF_SIMULATION_FAULT_KINDS_MAX, "reports count each kind");

const char *sf_simulation_fault_name(size_t kind)
{
    return kind < SF_FAULT_KINDS ? sf_fault_kind_name((sf_fault_kind)kind) : NULL;
}

/* ---- a program ---- */

typedef struct program {
    const sf_simulation_subject *subjects;
    size_t count;
    uint64_t from;
    uint64_t seeds;
    uint64_t one_on_rocksdb; /* in so many; 0: none */
    const char *only;
    bool traces;
    bool prints_each;
    bool without_faults;
    bool keeps_all_faults;
} program;

static void say_nothing(void *user, sf_log_level level, const char *line)
{
    (void)user;
    (void)level;
    (void)line;
}

/* False: it has been said what is wrong with it. */
static bool read_number(const char *option, const char *text, uint64_t least, uint64_t *number)
{
    char *end;

    errno = 0;
    *number = strtoull(text, &end, 10);
    if (isdigit((unsigned char)*text) && !*end && !errno && *number >= least)
        return true;
    fprintf(stderr, "--%s is '%s', not a whole number from %" PRIu64 " on\n", option, text, least);
    return false;
}

/* The same. */
static bool read_options(program *run, int argc, char **argv)
{
    static const struct option options[] = {
        {"seed", required_argument, NULL, 's'},
        {"seeds", required_argument, NULL, 'n'},
        {"from", required_argument, NULL, 'f'},
        {"subject", required_argument, NULL, 'u'},
        {"rocksdb", required_argument, NULL, 'r'},
        {"trace", no_argument, NULL, 't'},
        {"without-faults", no_argument, NULL, 'w'},
        {"no-shrinking", no_argument, NULL, 'k'},
        {NULL, 0, NULL, 0},
    };
    bool is_fine = true;
    int option;

    optind = 1; /* a program may call this more than once */
    while (is_fine && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 's':
            is_fine = read_number("seed", optarg, 0, &run->from);
            run->seeds = 1;
            run->prints_each = true;
            break;
        case 'n':
            is_fine = read_number("seeds", optarg, 1, &run->seeds);
            break;
        case 'f':
            is_fine = read_number("from", optarg, 0, &run->from);
            break;
        case 'r':
            is_fine = read_number("rocksdb", optarg, 0, &run->one_on_rocksdb);
            break;
        case 'u':
            run->only = optarg;
            break;
        case 't':
            run->traces = true;
            break;
        case 'w':
            run->without_faults = true;
            break;
        case 'k':
            run->keeps_all_faults = true;
            break;
        default:
            is_fine = false;
        }
    }
    if (is_fine && optind < argc) {
        fprintf(stderr, "'%s' is no option\n", argv[optind]);
        is_fine = false;
    }
    return is_fine;
}

static bool is_wanted(const program *run, const sf_simulation_subject *subject)
{
    return !run->only || !strcmp(run->only, subject->name);
}

/* False: it has been said that nobody has the name that is wanted. */
static bool has_wanted(const program *run)
{
    for (size_t i = 0; i < run->count; i++)
        if (is_wanted(run, &run->subjects[i]))
            return true;
    fprintf(stderr, "there is no subject '%s', but", run->only ? run->only : "");
    for (size_t i = 0; i < run->count; i++)
        fprintf(stderr, "%s %s", i ? "," : "", run->subjects[i].name);
    fprintf(stderr, "\n");
    return false;
}

static bool is_on_rocksdb(const program *run, uint64_t seed)
{
    return run->one_on_rocksdb && seed % run->one_on_rocksdb == 0;
}

static char *make_directory(void)
{
    const char *parent = getenv("TMPDIR");
    char *path = sf_text_printf("%s/simulation-XXXXXX", parent ? parent : "/tmp");

    if (mkdtemp(path))
        return path;
    free(path);
    return NULL;
}

/* Runs one; its directory, if it has one, is removed. */
static sf_status run_one(const program *run, const sf_simulation_subject *subject, uint64_t seed,
                         sf_simulation_report *report, sf_error *err)
{
    bool on_rocksdb = is_on_rocksdb(run, seed);
    char *directory = on_rocksdb ? make_directory() : NULL;
    sf_status status;

    if (on_rocksdb && !directory)
        return sf_fail(err, SF_IO, "no directory can be made below TMPDIR");
    status = sf_simulation_run(subject,
                               &(sf_simulation_options){
                                   .seed = seed,
                                   .without_faults = run->without_faults,
                                   .directory = directory,
                                   .trace = run->traces ? stdout : NULL,
                               },
                               report, err);
    if (directory)
        (void)sf_directory_remove(directory, NULL); /* temporary anyway */
    free(directory);
    return status;
}

static void print_failure(const program *run, const sf_simulation_subject *subject, uint64_t seed,
                          sf_simulation_report *report)
{
    bool left_out[SF_SIMULATION_FAULTS_MAX];
    char first[sizeof(report->failure)];
    sf_error error = {0};

    memcpy(first, report->failure, sizeof(first));
    sf_log_set(say_nothing, NULL, SF_LOG_ERROR);
    printf("subject %s, seed %" PRIu64 " FAILED: %s\n", subject->name, seed, first);
    if (run->keeps_all_faults)
        return;
    if (sf_simulation_shrink(subject,
                             &(sf_simulation_options){
                                 .seed = seed,
                                 .without_faults = run->without_faults,
                             },
                             left_out, report, &error)) {
        printf("it cannot be shrunk: %s\n", error.text);
        return;
    }
    printf("with these faults alone: %s\n", report->failure);
    for (size_t i = 0; i < report->faults; i++) {
        if (!left_out[i] && !run->without_faults)
            printf("    %s\n", report->fault_texts[i]);
    }
    printf("again: --subject %s --seed %" PRIu64 "%s --trace\n", subject->name, seed,
           is_on_rocksdb(run, seed) ? " --rocksdb 1" : "");
}

typedef struct totals {
    uint64_t histories, records, processes, commits, aborts, rebuilds, restored;
    uint64_t struck[SF_FAULT_KINDS];
    uint64_t hash;
} totals;

static void add(totals *sum, const sf_simulation_report *report)
{
    sum->histories++;
    sum->records += report->records;
    sum->processes += report->processes;
    sum->commits += report->commits;
    sum->aborts += report->aborts;
    sum->rebuilds += report->rebuilds;
    sum->restored += report->restored;
    for (size_t kind = 0; kind < SF_FAULT_KINDS; kind++)
        sum->struck[kind] += report->struck[kind];
    sum->hash = (sum->hash ^ report->trace_hash) * 0x100000001b3u;
}

static void print_totals(const char *name, const totals *sum)
{
    printf("%s: %" PRIu64 " histories, %" PRIu64 " records, %" PRIu64 " processes, %" PRIu64
           " commits, %" PRIu64 " taken back, %" PRIu64 " rebuilt, %" PRIu64
           " restored, traces %016" PRIx64 "\n",
           name, sum->histories, sum->records, sum->processes, sum->commits, sum->aborts,
           sum->rebuilds, sum->restored, sum->hash);
    for (size_t kind = 0; kind < SF_FAULT_KINDS; kind++)
        printf("%s%s %" PRIu64, kind ? ", " : "    faults: ", sf_simulation_fault_name(kind),
               sum->struck[kind]);
    printf("\n");
}

/* Whether all went well. */
static bool run_subject(const program *run, const sf_simulation_subject *subject)
{
    totals sum = {0};

    for (uint64_t seed = run->from; seed < run->from + run->seeds; seed++) {
        sf_simulation_report report;
        sf_error error = {0};

        if (run_one(run, subject, seed, &report, &error)) {
            printf("subject %s cannot be simulated: %s\n", subject->name, error.text);
            return false;
        }
        if (run->prints_each)
            printf("%s, seed %" PRIu64 ": trace %016" PRIx64 "\n", subject->name, seed,
                   report.trace_hash);
        if (!report.passed) {
            print_failure(run, subject, seed, &report);
            return false;
        }
        add(&sum, &report);
    }
    print_totals(subject->name, &sum);
    return true;
}

int sf_simulation_main(int argc, char **argv, const sf_simulation_subject *subjects, size_t count)
{
    program run = {.subjects = subjects, .count = count, .from = 1, .seeds = 100};
    size_t wanted = 0;
    size_t failed = 0;

    if (!read_options(&run, argc, argv) || !has_wanted(&run)) {
        fprintf(stderr,
                "usage: %s [--seed N [--trace] | --seeds N [--from N]] [--subject NAME] "
                "[--rocksdb N] [--without-faults] [--no-shrinking]\n",
                argv[0]);
        return 2;
    }
    if (!run.traces)
        sf_log_set(say_nothing, NULL, SF_LOG_ERROR);
    for (size_t i = 0; i < count; i++) {
        if (!is_wanted(&run, &subjects[i]))
            continue;
        wanted++;
        failed += !run_subject(&run, &subjects[i]);
    }
    printf("%zu passed, %zu failed, 0 skipped\n", wanted - failed, failed);
    return failed ? 1 : 0;
}
