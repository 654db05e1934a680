/* collector.c - output that can be taken back until its record is whole. */
#include <string.h>

#include "check.h"
#include "task/collector.h"

typedef struct seen {
    size_t calls;
    size_t count;
    sf_output first;
    char key[8];
    bool fails;
} seen;

static sf_status take(void *user, const sf_output *outputs, size_t count, sf_error *err)
{
    seen *at = user;

    if (at->fails)
        return sf_fail(err, SF_BROKER, "away");
    at->calls++;
    at->count += count;
    at->first = outputs[0];
    memcpy(at->key, outputs[0].record.key.data, outputs[0].record.key.size);
    return SF_OK;
}

static void add(sf_collector *collector, const char *key)
{
    sf_record record = {.key = sf_bytes_text(key), .value = sf_bytes_text("")};

    assert_ok(sf_collector_add(collector,
                               &(sf_output){.topic = 7, .partition = 2, .record = record}, err));
}

static void output_is_copied_and_sent_together(void **state)
{
    seen at = {0};
    sf_output_port port = {.send = take, .user = &at};
    sf_collector collector;
    char key[] = "a";

    (void)state;
    sf_collector_init(&collector, &port);
    add(&collector, key);
    key[0] = 'x';
    add(&collector, key);
    assert_ok(sf_collector_send(&collector, err));
    assert_ok(sf_collector_send(&collector, err)); /* nothing left: no call */

    assert_int_equal(at.calls, 1);
    assert_int_equal(at.count, 2);
    assert_string_equal(at.key, "a");
    assert_int_equal(at.first.topic, 7);
    assert_int_equal(at.first.partition, 2);
    assert_non_null(at.first.record.value.data); /* empty is not null */
    sf_collector_done(&collector);
}

static void what_came_after_the_mark_can_be_taken_back(void **state)
{
    seen at = {0};
    sf_output_port port = {.send = take, .user = &at};
    sf_collector collector;

    (void)state;
    sf_collector_init(&collector, &port);
    add(&collector, "a");
    sf_collector_mark(&collector);
    add(&collector, "b");
    add(&collector, "c");
    sf_collector_undo(&collector);
    assert_ok(sf_collector_send(&collector, err));

    assert_int_equal(at.count, 1);
    sf_collector_done(&collector);
}

static void a_failed_sending_keeps_everything(void **state)
{
    seen at = {.fails = true};
    sf_output_port port = {.send = take, .user = &at};
    sf_collector collector;
    sf_error err;

    (void)state;
    sf_collector_init(&collector, &port);
    add(&collector, "a");
    assert_int_equal(sf_collector_send(&collector, &err), SF_STOP);
    at.fails = false;
    assert_int_equal(sf_collector_send(&collector, &err), SF_OK);

    assert_int_equal(at.count, 1);
    sf_collector_done(&collector);
}

static void it_sends_by_itself_only_when_told_so(void **state)
{
    seen at = {0};
    sf_output_port port = {.send = take, .user = &at};
    sf_collector collector;

    (void)state;
    sf_collector_init(&collector, &port);
    for (int i = 0; i < 3000; i++)
        add(&collector, "a");
    assert_int_equal(at.calls, 0);
    assert_true(sf_collector_is_full(&collector));
    collector.sends_at_once = true;
    add(&collector, "a");

    assert_int_equal(at.count, 3001);
    sf_collector_done(&collector);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_is_copied_and_sent_together),
        cmocka_unit_test(what_came_after_the_mark_can_be_taken_back),
        cmocka_unit_test(a_failed_sending_keeps_everything),
        cmocka_unit_test(it_sends_by_itself_only_when_told_so),
    };

    return run_tests(tests);
}
