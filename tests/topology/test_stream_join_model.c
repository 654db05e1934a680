/* Joins of two streams against a model that knows nothing of the engine: lists of all records, searched
 * from end to end. Random windows, symmetric and not, eager or not, random histories with late
 * records, equal times, duplicates, null keys and values, a wall clock that throttles, and restarts
 * with state and without. TEST_LONG: more histories. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "check.h"
#include "support/driven_topology.h"

enum { STEPS_MAX = 50, KEYS = 3, LEFT = 0, RIGHT = 1, INTERVAL_MS = 1000 };

static const int64_t NEVER = INT64_MAX / 2;

typedef enum kind { INNER, LEFT_OUTER, FULL_OUTER, KINDS } kind;

/* ---- what is drawn ---- */

typedef struct setting {
    kind kind;
    sf_join_window window;
    int64_t retention_ms; /* 0: the usual */
    bool in_memory;
    bool is_throttled;
    bool is_self;
    bool optimizes;
} setting;

static setting random_setting(sf_random *random)
{
    setting made = {
        .kind = (kind)sf_random_below(random, KINDS),
        .window = {.before_ms = (int64_t)sf_random_below(random, 30),
                   .after_ms = (int64_t)sf_random_below(random, 30),
                   .grace_ms =
                       sf_random_below(random, 2) ? (int64_t)sf_random_below(random, 20) : 0,
                   .is_eager = !sf_random_below(random, 6)},
        .in_memory = sf_random_below(random, 2),
        .is_throttled = !sf_random_below(random, 4),
        .is_self = !sf_random_below(random, 6),
        .optimizes = sf_random_below(random, 2),
    };

    if (!sf_random_below(random, 3))
        made.window.before_ms = 0;
    else if (!sf_random_below(random, 3))
        made.window.after_ms = made.window.before_ms;
    else if (!sf_random_below(random, 5)) /* only what lies ahead */
        made.window.before_ms =
            -(int64_t)sf_random_below(random, (uint64_t)made.window.after_ms + 1);
    if (!sf_random_below(random, 3))
        made.retention_ms = made.window.before_ms + made.window.after_ms + made.window.grace_ms +
                            (int64_t)sf_random_below(random, 50);
    return made;
}

typedef struct event {
    int side;
    char key[4];    /* "": null */
    char value[24]; /* "": null */
    int64_t timestamp;
} event;

static event random_event(sf_random *random, size_t number, int64_t *now)
{
    event made = {.side = (int)sf_random_below(random, 2)};
    int64_t late = sf_random_below(random, 3) ? 0 : (int64_t)sf_random_below(random, 90);

    *now += sf_random_below(random, 3) ? (int64_t)sf_random_below(random, 12) : 0;
    if (!sf_random_below(random, 12))
        *now += 60;
    made.timestamp = *now > late ? *now - late : 0;
    if (sf_random_below(random, 15))
        (void)snprintf(made.key, sizeof(made.key), "k%d", (int)sf_random_below(random, KEYS));
    if (sf_random_below(random, 15))
        (void)snprintf(made.value, sizeof(made.value), "%c%zu", made.side ? 'r' : 'l', number);
    return made;
}

/* ---- the model ---- */

typedef struct model {
    setting of;
    event kept[2][STEPS_MAX]; /* in order of arrival */
    size_t kept_count[2];
    int64_t newest_kept[2];
    event waiting[2 * STEPS_MAX];
    size_t waiting_count;
    int64_t
        earliest; /* the bound below those that wait: what is met in between does not raise it */
    int64_t stream_time;
    int64_t clock_ms;
    int64_t next_look_ms;
    char rows[8192];
} model;

static bool is_outer(const model *at, int side)
{
    return at->of.kind == FULL_OUTER || (at->of.kind == LEFT_OUTER && side == LEFT);
}

static void result(model *at, const event *left, const event *right, const event *key)
{
    int64_t time = left ? left->timestamp : right->timestamp;
    size_t length = strlen(at->rows);

    if (right && right->timestamp > time)
        time = right->timestamp;
    (void)snprintf(at->rows + length, sizeof(at->rows) - length, "%s%s=%s|%s@%" PRId64,
                   length ? " " : "", key->key[0] ? key->key : "-", left ? left->value : "",
                   right ? right->value : "-", time);
}

