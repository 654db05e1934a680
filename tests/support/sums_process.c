#include "support/sums_process.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "support/sums_app.h"

static const char MARK[] = "--sums-process";

enum { FAILED = 3, RESTORED_TOO_MUCH = 4, ARGUMENTS = 17, LOOK_MS = 50, CLOSE_MS = 30000 };

/* ---- the child ---- */

static int complain(const char *what, const sf_error *error)
{
    fprintf(stderr, "sums process: %s: %s\n", what, error->text);
    return FAILED;
}

static sf_config read_config(char **argv)
{
    return (sf_config){
        .application_id = argv[5],
        .bootstrap_servers = argv[6],
        .state_dir = argv[7],
        .commit_interval_ms = atol(argv[8]),
        .commit_min_interval_ms = atol(argv[8]),
        .num_stream_threads = atoi(argv[9]),
        .membership = (sf_membership)atoi(argv[12]),
        .session_timeout_ms = atoi(argv[13]),
        .transaction_timeout_ms = atoi(argv[14]),
        .application_server = argv[15][0] ? argv[15] : NULL,
        .instance_id = argv[16][0] ? argv[16] : NULL,
    };
}

static int check_restored(const sf_streams *streams, const char *most)
{
    sf_streams_counters counters;

    sf_streams_counters_get(streams, &counters);
    if (counters.restored <= (uint64_t)atol(most))
        return 0;
    fprintf(stderr, "sums process: restored %" PRIu64 " records\n", counters.restored);
    return RESTORED_TOO_MUCH;
}

/* SIGTERM is blocked in all threads, so that it waits until it is looked for. */
static int close_when_told(sf_streams *streams, const char *most)
{
    const struct timespec moment = {0, LOOK_MS * 1000000};
    sf_error error = {0};
    sigset_t term;

    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    while (sigtimedwait(&term, NULL, &moment) != SIGTERM) {
        if (sf_streams_error(streams, &error))
            return complain("it ended", &error);
    }
    if (sf_streams_close(streams, CLOSE_MS, &error) || sf_streams_error(streams, &error))
        return complain("it did not close well", &error);
    return check_restored(streams, most);
}

static void block_term(void)
{
    sigset_t term;

    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &term, NULL); /* takes any set */
}

static int run(char **argv)
{
    sf_config config = read_config(argv);
    sf_topology *topology = !strcmp(argv[2], "digits") ? digit_sums_topology(argv[3], argv[4])
                                                       : sums_topology(argv[3], argv[4]);
    sf_streams *streams;
    sf_error error = {0};
    int code;

    block_term();
    if (sf_streams_new(topology, &config, &streams, &error) || sf_streams_start(streams, &error))
        return complain("it did not start", &error);
    if (!sf_streams_wait(streams, SF_STREAMS_RUNNING, -1)) {
        (void)sf_streams_error(streams, &error); /* there is one */
        return complain("it does not run", &error);
    }
    code = check_restored(streams, argv[10]);
    if (code)
        return code;
    if (write(atoi(argv[11]), "r", 1) != 1)
        return FAILED;
    return close_when_told(streams, argv[10]);
}

void sums_process_main(int argc, char **argv)
{
    if (argc == ARGUMENTS && !strcmp(argv[1], MARK))
        _exit(run(argv));
}

/* ---- the parent ---- */

static void become_child(const sums_process_options *options, int said)
{
    const sf_config *config = options->config;
    char interval[24], threads[24], most[24], pipe_end[24], membership[24], session[24], open[24];
    char *argv[] = {(char *)"/proc/self/exe",
                    (char *)MARK,
                    (char *)options->topology,
                    (char *)options->in,
                    (char *)options->out,
                    (char *)config->application_id,
                    (char *)config->bootstrap_servers,
                    (char *)config->state_dir,
                    interval,
                    threads,
                    most,
                    pipe_end,
                    membership,
                    session,
                    open,
                    (char *)(config->application_server ? config->application_server : ""),
                    (char *)(config->instance_id ? config->instance_id : ""),
                    NULL};

    snprintf(interval, sizeof(interval), "%" PRId64, config->commit_interval_ms);
    snprintf(threads, sizeof(threads), "%d", config->num_stream_threads);
    snprintf(most, sizeof(most), "%ld", options->restored_most);
    snprintf(pipe_end, sizeof(pipe_end), "%d", said);
    snprintf(membership, sizeof(membership), "%d", (int)config->membership);
    snprintf(session, sizeof(session), "%d", config->session_timeout_ms);
    snprintf(open, sizeof(open), "%d", config->transaction_timeout_ms);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that failed leaves none behind */
    execv(argv[0], argv);
    _exit(127);
}

pid_t sums_process_start(const sums_process_options *options)
{
    int ends[2];
    char said;
    pid_t process;

    assert_int_equal(pipe(ends), 0);
    process = fork();
    assert_true(process >= 0);
    if (process == 0)
        become_child(options, ends[1]);
    close(ends[1]);
    if (read(ends[0], &said, 1) != 1)
        fail_msg("the application process ended before it ran");
    close(ends[0]);
    return process;
}

void sums_process_stop(pid_t process)
{
    int how;

    assert_int_equal(kill(process, SIGTERM), 0);
    assert_int_equal(waitpid(process, &how, 0), process);
    if (!WIFEXITED(how) || WEXITSTATUS(how))
        fail_msg("the application process did not close well, code %d", how);
}

void sums_process_kill(pid_t process)
{
    int how;

    assert_int_equal(kill(process, SIGKILL), 0);
    assert_int_equal(waitpid(process, &how, 0), process);
    if (!WIFSIGNALED(how))
        fail_msg("the application process had ended by itself, code %d", WEXITSTATUS(how));
}
