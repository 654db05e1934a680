/* A processor by itself: what it forwards, schedules, keeps and asks for is recorded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/stateful.h>

#include "check.h"

static sf_recorder *recorder_of(const sf_processor *processor, const sf_recorder_options *options)
{
    sf_recorder *recorder;

    assert_ok(sf_recorder_new(processor, options, &recorder, err));
    return recorder;
}

static sf_record record_of(const char *key, const char *value, int64_t timestamp)
{
    return (sf_record){
        .key = sf_bytes_text(key), .value = sf_bytes_text(value), .timestamp = timestamp};
}

static void process(sf_recorder *recorder, const char *key, const char *value, int64_t timestamp)
{
    sf_record record = record_of(key, value, timestamp);

    assert_ok(sf_recorder_process(recorder, &record, err));
}

/* "child:key=value@timestamp ...", all that was not read. */
static const char *forwards(sf_recorder *recorder)
{
    static char text[512];
    sf_forwarded at;
    size_t length = 0;

    text[0] = 0;
    while (sf_recorder_next(recorder, &at))
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s:%.*s=%.*s@%d ",
                                   at.child, (int)at.record.key.size,
                                   (const char *)at.record.key.data, (int)at.record.value.size,
                                   (const char *)at.record.value.data, (int)at.record.timestamp);
    return text;
}

/* ---- forwards ---- */

/* "*" goes to all, "!" asks for a commit, "?" is refused after a forward, else to the child called so. */
static sf_status route(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const char *value = (const char *)record->value.data;
    char child[16];

    (void)state;
    (void)snprintf(child, sizeof(child), "%.*s", (int)record->value.size, value);
    if (!strcmp(child, "!"))
        sf_context_request_commit(context);
    if (!strcmp(child, "!") || !strcmp(child, "*"))
        return sf_context_forward(context, record, err);
    if (strcmp(child, "?"))
        return sf_context_forward_to(context, child, record, err);
    (void)sf_context_forward(context, record, err); /* it is undone */
    return sf_reject(err, "no '%s' here", child);
}

static const sf_processor ROUTER = {.process = route};
static const char *const LEFT_AND_RIGHT[] = {"left", "right", NULL};

static void forwards_are_recorded_with_the_child_they_went_to(void **state)
{
    sf_recorder *recorder =
        recorder_of(&ROUTER, &(sf_recorder_options){.children = LEFT_AND_RIGHT});

    (void)state;
    process(recorder, "a", "*", 5);
    process(recorder, "b", "right", 3);
    assert_string_equal(forwards(recorder), "left:a=*@5 right:a=*@5 right:b=right@3 ");
    assert_string_equal(forwards(recorder), ""); /* each once */
    sf_recorder_free(recorder);
}

static void headers_are_those_that_were_forwarded(void **state)
{
    sf_recorder *recorder = recorder_of(&ROUTER, NULL);
    const sf_header header = {"trace", {(const uint8_t *)"7", 1}};
    sf_record record = record_of("a", "*", 5);
    sf_forwarded forwarded;

    (void)state;
    record.headers = (sf_headers){&header, 1};
    assert_ok(sf_recorder_process(recorder, &record, err));
    assert_true(sf_recorder_next(recorder, &forwarded));
    assert_string_equal(forwarded.child, "child");
    assert_int_equal(forwarded.record.headers.count, 1);
    assert_bytes(sf_headers_last(forwarded.record.headers, "trace")->value, "7");
    sf_recorder_free(recorder);
}

static void a_refused_record_leaves_nothing_and_says_why(void **state)
{
    sf_recorder *recorder = recorder_of(&ROUTER, NULL);
    sf_record bad = record_of("a", "?", 5);
    sf_error err = {0};

    (void)state;
    assert_int_equal(sf_recorder_process(recorder, &bad, &err), SF_REJECT);
    assert_non_null(strstr(err.text, "no '?' here"));
    process(recorder, "b", "*", 6);
    assert_string_equal(forwards(recorder), "child:b=*@6 ");
    sf_recorder_free(recorder);
}

