/* The relay's publisher, the real one, over simulated brokers and a simulated events table: two relays that
 * read on while they publish, are killed between publishing and marking, lose their leadership without noticing, and publish what
 * another one has published already. Readers go by versions: of each aggregate none may be missing in the
 * end, and none may come before the one below it - unless the producer gave a record up and delivered those
 * behind it; then what is marked stands behind what it follows. TEST_SEED=n runs history n alone, TEST_LONG=1 many. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "base/random.h"
#include "check.h"
#include "publisher.h"
#include "simulation/simulated_broker.h"
#include "simulation/simulated_host.h"

enum {
    HISTORIES = 1500,
    HISTORIES_LONG = 100000,
    AGGREGATES = 6,
    ROWS_MAX = 60,
    RELAYS = 2,
    STEPS = 140,
    ROUNDS_MAX = 4000,
};

static const publisher_topic topics[] = {
    {"product", "product-events", 0},
    {"order", "order-events", 1},
};

/* ---- the table ---- */

typedef struct table_row {
    int aggregate;
    int64_t version;
    bool is_committed;
    bool is_published; /* as marked */
    bool is_durable;   /* the mark: it is committed lazily */
    int32_t partition; /* as marked */
    int64_t offset;
} table_row;

typedef struct table {
    table_row rows[ROWS_MAX]; /* by id */
    size_t count;
    int64_t versions[AGGREGATES];
    bool is_locked[AGGREGATES]; /* by a command that is not committed */
    uint64_t leader;            /* a session; 0: nobody */
    uint64_t last_session;
} table;

/* Ids are given when a row is written, and seen when it is committed: not in the same order. */
static void write_row(table *events, sf_random *random)
{
    int aggregate = (int)sf_random_below(random, AGGREGATES);

    if (events->count == ROWS_MAX || events->is_locked[aggregate])
        return;
    events->is_locked[aggregate] = true;
    events->rows[events->count++] =
        (table_row){.aggregate = aggregate, .version = ++events->versions[aggregate]};
}

static void commit_row(table *events, size_t index)
{
    table_row *row = &events->rows[index];

    if (row->is_committed)
        return;
    row->is_committed = true;
    events->is_locked[row->aggregate] = false;
}

/* The database is killed: sessions are over, marks that were not flushed are gone. */
static void crash(table *events, sf_random *random)
{
    events->leader = 0;
    for (size_t i = 0; i < events->count; i++) {
        table_row *row = &events->rows[i];

        if (row->is_published && !row->is_durable && sf_random_below(random, 2))
            row->is_published = false;
        row->is_durable = row->is_published;
    }
}

/* ---- a relay, a process with a session ---- */

struct history;

typedef struct batch {
    outbox_row rows[ROWS_MAX];
    size_t count;
    bool is_full;
} batch;

typedef struct relay_process {
    struct history *history;
    sf_simulated_host *host; /* NULL: not started */
    struct publisher *publisher;
    uint64_t session; /* 0: not connected */
    batch next;       /* read, and not sent */
    batch under_way;
    batch sent; /* sent, and not marked */
    bool is_in_turn;
    bool is_busy;
} relay_process;

typedef struct history {
    sf_simulated_cluster cluster;
    sf_random random;
    table events;
    relay_process relays[RELAYS];
    bool is_calm;
} history;

static void step(relay_process *relay);
static void end_turn_meanwhile(void *user);

/* While one waits the other goes on, and sessions may end. */
static void meanwhile(void *user, sf_simulated_host *host, int64_t ms)
{
    history *one = user;

    (void)host;
    sf_simulated_cluster_advance(&one->cluster, ms * 1000);
    if (one->is_calm)
        return;
    if (sf_random_below(&one->random, 6) == 0)
        one->events.leader = 0; /* the connection is cut; its client has not noticed */
    step(&one->relays[sf_random_below(&one->random, RELAYS)]);
}

static bool gives_up(void *user)
{
    const relay_process *relay = user;

    sf_simulated_cluster_advance(&relay->history->cluster, 100 * 1000);
    return relay->host->is_dead || sf_random_below(&relay->history->random, 8) == 0;
}

