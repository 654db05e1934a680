/* ledger NAME=VALUE... - the application of ledger_topology.h as a process, to be killed, frozen and asked
 * from outside. It says on standard error, each line with the wall clock in ms in front, what the library
 * logs.
 *
 *   servers, app, state, instance    where and who it is
 *   commit_ms, session_ms, transaction_ms, task_timeout_ms, threads, ticks_ms
 *   dump=FILE                        where SIGUSR1 writes what the stores here hold, a line an entry:
 *                                    store TAB partition TAB key TAB start TAB value
 *   freeze=STEP:COMMIT               stops itself (SIGSTOP) after that step of that commit, see runtime/commit.c;
 *                                    what was sent until then has been delivered by then
 *   hold=STEP:COMMIT:FILE            the thread that comes there first waits until FILE is gone
 *   set.NAME=VALUE                   a setting of librdkafka
 *
 * SIGTERM closes it; it ends with 0, or with 3 if it failed.
 */
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <stateful/stateful.h>

#include "base/memory.h"
#include "runtime/streams_implementation.h"
#include "store/registry.h"
#include "support/ledger_topology.h"

enum { SETTINGS = 16, FAILED = 3, CLOSE_MS = 20000, LOOK_MS = 100 };

typedef struct ledger {
    int argc;
    char **argv;
    sf_broker_setting settings[SETTINGS];
    size_t setting_count;
    sf_streams *streams;
    int step, commit; /* at which freeze or hold is to strike */
    const char *hold; /* file, or NULL: freeze */
    atomic_int commits;
} ledger;

/* ---- options ---- */

static const char *option(const ledger *self, const char *name, const char *usual)
{
    size_t size = strlen(name);

    for (int i = 1; i < self->argc; i++) {
        if (!strncmp(self->argv[i], name, size) && self->argv[i][size] == '=')
            return self->argv[i] + size + 1;
    }
    return usual;
}

static long number(const ledger *self, const char *name, const char *usual)
{
    return strtol(option(self, name, usual), NULL, 10);
}

static void read_settings(ledger *self)
{
    for (int i = 1; i < self->argc && self->setting_count < SETTINGS; i++) {
        char *end = strchr(self->argv[i], '=');

        if (strncmp(self->argv[i], "set.", 4) != 0 || !end)
            continue;
        *end = '\0';
        self->settings[self->setting_count++] = (sf_broker_setting){self->argv[i] + 4, end + 1};
    }
}

static void read_fault(ledger *self)
{
    const char *freeze = option(self, "freeze", "");
    const char *hold = option(self, "hold", "");

    if (sscanf(freeze, "%d:%d", &self->step, &self->commit) == 2)
        return;
    if (sscanf(hold, "%d:%d", &self->step, &self->commit) == 2)
        self->hold = strchr(strchr(hold, ':') + 1, ':') + 1;
}

static sf_config configuration(const ledger *self)
{
    return (sf_config){
        .application_id = option(self, "app", "ledger"),
        .bootstrap_servers = option(self, "servers", NULL),
        .state_dir = option(self, "state", NULL),
        .instance_id = option(self, "instance", NULL),
        .commit_interval_ms = number(self, "commit_ms", "0"),
        .commit_min_interval_ms = number(self, "commit_ms", "0"),
        .session_timeout_ms = (int32_t)number(self, "session_ms", "0"),
        .transaction_timeout_ms = (int32_t)number(self, "transaction_ms", "0"),
        .task_timeout_ms = (int32_t)number(self, "task_timeout_ms", "0"),
        .num_stream_threads = (int32_t)number(self, "threads", "1"),
        .repartition_purge_interval_ms = -1, /* the check reads the repartition topics whole */
        .settings = self->settings,
        .setting_count = self->setting_count,
    };
}

/* ---- faults ---- */

static void sleep_ms(long ms)
{
    const struct timespec time = {ms / 1000, (ms % 1000) * 1000000};

    (void)nanosleep(&time, NULL); /* shorter is as good */
}

enum { DELIVERED_MS = 500 }; /* librdkafka's threads go on meanwhile */

static sf_status after_step(void *user, int step, sf_error *err)
{
    ledger *self = user;

    (void)err;
    if (step != self->step || atomic_fetch_add(&self->commits, 1) + 1 != self->commit)
        return SF_OK;
    sf_log(SF_LOG_INFO, "%s after step %d of commit %d", self->hold ? "held" : "frozen", step,
           self->commit);
    if (!self->hold) {
        sleep_ms(DELIVERED_MS);
        (void)raise(SIGSTOP); /* cannot fail */
    }
    while (self->hold && !access(self->hold, F_OK))
        sleep_ms(20);
    return SF_OK;
}

/* ---- what the stores hold ---- */

static void print_entry(FILE *file, const char *store, int32_t partition, sf_bytes key,
                        int64_t start, sf_bytes value)
{
    bool is_count = strcmp(store, "windows") == 0 || strcmp(store, "digits") == 0;
    int64_t count = 0;

    for (size_t i = 0; is_count && i < value.size; i++) /* sf_int64_serde, big-endian */
        count = count << 8 | value.data[i];
    fprintf(file, "%s\t%" PRId32 "\t%.*s\t%" PRId64 "\t", store, partition, (int)key.size,
            (const char *)key.data, start);
    if (is_count)
        fprintf(file, "%" PRId64 "\n", count);
    else
        fprintf(file, "%.*s\n", (int)value.size, (const char *)value.data);
}