static void a_child_that_is_not_there_is_an_error(void **state)
{
    sf_recorder *recorder = recorder_of(&ROUTER, NULL);
    sf_record lost = record_of("a", "nowhere", 5);
    sf_error err = {0};

    (void)state;
    assert_int_equal(sf_recorder_process(recorder, &lost, &err), SF_STOP);
    assert_non_null(strstr(err.text, "nowhere"));
    sf_recorder_free(recorder);
}

static void commits_that_were_asked_for_are_counted(void **state)
{
    sf_recorder *recorder = recorder_of(&ROUTER, NULL);

    (void)state;
    process(recorder, "a", "*", 1);
    assert_int_equal(sf_recorder_commits(recorder), 0);
    process(recorder, "a", "!", 2);
    process(recorder, "a", "*", 3);
    process(recorder, "a", "!", 4);
    assert_int_equal(sf_recorder_commits(recorder), 2);
    sf_recorder_free(recorder);
}

/* ---- stores ---- */

static sf_status find_store(void *user, sf_context *context, void **state, sf_error *err)
{
    (void)user;
    *state = sf_context_key_value_store(context, "seen");
    return *state ? SF_OK : sf_fail(err, SF_INVALID, "there is no store to keep anything in");
}

static sf_status keep(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    (void)context;
    return sf_key_value_store_put(state, record->key, record->value, record->timestamp, err);
}

static const sf_processor KEEPER = {.init = find_store, .process = keep};

static void stores_are_read_through_the_driver(void **state)
{
    const sf_store_options seen = {.name = "seen"};
    sf_recorder *recorder =
        recorder_of(&KEEPER, &(sf_recorder_options){.stores = &seen, .store_count = 1});
    sf_test_driver *driver = sf_recorder_driver(recorder);
    sf_stored stored;

    (void)state;
    process(recorder, "a", "1", 7);
    assert_ok(sf_test_driver_restart(driver, SF_CRASH_LOSES_STATE, err));
    assert_ok(sf_key_value_store_get(sf_test_driver_key_value_store(driver, "seen", 0),
                                     sf_bytes_text("a"), &stored, err));
    assert_bytes(stored.value, "1");
    assert_int_equal(stored.timestamp, 7);
    sf_recorder_free(recorder);
}

static void a_failure_of_init_is_told(void **state)
{
    sf_recorder *recorder;
    sf_error err = {0};

    (void)state;
    assert_int_equal(sf_recorder_new(&KEEPER, NULL, &recorder, &err), SF_STOP);
    assert_non_null(strstr(err.text, "there is no store to keep anything in"));
}

/* ---- punctuations ---- */

static sf_status tick(void *state, sf_context *context, int64_t time, sf_error *err)
{
    sf_record record = record_of("tick", "", time);

    (void)state;
    return sf_context_forward(context, &record, err);
}

static sf_punctuation *by_clock;

static sf_status schedule_both(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_schedule by_stream = {SF_STREAM_TIME, 10, tick};
    const sf_schedule hourly = {SF_WALL_CLOCK, 60, tick};
    sf_status status = sf_context_schedule(context, &by_stream, NULL, err);

    (void)user;
    (void)state;
    return status ? status : sf_context_schedule(context, &hourly, &by_clock, err);
}

static void schedules_are_listed_and_called_by_their_clocks(void **state)
{
    const sf_processor ticking = {.init = schedule_both};
    sf_recorder *recorder = recorder_of(&ticking, &(sf_recorder_options){.now_ms = 1000});
    sf_schedule schedule;

    (void)state;
    assert_true(sf_recorder_schedule(recorder, 0, &schedule));
    assert_int_equal(schedule.clock, SF_STREAM_TIME);
    assert_int_equal(schedule.interval_ms, 10);
    assert_true(sf_recorder_schedule(recorder, 1, &schedule));
    assert_int_equal(schedule.clock, SF_WALL_CLOCK);
    assert_false(sf_recorder_schedule(recorder, 2, &schedule));

    process(recorder, "a", "v", 12);
    assert_string_equal(forwards(recorder), "child:a=v@12 child:tick=@12 ");
    assert_ok(sf_recorder_advance(recorder, 59, err));
    assert_string_equal(forwards(recorder), "");
    assert_ok(sf_recorder_advance(recorder, 1, err));
    assert_string_equal(forwards(recorder), "child:tick=@1060 ");

    sf_punctuation_cancel(by_clock);
    assert_false(sf_recorder_schedule(recorder, 1, &schedule));
    sf_recorder_free(recorder);
}