static void start(relay_process *relay)
{
    relay->host = sf_zalloc(sizeof(*relay->host));
    sf_simulated_host_init(relay->host, sf_simulated_broker_ops(), &relay->history->cluster,
                           "relay");
    relay->host->meanwhile = meanwhile;
    relay->host->user = relay->history;
    relay->publisher = publisher_new(&(publisher_options){
        .broker = &relay->host->broker,
        .topics = topics,
        .topic_count = 2,
        .partitions = 2,
        .meanwhile = end_turn_meanwhile,
        .gives_up = gives_up,
        .user = relay,
    });
}

static void stop(relay_process *relay)
{
    if (!relay->host)
        return;
    relay->host->is_dead = true;
    publisher_free(relay->publisher);
    sf_simulated_host_done(relay->host);
    free(relay->host);
    if (relay->history->events.leader == relay->session)
        relay->history->events.leader = 0;
    relay->host = NULL;
    relay->session = 0;
}

/* ---- its round: as in relay.c and outbox.c ---- */

static void forget_batches(relay_process *relay)
{
    relay->next.count = relay->sent.count = 0;
}

static bool leads(relay_process *relay)
{
    table *events = &relay->history->events;

    if (!relay->session) {
        relay->session = ++events->last_session;
        forget_batches(relay);
    }
    if (!events->leader)
        events->leader = relay->session;
    return events->leader == relay->session;
}

static bool has_row(const batch *under_way, size_t id)
{
    for (size_t i = 0; under_way && i < under_way->count; i++)
        if (under_way->rows[i].id == (int64_t)id)
            return true;
    return false;
}

/* The first pending ones by id, without those under way. */
static void read_rows(const table *events, const batch *under_way, size_t most, batch *read)
{
    read->count = 0;
    for (size_t i = 0; i < events->count && read->count < most; i++) {
        const table_row *row = &events->rows[i];

        if (!row->is_committed || row->is_published || has_row(under_way, i))
            continue;
        read->rows[read->count++] = (outbox_row){
            .id = (int64_t)i,
            .event =
                {
                    .event_id = "5f0f6b7e-0000-4000-8000-000000000000",
                    .event_type = "Happened",
                    .aggregate_type = row->aggregate % 2 ? "order" : "product",
                    .aggregate_id = row->aggregate,
                    .version = row->version,
                    .schema = 1,
                    .payload = sf_bytes_text("{}"),
                    .headers = SF_NULL,
                },
        };
    }
    read->is_full = read->count == most;
}

static void mark_rows(history *one, const batch *sent)
{
    for (size_t i = 0; i < sent->count; i++) {
        const outbox_row *noted = &sent->rows[i];
        table_row *row = &one->events.rows[noted->id];

        if (noted->state != OUTBOX_PUBLISHED)
            continue;
        row->is_published = true;
        row->is_durable = sf_random_below(&one->random, 2);
        row->partition = noted->partition;
        row->offset = noted->offset;
    }
}

/* Marks what was sent; false: it is killed, or cut off, before that. */
static bool note_sent(relay_process *relay)
{
    history *one = relay->history;
    bool is_cut_off = !one->is_calm && sf_random_below(&one->random, 10) == 0;

    if (relay->host->is_dead)
        return false;
    if (is_cut_off && one->events.leader == relay->session)
        one->events.leader = 0;
    if (one->events.leader != relay->session) {
        relay->session = 0; /* it notices now that its connection is gone */
        return false;
    }
    mark_rows(one, &relay->sent);
    relay->sent.count = 0;
    return true;
}

/* And reads on. */
static bool take_turn(relay_process *relay, const batch *under_way)
{
    history *one = relay->history;

    if (!note_sent(relay))
        return false;
    read_rows(&one->events, under_way, 1 + (size_t)sf_random_below(&one->random, ROWS_MAX),
              &relay->next);
    return true;
}

static void end_turn_meanwhile(void *user)
{
    relay_process *relay = user;

    if (relay->is_in_turn)
        (void)take_turn(relay, &relay->under_way);
    relay->is_in_turn = false;
}