static void half(model *at, const event *alone)
{
    result(at, alone->side == LEFT ? alone : NULL, alone->side == LEFT ? NULL : alone, alone);
}

/* The last moment at which somebody may meet the record. */
static int64_t last_chance(const model *at, int side, int64_t timestamp)
{
    return timestamp + (side == LEFT ? at->of.window.after_ms : at->of.window.before_ms);
}

static int by_time_side_key(const void *a, const void *b)
{
    const event *x = a, *y = b;

    if (x->timestamp != y->timestamp)
        return x->timestamp < y->timestamp ? -1 : 1;
    if (x->side != y->side)
        return x->side == RIGHT ? -1 : 1;
    return strcmp(x->key, y->key);
}

/* A stable sort: insertion. */
static void sort_waiting(model *at)
{
    for (size_t i = 1; i < at->waiting_count; i++)
        for (size_t k = i; k && by_time_side_key(&at->waiting[k - 1], &at->waiting[k]) > 0; k--) {
            event swapped = at->waiting[k];

            at->waiting[k] = at->waiting[k - 1];
            at->waiting[k - 1] = swapped;
        }
}

static void find_earliest(model *at)
{
    at->earliest = NEVER;
    for (size_t i = 0; i < at->waiting_count; i++)
        if (at->waiting[i].timestamp < at->earliest)
            at->earliest = at->waiting[i].timestamp;
}

static void emit_waiting(model *at, int trigger_side)
{
    int64_t grace = at->of.window.grace_ms;
    size_t left = 0;

    if (last_chance(at, trigger_side, at->earliest) + grace >= at->stream_time)
        return;
    if (at->of.is_throttled) {
        if (at->clock_ms < at->next_look_ms)
            return;
        at->next_look_ms = at->clock_ms + INTERVAL_MS;
    }
    sort_waiting(at);
    for (size_t i = 0; i < at->waiting_count; i++) {
        event *one = &at->waiting[i];

        if (last_chance(at, one->side, one->timestamp) + grace < at->stream_time)
            half(at, one);
        else
            at->waiting[left++] = *one;
    }
    at->waiting_count = left;
    find_earliest(at);
}

/* Those that are met wait no longer, with all of their key, side and time. */
static void stop_waiting(model *at, const event *met)
{
    size_t left = 0;

    for (size_t i = 0; i < at->waiting_count; i++)
        if (by_time_side_key(&at->waiting[i], met) != 0)
            at->waiting[left++] = at->waiting[i];
    at->waiting_count = left;
}

static int64_t retention(const model *at)
{
    const sf_join_window *window = &at->of.window;
    int64_t kept = at->of.retention_ms ? at->of.retention_ms
                                       : window->before_ms + window->after_ms + window->grace_ms;

    return kept ? kept : 1;
}

static void keep(model *at, const event *new)
{
    if (!new->key[0] || !new->value[0])
        return;
    if (new->timestamp > at->newest_kept[new->side])
        at->newest_kept[new->side] = new->timestamp;
    if (new->timestamp > at->newest_kept[new->side] - retention(at))
        at->kept[new->side][at->kept_count[new->side]++] = *new;
}

static bool may_meet(const model *at, const event *left, const event *right)
{
    const sf_join_window *window = &at->of.window;

    return !strcmp(left->key, right->key) &&
           right->timestamp >= left->timestamp - window->before_ms &&
           right->timestamp <= left->timestamp + window->after_ms;
}

/* How many of the other side it meets: oldest first, equals as they came. */
static size_t meet(model *at, const event *new)
{
    int other_side = !new->side;
    size_t met = 0;
    int64_t done = -1;

    for (;;) {
        int64_t next = INT64_MAX;

        for (size_t i = 0; i < at->kept_count[other_side]; i++)
            if (at->kept[other_side][i].timestamp > done &&
                at->kept[other_side][i].timestamp < next)
                next = at->kept[other_side][i].timestamp;
        if (next == INT64_MAX)
            return met;
        done = next;
        for (size_t i = 0; i < at->kept_count[other_side]; i++) {
            const event *other = &at->kept[other_side][i];
            const event *left = new->side == LEFT ? new : other;
            const event *right = new->side == LEFT ? other : new;

            if (other->timestamp != next || !may_meet(at, left, right) ||
                next <= at->newest_kept[other_side] - retention(at))
                continue;
            stop_waiting(at, other);
            result(at, left, right, new);
            met++;
        }
    }
}

