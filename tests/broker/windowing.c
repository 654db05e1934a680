/* windowing SERVERS APPLICATION STATE INPUT - an application all of whose topics are read by clients that others
 * wrote (test_interop.py): keys are bytes as they are.
 *
 *   INPUT -> echo                     as it came: times, headers, nulls
 *         -> counts, counts-out       records of each key
 *         -> hours, hours-out         of each key and hour
 *         -> visits, visits-out       of each key and session, a minute apart at most
 *
 * It says "running" on standard output once it is; SIGTERM closes it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <stateful/stateful.h>

enum { PATIENCE_MS = 30000, LOOK_MS = 100 };

#define MINUTE_MS (60 * (int64_t)1000)
#define DAY_MS (24 * 60 * MINUTE_MS)

static void add_count(sf_grouped *grouped, const char *store, const char *out)
{
    sf_stream_to(sf_table_to_stream(sf_grouped_count(grouped, store)), out);
}

static sf_status build(const char *input, sf_topology **topology, sf_error *err)
{
    const sf_window hour = {.size_ms = 60 * MINUTE_MS, .grace_ms = DAY_MS};
    const sf_session_window minute = {.gap_ms = MINUTE_MS, .grace_ms = DAY_MS};
    sf_builder *builder = sf_builder_new();
    sf_stream *records = sf_builder_stream(builder, input, NULL);
    sf_status status;

    sf_stream_to(records, "echo");
    add_count(sf_stream_group_by_key(records, NULL), "counts", "counts-out");
    add_count(sf_grouped_windowed(sf_stream_group_by_key(records, NULL), hour), "hours",
              "hours-out");
    add_count(sf_grouped_sessions(sf_stream_group_by_key(records, NULL), minute), "visits",
              "visits-out");
    status = sf_builder_build(builder, topology, err);
    sf_builder_free(builder);
    return status;
}

/* Until it is told to end or fails. */
static sf_status serve(sf_streams *streams, const sigset_t *signals, sf_error *err)
{
    const struct timespec patience = {0, LOOK_MS * 1000000L};

    if (!sf_streams_wait(streams, SF_STREAMS_RUNNING, PATIENCE_MS))
        return sf_streams_error(streams, err) ? SF_STOP
                                              : sf_fail(err, SF_TIMED_OUT, "it does not run");
    puts("running");
    fflush(stdout);
    while (sigtimedwait(signals, NULL, &patience) != SIGTERM) {
        if (sf_streams_error(streams, err))
            return SF_STOP;
    }
    return sf_streams_close(streams, PATIENCE_MS, err);
}

static sf_status run(char **argv, const sf_topology *topology, const sigset_t *signals,
                     sf_error *err)
{
    const sf_config config = {
        .application_id = argv[2],
        .bootstrap_servers = argv[1],
        .state_dir = argv[3],
    };
    sf_streams *streams = NULL;
    sf_status status = sf_streams_new(topology, &config, &streams, err);

    if (!status)
        status = sf_streams_start(streams, err);
    if (!status)
        status = serve(streams, signals, err);
    sf_streams_free(streams);
    return status;
}

int main(int argc, char **argv)
{
    sf_topology *topology = NULL;
    sf_error err = {0};
    sigset_t signals;
    sf_status status;

    if (argc != 5) {
        fprintf(stderr, "windowing SERVERS APPLICATION STATE INPUT\n");
        return 2;
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL); /* before there are threads: theirs too */
    status = build(argv[4], &topology, &err);
    if (!status)
        status = run(argv, topology, &signals, &err);
    sf_topology_free(topology);
    if (status)
        fprintf(stderr, "windowing: %s\n", err.text);
    return status ? 1 : 0;
}