static bool is_all_published(const batch *of)
{
    for (size_t i = 0; i < of->count; i++)
        if (of->rows[i].state != OUTBOX_PUBLISHED)
            return false;
    return true;
}

static void send_next(relay_process *relay)
{
    sf_error error = {0};

    relay->under_way = relay->next;
    relay->next.count = 0;
    relay->is_in_turn = relay->under_way.is_full || relay->sent.count;
    /* The rows say what came of it. */
    (void)publisher_send(relay->publisher, relay->under_way.rows, relay->under_way.count, &error);
    end_turn_meanwhile(relay);
    relay->sent = relay->under_way;
    if (!is_all_published(&relay->sent))
        relay->next.count = 0;
    if (relay->session && !relay->next.count)
        (void)note_sent(relay);
}

static void publish(relay_process *relay)
{
    if (!relay->next.count && !take_turn(relay, NULL))
        return;
    if (relay->next.count)
        send_next(relay);
}

static void step(relay_process *relay)
{
    sf_error error = {0};

    if (relay->is_busy)
        return;
    relay->is_busy = true;
    if (!relay->host)
        start(relay);
    if (leads(relay) && !publisher_open(relay->publisher, &error))
        publish(relay);
    relay->is_busy = false;
    if (relay->host->is_dead)
        stop(relay);
}

/* ---- a history ---- */

static void strike(history *one)
{
    static const sf_strike kinds[] = {SF_STRIKE_KILL, SF_STRIKE_KILL_AFTER, SF_STRIKE_STALL,
                                      SF_STRIKE_LOSE};
    relay_process *relay = &one->relays[sf_random_below(&one->random, RELAYS)];

    if (!relay->host || relay->is_busy)
        return;
    relay->host->strike = kinds[sf_random_below(&one->random, 4)];
    relay->host->strike_in = (int)sf_random_below(&one->random, 8);
    relay->host->strike_for_ms = 1 + (int64_t)sf_random_below(&one->random, 400);
}

static void act(history *one)
{
    uint64_t chance = sf_random_below(&one->random, 100);

    if (chance < 35)
        write_row(&one->events, &one->random);
    else if (chance < 60 && one->events.count > 0)
        commit_row(&one->events, (size_t)sf_random_below(&one->random, one->events.count));
    else if (chance < 85)
        step(&one->relays[sf_random_below(&one->random, RELAYS)]);
    else if (chance < 92)
        strike(one);
    else if (chance < 94)
        crash(&one->events, &one->random);
    else if (chance < 95)
        one->cluster.away_until_ms = sf_simulated_cluster_now_ms(&one->cluster) +
                                     (int64_t)sf_random_below(&one->random, 500);
    else
        sf_simulated_cluster_advance(&one->cluster, (int64_t)sf_random_below(&one->random, 50000));
}

static bool is_done(const table *events)
{
    for (size_t i = 0; i < events->count; i++) {
        if (!events->rows[i].is_published)
            return false;
    }
    return true;
}

static void run_until_quiet(history *one)
{
    int rounds = 0;

    one->is_calm = true;
    one->cluster.weather = (sf_simulated_weather){0};
    one->cluster.away_until_ms = 0;
    for (size_t i = 0; i < one->events.count; i++)
        commit_row(&one->events, i);
    for (; !is_done(&one->events) && rounds < ROUNDS_MAX; rounds++) {
        for (int i = 0; i < RELAYS; i++) {
            if (one->relays[i].host)
                one->relays[i].host->strike = SF_STRIKE_NONE;
            step(&one->relays[i]);
        }
        sf_simulated_cluster_advance(&one->cluster, 5000);
    }
    assert_true(rounds < ROUNDS_MAX);
    sf_simulated_cluster_advance(&one->cluster, 10 * 1000 * 1000); /* what was on its way arrives */
}

/* ---- judgement ---- */

static int64_t version_of(const sf_record *record)
{
    static const char member[] = "\"version\":";
    const char *found = memmem(record->value.data, record->value.size, member, sizeof(member) - 1);

    assert_non_null(found);
    return strtoll(found + sizeof(member) - 1, NULL, 10);
}