static void model_take(model *at, const event *new)
{
    bool waits = !at->of.window.is_eager && at->of.kind != INNER;
    int64_t last = last_chance(at, new->side, new->timestamp);

    keep(at, new);
    if (new->timestamp > at->stream_time)
        at->stream_time = new->timestamp;
    if (!new->value[0])
        return;
    if (!new->key[0]) {
        if (is_outer(at, new->side))
            half(at, new);
        return;
    }
    if (waits && new->timestamp == at->stream_time)
        emit_waiting(at, new->side);
    if (meet(at, new) || !is_outer(at, new->side))
        return;
    if (!waits || last < at->stream_time) {
        half(at, new);
        return;
    }
    at->waiting[at->waiting_count++] = *new;
    if (new->timestamp < at->earliest)
        at->earliest = new->timestamp;
}

static void model_init(model *at, const setting *of)
{
    memset(at, 0, sizeof(*at));
    at->of = *of;
    at->newest_kept[LEFT] = at->newest_kept[RIGHT] = -1;
    at->stream_time = -1;
    at->next_look_ms = -1;
    at->earliest = NEVER;
}

/* ---- the engine ---- */

static driven_topology *new_topology(const setting *of)
{
    static sf_stream *(*const joins[KINDS])(sf_stream *, sf_stream *, sf_join_window, sf_join_fn,
                                            void *, const sf_stream_joined *) = {
        sf_stream_join, sf_stream_left_join, sf_stream_outer_join};
    driven_topology *driven = driven_new();
    sf_stream *left = sf_builder_stream(driven->builder, "left", NULL);
    sf_stream *right = of->is_self ? left : sf_builder_stream(driven->builder, "right", NULL);

    if (of->optimizes)
        sf_builder_optimize(driven->builder);
    sf_stream_to(joins[of->kind](left, right, of->window, driven_pair, NULL,
                                 &(sf_stream_joined){.name = "met",
                                                     .in_memory = of->in_memory,
                                                     .retention_ms = of->retention_ms}),
                 "out");
    driven_start(driven,
                 &(sf_test_driver_options){.emit_interval_ms = of->is_throttled ? INTERVAL_MS : 0});
    return driven;
}

static void restart(driven_topology *driven, sf_random *random)
{
    sf_test_crash crash = sf_random_below(random, 2) ? SF_CRASH_KEEPS_STATE : SF_CRASH_LOSES_STATE;

    assert_ok(sf_test_driver_restart(driven->driver, crash, err));
}

static void take(driven_topology *driven, model *expected, const event *new)
{
    expected->rows[0] = 0;
    model_take(expected, new);
    if (expected->of.is_self) { /* once for each side */
        event again = *new;

        again.side = RIGHT;
        model_take(expected, &again);
    }
    driven_pipe(driven, new->side == LEFT ? "left" : "right", new->key[0] ? new->key : NULL,
                new->value[0] ? new->value : NULL, new->timestamp);
}