static sf_status refuse_tick(void *state, sf_context *context, int64_t time, sf_error *err)
{
    (void)tick(state, context, time, NULL); /* it is undone */
    return sf_reject(err, "not now");
}

static sf_status schedule_refusal(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_schedule hourly = {SF_WALL_CLOCK, 60, refuse_tick};

    (void)user;
    (void)state;
    return sf_context_schedule(context, &hourly, NULL, err);
}

static void a_refused_punctuation_leaves_nothing(void **state)
{
    const sf_processor refusing = {.init = schedule_refusal};
    sf_recorder *recorder = recorder_of(&refusing, NULL);
    sf_error err = {0};

    (void)state;
    assert_int_equal(sf_recorder_advance(recorder, 60, &err), SF_REJECT);
    assert_string_equal(forwards(recorder), "");
    process(recorder, "a", "v", 1);
    assert_string_equal(forwards(recorder), "child:a=v@1 ");
    sf_recorder_free(recorder);
}

/* ---- what it is told ---- */

static sf_status tell(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const sf_origin *origin = sf_context_origin(context);
    char text[64];
    sf_record told = *record;

    (void)state;
    (void)snprintf(text, sizeof(text), "%s/%s/%d/%d", sf_context_application_id(context),
                   origin->topic, (int)origin->offset, (int)sf_context_now(context));
    told.value = sf_bytes_text(text);
    return sf_context_forward(context, &told, err);
}

static void the_context_is_that_of_the_options(void **state)
{
    const sf_processor telling = {.process = tell};
    sf_recorder *recorder = recorder_of(
        &telling,
        &(sf_recorder_options){.application_id = "shop", .topic = "orders", .now_ms = 99});

    (void)state;
    process(recorder, "a", "", 1);
    assert_string_equal(forwards(recorder), "child:a=shop/orders/0/99@1 ");
    sf_recorder_free(recorder);
}

static sf_status change_key(void *state, sf_context *context, const sf_record *record,
                            sf_error *err)
{
    sf_record changed = *record;

    (void)state;
    changed.key = sf_bytes_text("other");
    return sf_context_forward(context, &changed, err);
}

static void a_locked_key_stays(void **state)
{
    const sf_processor changing = {.process = change_key};
    sf_recorder *recorder = recorder_of(&changing, &(sf_recorder_options){.locks_key = true});
    sf_record record = record_of("a", "v", 1);
    sf_error err = {0};

    (void)state;
    assert_int_not_equal(sf_recorder_process(recorder, &record, &err), SF_OK);
    record.timestamp = -1;
    assert_int_equal(sf_recorder_process(recorder, &record, &err), SF_STOP);
    assert_string_equal(err.text, "a record's timestamp is not negative");
    sf_recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forwards_are_recorded_with_the_child_they_went_to),
        cmocka_unit_test(headers_are_those_that_were_forwarded),
        cmocka_unit_test(a_refused_record_leaves_nothing_and_says_why),
        cmocka_unit_test(a_child_that_is_not_there_is_an_error),
        cmocka_unit_test(commits_that_were_asked_for_are_counted),
        cmocka_unit_test(stores_are_read_through_the_driver),
        cmocka_unit_test(a_failure_of_init_is_told),
        cmocka_unit_test(schedules_are_listed_and_called_by_their_clocks),
        cmocka_unit_test(a_refused_punctuation_leaves_nothing),
        cmocka_unit_test(the_context_is_that_of_the_options),
        cmocka_unit_test(a_locked_key_stays),
    };

    return run_tests(tests);
}