static void judge_log(const sf_simulated_log *log, bool is_in_order, int64_t *newest)
{
    for (size_t i = 0; i < log->count; i++) {
        const sf_record *record = &log->entries[i].record;
        int aggregate = record->key.data[0] - '0';
        int64_t version = version_of(record);

        if (is_in_order && version > newest[aggregate] + 1)
            fail_msg("version %" PRId64 " of aggregate %d comes before version %" PRId64, version,
                     aggregate, newest[aggregate] + 1);
        if (version > newest[aggregate])
            newest[aggregate] = version;
    }
}

static bool has_before(const sf_simulated_log *log, const table_row *row)
{
    for (int64_t i = 0; i < row->offset; i++) {
        const sf_record *record = &log->entries[i].record;

        if (record->key.data[0] == '0' + row->aggregate && version_of(record) == row->version - 1)
            return true;
    }
    return row->version == 1;
}

/* A mark names the place of a record of that row, and behind the row it follows. */
static void judge_mark(const history *one, const table_row *row)
{
    const sf_simulated_log *log =
        sf_simulated_cluster_log(&one->cluster, topics[row->aggregate % 2].name, row->partition);

    assert_non_null(log);
    assert_true(row->offset >= 0 && row->offset < log->next);
    assert_int_equal(log->entries[row->offset].record.key.data[0], '0' + row->aggregate);
    assert_int_equal(version_of(&log->entries[row->offset].record), row->version);
    if (!has_before(log, row))
        fail_msg("version %" PRId64 " of aggregate %d is marked where the one before it is not yet",
                 row->version, row->aggregate);
}

static void judge(const history *one, bool is_in_order)
{
    int64_t newest[AGGREGATES] = {0};

    for (int t = 0; t < 2; t++) {
        for (int32_t p = 0; p < 2; p++) {
            const sf_simulated_log *log =
                sf_simulated_cluster_log(&one->cluster, topics[t].name, p);

            if (log)
                judge_log(log, is_in_order, newest);
        }
    }
    for (int i = 0; i < AGGREGATES; i++)
        assert_int_equal(newest[i], one->events.versions[i]);
    for (size_t i = 0; i < one->events.count; i++)
        judge_mark(one, &one->events.rows[i]);
}

static void run_history(uint64_t seed)
{
    history *one = sf_zalloc(sizeof(*one));
    bool is_in_order;

    sf_random_init(&one->random, seed);
    sf_simulated_cluster_init(&one->cluster, sf_random_next(&one->random), NULL);
    one->cluster.weather = (sf_simulated_weather){
        .unanswered_per_mille = (int)sf_random_below(&one->random, 60),
        .late_ms = 1 + (int)sf_random_below(&one->random, 20),
        .lost_record_per_mille = sf_random_below(&one->random, 3) ? 0 : 100,
    };
    is_in_order = one->cluster.weather.lost_record_per_mille == 0;
    for (int i = 0; i < RELAYS; i++)
        one->relays[i].history = one;
    for (int i = 0; i < STEPS; i++)
        act(one);
    run_until_quiet(one);
    judge(one, is_in_order);
    for (int i = 0; i < RELAYS; i++)
        stop(&one->relays[i]);
    sf_simulated_cluster_done(&one->cluster);
    free(one);
}

static void silence(void *user, sf_log_level level, const char *line)
{
    (void)user;
    (void)level;
    (void)line;
}

static void versions_come_in_order_whatever_strikes_the_relays(void **state)
{
    const char *only = getenv("TEST_SEED");
    uint64_t seeds = getenv("TEST_LONG") ? HISTORIES_LONG : HISTORIES;

    (void)state;
    sf_log_set(silence, NULL, SF_LOG_ERROR);
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        if (only && strtoull(only, NULL, 10) != seed)
            continue;
        print_message("seed %" PRIu64 "\r", seed);
        run_history(seed);
    }
    print_message("\n");
    sf_log_set(NULL, NULL, SF_LOG_INFO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_come_in_order_whatever_strikes_the_relays),
    };

    return run_tests(tests);
}