static void check_history(uint64_t seed)
{
    sf_random random;
    setting of;
    static model expected;
    driven_topology *driven;
    int64_t now = 0;
    size_t steps;

    sf_random_init(&random, seed);
    of = random_setting(&random);
    steps = 1 + sf_random_below(&random, STEPS_MAX - 1);
    model_init(&expected, &of);
    driven = new_topology(&of);
    for (size_t i = 0; i < steps; i++) {
        event new = random_event(&random, i, &now);
        const char *rows;

        if (of.is_self)
            new.side = LEFT;
        if (of.is_throttled && sf_random_below(&random, 2)) {
            int64_t by_ms = (int64_t)sf_random_below(&random, INTERVAL_MS);

            expected.clock_ms += by_ms;
            assert_ok(sf_test_driver_advance(driven->driver, by_ms, err));
        }
        if (!sf_random_below(&random, 25)) {
            restart(driven, &random);
            find_earliest(&expected);
        }
        take(driven, &expected, &new);
        rows = driven_rows(driven, "out");
        if (strcmp(rows, expected.rows) != 0)
            fail_msg(
                "seed %" PRIu64 ", step %zu (%s %s=%s@%" PRId64 ")\n  is     '%s'\n  not    '%s'"
                "\n  kind %d before %" PRId64 " after %" PRId64 " grace %" PRId64
                " eager %d retention %" PRId64 " throttled %d self %d optimized %d",
                seed, i, new.side ? "right" : "left", new.key, new.value, new.timestamp, rows,
                expected.rows, of.kind, of.window.before_ms, of.window.after_ms, of.window.grace_ms,
                of.window.is_eager, of.retention_ms, of.is_throttled, of.is_self, of.optimizes);
    }
    driven_free(driven);
}

/* ---- faults: both streams come out of one topic, so that what is processed again comes in the order it
 * had ---- */

static char l[] = "l", r[] = "r";

static driven_topology *new_split_topology(const setting *of)
{
    driven_topology *driven = driven_new();
    sf_stream *in = sf_builder_stream(driven->builder, "in", NULL);
    sf_stream *left = sf_stream_filter(in, driven_begins_with, l);
    sf_stream *right = sf_stream_filter(in, driven_begins_with, r);
    sf_stream_joined joined = {.name = "met", .in_memory = of->in_memory};

    sf_stream_to((of->kind == LEFT_OUTER ? sf_stream_left_join : sf_stream_outer_join)(
                     left, right, of->window, driven_pair, NULL, &joined),
                 "out");
    driven_start(driven, &(sf_test_driver_options){.commit_by_hand = true});
    return driven;
}

static void do_something_bad(driven_topology *driven, sf_random *random)
{
    switch (sf_random_below(random, 6)) {
    case 0:
        assert_ok(sf_test_driver_abort(driven->driver, err));
        break;
    case 1:
        restart(driven, random);
        break;
    case 2:
        assert_ok(sf_test_driver_commit(driven->driver, err));
        break;
    default:
        break;
    }
}

/* With equal bounds on both sides, since what was met moves no bound: see `earliest`. */
static void check_faults(uint64_t seed)
{
    static model expected;
    sf_random random;
    setting of;
    driven_topology *driven;
    int64_t now = 0;
    size_t steps;

    sf_random_init(&random, seed);
    of = random_setting(&random);
    of = (setting){.kind = of.kind == INNER ? LEFT_OUTER : of.kind,
                   .window = {.before_ms = of.window.after_ms,
                              .after_ms = of.window.after_ms,
                              .grace_ms = of.window.grace_ms},
                   .in_memory = of.in_memory};
    steps = 1 + sf_random_below(&random, STEPS_MAX - 1);
    model_init(&expected, &of);
    driven = new_split_topology(&of);
    for (size_t i = 0; i < steps; i++) {
        event new = random_event(&random, i, &now);

        if (!new.value[0])
            continue; /* belongs to neither stream */
        model_take(&expected, &new);
        driven_pipe(driven, "in", new.key[0] ? new.key : NULL, new.value, new.timestamp);
        do_something_bad(driven, &random);
    }
    assert_ok(sf_test_driver_commit(driven->driver, err));
    if (strcmp(driven_rows(driven, "out"), expected.rows) != 0)
        fail_msg("seed %" PRIu64 "\n  is  '%s'\n  not '%s'", seed, driven->rows, expected.rows);
    driven_free(driven);
}

static void faults_leave_no_trace(void **state)
{
    uint64_t histories = getenv("TEST_LONG") ? 20000 : 1000;

    (void)state;
    for (uint64_t seed = 1; seed <= histories; seed++)
        check_faults(seed);
}

static void random_histories_give_what_the_model_says(void **state)
{
    uint64_t histories = getenv("TEST_LONG") ? 20000 : 1000;

    (void)state;
    for (uint64_t seed = 1; seed <= histories; seed++)
        check_history(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_histories_give_what_the_model_says),
        cmocka_unit_test(faults_leave_no_trace),
    };

    return run_tests(tests);
}
