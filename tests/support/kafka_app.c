#include "support/kafka_app.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <stateful/broker_group.h>

#include "base/memory.h"
#include "check.h"
#include "record/record_batch.h"
#include "support/broker_fixture.h"
#include "support/broker_reading.h"
#include "support/numbers.h"
#include "support/state_directory_fixture.h"
#include "support/sums_process.h"

enum { PATIENCE_MS = 60000, LOAD_KEYS = 23, ROUND_MS = 5 };

static int64_t now_ms(void)
{
    return sf_clock_monotonic_us(sf_clock_system()) / 1000;
}

static void wait_ms(int64_t ms)
{
    const struct timespec time = {ms / 1000, (ms % 1000) * 1000000};

    (void)nanosleep(&time, NULL);
}

/* The numbers bear times of long ago, which a broker would take for expired. */
static const char *make_topic(sf_broker *broker, const char *word)
{
    static const sf_topic_config for_ever = {"retention.ms", "-1"};
    const sf_topic_spec spec = {
        .name = kafka_fixture_name(word),
        .partitions = KAFKA_APP_PARTITIONS,
        .configs = &for_ever,
        .config_count = 1,
    };

    assert_ok(sf_broker_create_topic(broker, &spec, NULL, err));
    return spec.name;
}

kafka_app kafka_app_make(void)
{
    kafka_app app = {.broker = kafka_fixture_open()};

    app.in = make_topic(app.broker, "in");
    app.out = make_topic(app.broker, "out");
    app.directory = sf_test_directory_make();
    app.config = (sf_config){
        .application_id = kafka_fixture_name("sums"),
        .bootstrap_servers = kafka_fixture_servers(),
        .state_dir = app.directory,
    };
    return app;
}

void kafka_app_done(kafka_app *app)
{
    (void)sf_broker_delete_topic(app->broker, app->in, NULL); /* the broker may not be ours: tidy */
    (void)sf_broker_delete_topic(app->broker, app->out, NULL);
    sf_broker_close(app->broker);
    sf_test_directory_remove(app->directory);
}

/* ---- who has what ---- */

static bool describe(const kafka_app *app, sf_arena *arena, sf_group_description *group)
{
    return !sf_broker_describe_group(app->broker, app->config.application_id, arena, group, NULL) &&
           !strcmp(group->state, "Stable");
}

static bool is_member_of(const sf_group_member *member, const char *instance_id)
{
    return strstr(member->client_id, instance_id) != NULL;
}

unsigned kafka_app_owned_by(const kafka_app *app, const char *instance_id)
{
    sf_arena *arena = sf_arena_new();
    sf_group_description group = {0};
    unsigned owned = 0;

    while (!describe(app, arena, &group))
        wait_ms(20);
    for (size_t i = 0; i < group.member_count; i++) {
        for (size_t k = 0;
             is_member_of(&group.members[i], instance_id) && k < group.members[i].assigned_count;
             k++)
            owned |= 1u << group.members[i].assigned[k].partition;
    }
    sf_arena_free(arena);
    return owned;
}

int kafka_app_tasks_of(const kafka_app *app, const char *instance_id)
{
    sf_arena *arena = sf_arena_new();
    sf_group_description group = {0};
    int count = describe(app, arena, &group) ? 0 : -1;

    for (size_t i = 0; count >= 0 && i < group.member_count; i++) {
        if (is_member_of(&group.members[i], instance_id))
            count += (int)group.members[i].assigned_count;
    }
    sf_arena_free(arena);
    return count;
}

void kafka_app_wait_for_shares(const kafka_app *app, const char *const *instance_ids, size_t count,
                               int tasks_each)
{
    int64_t began = now_ms();

    for (size_t i = 0; i < count;) {
        int tasks = kafka_app_tasks_of(app, instance_ids[i]);

        if (tasks == tasks_each) {
            i++;
            continue;
        }
        i = 0;
        if (now_ms() - began > PATIENCE_MS)
            fail_msg("instance %s has %d tasks, not %d", instance_ids[i], tasks, tasks_each);
        wait_ms(20);
    }
}

/* ---- kills ---- */

static bool has_open_transaction(const kafka_app *app, unsigned partitions)
{
    bool has = false;

    for (int32_t p = 0; p < KAFKA_APP_PARTITIONS; p++) {
        sf_watermarks marks = {0};

        if (!(partitions & 1u << p))
            continue;
        assert_ok(sf_broker_watermarks(app->broker, app->out, p, &marks, err));
        has = has || marks.last_stable < marks.high;
    }
    return has;
}