static sf_status print_rows(FILE *file, const char *store, sf_published *published, sf_error *err)
{
    sf_key_value_iterator *iterator;
    sf_bytes key;
    sf_stored stored;
    sf_status status =
        sf_published_range(published, (sf_bytes){0}, (sf_bytes){0}, false, &iterator, err);

    if (status)
        return status;
    while (sf_key_value_iterator_next(iterator, &key, &stored, &status, err))
        print_entry(file, store, sf_published_partition(published), key, 0, stored.value);
    sf_key_value_iterator_free(iterator);
    return status;
}

static sf_status print_windows(FILE *file, const char *store, sf_published *published,
                               sf_error *err)
{
    sf_window_iterator *iterator;
    sf_bytes key;
    int64_t start;
    sf_stored stored;
    sf_status status = sf_published_fetch_all(published, 0, INT64_MAX, &iterator, err);

    if (status)
        return status;
    while (sf_window_iterator_next(iterator, &key, &start, &stored, &status, err))
        print_entry(file, store, sf_published_partition(published), key, start, stored.value);
    sf_window_iterator_free(iterator);
    return status;
}

static sf_status print_store(ledger *self, FILE *file, const char *store, sf_error *err)
{
    sf_state *state = sf_streams_published_state(self->streams);
    size_t count = 0;
    sf_published **published = state ? sf_registry_acquire(state, store, &count) : NULL;
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < count; i++)
        status = sf_published_kind(published[i]) == SF_WINDOW_STORE
                     ? print_windows(file, store, published[i], err)
                     : print_rows(file, store, published[i], err);
    if (published)
        sf_registry_release(published, count);
    return status;
}

static sf_status dump(ledger *self, sf_error *err)
{
    static const char *const stores[] = {"running", "prices", "windows", "digits", "ticks"};
    const char *path = option(self, "dump", "dump");
    char *draft = sf_text_printf("%s.draft", path);
    FILE *file = fopen(draft, "w");
    sf_status status = file ? SF_OK : sf_fail(err, SF_IO, "cannot write %s", draft);

    for (size_t i = 0; !status && i < SF_ARRAY_LENGTH(stores); i++)
        status = print_store(self, file, stores[i], err);
    if (file && fclose(file) != 0 && !status)
        status = sf_fail(err, SF_IO, "cannot write %s", draft);
    if (!status && rename(draft, path) != 0)
        status = sf_fail(err, SF_IO, "cannot make %s", path);
    free(draft);
    return status;
}

/* ---- life ---- */

static void say(void *user, sf_log_level level, const char *line)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    struct timespec now;

    (void)user;
    clock_gettime(CLOCK_REALTIME, &now);
    fprintf(stderr, "%lld%03ld %s %s\n", (long long)now.tv_sec, now.tv_nsec / 1000000, names[level],
            line);
}

static int complain(const sf_error *error)
{
    sf_log(SF_LOG_ERROR, "the ledger ends: %s", error->text);
    return FAILED;
}

/* Until it is told to end or fails. */
static sf_status serve(ledger *self, const sigset_t *signals, sf_error *err)
{
    const struct timespec patience = {0, LOOK_MS * 1000000L};
    sf_status status = SF_OK;
    int signal = 0;

    while (!status && signal != SIGTERM) {
        signal = sigtimedwait(signals, NULL, &patience);
        if (signal == SIGUSR1)
            status = dump(self, err);
        if (!status && sf_streams_error(self->streams, err))
            status = SF_STOP;
    }
    return status;
}

static sf_status run(ledger *self, const sf_topology *topology, const sigset_t *signals,
                     sf_error *err)
{
    sf_config config = configuration(self);
    sf_status status = sf_streams_new(topology, &config, &self->streams, err);

    if (status)
        return status;
    if (self->step)
        sf_streams_set_commit_hook(self->streams, after_step, self);
    status = sf_streams_start(self->streams, err);
    if (!status)
        status = serve(self, signals, err);
    if (!status)
        status = sf_streams_close(self->streams, CLOSE_MS, err);
    if (!status && sf_streams_error(self->streams, err))
        status = SF_STOP;
    if (!status)
        sf_streams_free(self->streams);
    return status;
}

int main(int argc, char **argv)
{
    ledger self = {.argc = argc, .argv = argv};
    sf_topology *topology;
    sf_error error = {0};
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* before there are threads: theirs too */
    setvbuf(stderr, NULL, _IOLBF, 0);
    sf_log_set(say, NULL, SF_LOG_INFO);
    read_settings(&self);
    read_fault(&self);
    if (ledger_topology_new(number(&self, "ticks_ms", "0"), &topology, &error))
        return complain(&error);
    if (run(&self, topology, &signals, &error))
        return complain(&error);
    sf_topology_free(topology);
    return EXIT_SUCCESS;
}