/* Stands still so that what was on the way, a commit's markers among it, has arrived when it is judged. */
void kafka_app_kill_in_transaction(const kafka_app *app, pid_t process, unsigned partitions)
{
    int64_t began = now_ms();
    bool has = false;

    for (int32_t round = 0; !has; round++) {
        if (now_ms() - began > PATIENCE_MS)
            fail_msg("process %d is never seen with an open transaction", (int)process);
        wait_ms(50 + round % 10 * 40);
        assert_int_equal(kill(process, SIGSTOP), 0);
        wait_ms(200);
        has = has_open_transaction(app, partitions);
        if (has) {
            wait_ms(1000); /* markers may take their time */
            has = has_open_transaction(app, partitions);
        }
        if (!has)
            assert_int_equal(kill(process, SIGCONT), 0);
    }
    sums_process_kill(process);
}

/* ---- load ---- */

struct kafka_app_load {
    const kafka_app *app;
    pthread_t id;
    atomic_bool is_over;
    size_t written;
    sf_consumer *consumer;
    sf_reader *readers[KAFKA_APP_PARTITIONS];
    pthread_mutex_t lock; /* around what follows */
    int64_t seen_ms[KAFKA_APP_PARTITIONS];
    int64_t pause_ms[KAFKA_APP_PARTITIONS];
    bool has_moved[KAFKA_APP_PARTITIONS];
};

static void write_round(kafka_app_load *load, number_writer *writer)
{
    for (int i = 0; i < LOAD_KEYS; i++) {
        char key[NUMBER_KEY_SIZE];

        snprintf(key, sizeof(key), "key-%d", i);
        number_write(writer, load->app->in, key, (int64_t)(load->written % 1000),
                     1000000 + (int64_t)load->written);
        load->written++;
    }
}

static void look(kafka_app_load *load)
{
    for (int p = 0; p < KAFKA_APP_PARTITIONS; p++) {
        sf_record_batch *batch = NULL;
        int64_t now;

        assert_ok(sf_reader_read(load->readers[p], 4096, &batch, err));
        if (!batch)
            continue;
        batch->release(batch);
        now = now_ms();
        pthread_mutex_lock(&load->lock);
        if (now - load->seen_ms[p] > load->pause_ms[p])
            load->pause_ms[p] = now - load->seen_ms[p];
        load->seen_ms[p] = now;
        load->has_moved[p] = true;
        pthread_mutex_unlock(&load->lock);
    }
}

static void *run(void *user)
{
    kafka_app_load *load = user;
    number_writer *writer = number_writer_open(load->app->broker);

    while (!atomic_load(&load->is_over)) {
        write_round(load, writer);
        look(load);
        wait_ms(ROUND_MS);
    }
    number_writer_close(writer);
    return NULL;
}

kafka_app_load *kafka_app_load_start(const kafka_app *app)
{
    kafka_app_load *load = sf_zalloc(sizeof(*load));

    load->app = app;
    pthread_mutex_init(&load->lock, NULL);
    assert_ok(sf_consumer_new(app->broker, NULL, &load->consumer, err));
    for (int p = 0; p < KAFKA_APP_PARTITIONS; p++)
        load->readers[p] = read_from(load->consumer, app->out, p, SF_OFFSET_END);
    kafka_app_load_begin_measure(load);
    assert_int_equal(pthread_create(&load->id, NULL, run, load), 0);
    return load;
}

size_t kafka_app_load_stop(kafka_app_load *load)
{
    size_t written;

    atomic_store(&load->is_over, true);
    assert_int_equal(pthread_join(load->id, NULL), 0);
    written = load->written;
    sf_consumer_close(load->consumer);
    pthread_mutex_destroy(&load->lock);
    free(load);
    return written;
}

void kafka_app_load_begin_measure(kafka_app_load *load)
{
    pthread_mutex_lock(&load->lock);
    for (int p = 0; p < KAFKA_APP_PARTITIONS; p++) {
        load->seen_ms[p] = now_ms();
        load->pause_ms[p] = 0;
        load->has_moved[p] = false;
    }
    pthread_mutex_unlock(&load->lock);
}

bool kafka_app_load_has_moved(kafka_app_load *load, int32_t partition)
{
    bool has;

    pthread_mutex_lock(&load->lock);
    has = load->has_moved[partition];
    pthread_mutex_unlock(&load->lock);
    return has;
}

int64_t kafka_app_load_pause_ms(kafka_app_load *load, int32_t partition)
{
    int64_t pause, since;

    pthread_mutex_lock(&load->lock);
    since = now_ms() - load->seen_ms[partition];
    pause = since > load->pause_ms[partition] ? since : load->pause_ms[partition];
    pthread_mutex_unlock(&load->lock);
    return pause;
}

int64_t kafka_app_load_since_ms(kafka_app_load *load, unsigned partitions)
{
    int64_t longest = 0;

    pthread_mutex_lock(&load->lock);
    for (int p = 0; p < KAFKA_APP_PARTITIONS; p++) {
        int64_t since = now_ms() - load->seen_ms[p];

        if (partitions & 1u << p && since > longest)
            longest = since;
    }
    pthread_mutex_unlock(&load->lock);
    return longest;
}
