#include "publisher.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "broker/broker_implementation.h"
#include "check.h"

/* A broker that writes down what it is asked, and misbehaves when told. */

enum { SENT_MAX = 32, TOPICS_MAX = 4 };

struct fake_topic {
    sf_producer_topic base;
    const char *name;
};

typedef enum fate { DELIVERED, LOST, REFUSED } fate;

static struct fake {
    sf_broker broker;
    sf_producer producer;
    sf_producer_options options;
    struct fake_topic topics[TOPICS_MAX];
    size_t topic_count;
    sf_outgoing sent[SENT_MAX]; /* since the last flush */
    size_t sent_count;
    int64_t next_offset;
    sf_buffer story; /* what happened, a word each */

    const char *lost_key;      /* its next delivery fails, for now */
    const char *refused_key;   /* its deliveries fail, for good */
    const char *too_large_key; /* refused at once */
    int queue_full;            /* how many sends find the queue full */
    int silent_flushes;        /* how many flushes run out of time */
    bool is_away;
    bool has_topics;
    int created_count;
} fake;

static void tell(const char *format, const char *word)
{
    sf_buffer_printf(&fake.story, format, word);
}

static void create_topics(sf_broker *broker, const sf_topic_spec *specs, size_t count,
                          sf_topic_outcome *outcomes)
{
    (void)broker;
    for (size_t i = 0; i < count; i++) {
        if (fake.is_away) {
            (void)sf_fail_with(&outcomes[i].error, SF_RETRY, SF_BROKER, "away");
            continue;
        }
        assert_int_equal(specs[i].partitions, 4);
        assert_false(fake.has_topics);
        fake.created_count++;
        outcomes[i] = (sf_topic_outcome){.created = true, .partitions = 4};
    }
}

static sf_status partition_counts(sf_broker *broker, const char *const *topics, size_t count,
                                  int32_t *partitions, sf_error *err)
{
    (void)broker;
    (void)topics;
    if (fake.is_away)
        return sf_fail_with(err, SF_RETRY, SF_BROKER, "away");
    for (size_t i = 0; i < count; i++)
        partitions[i] = fake.has_topics ? 4 : 0;
    return SF_OK;
}

static void close_broker(sf_broker *broker)
{
    (void)broker;
}

static void close_producer(sf_producer *producer)
{
    (void)producer;
    fake.sent_count = 0;
    tell("%s ", "close");
}

static const sf_producer_ops producer_ops;

static sf_status topic_open(sf_producer *producer, const char *name, sf_producer_topic **topic,
                            sf_error *err)
{
    struct fake_topic *made = &fake.topics[fake.topic_count++ % TOPICS_MAX];

    (void)producer;
    (void)err;
    *made = (struct fake_topic){{&producer_ops}, name};
    *topic = &made->base;
    return SF_OK;
}

static bool has_key(const sf_outgoing *outgoing, const char *key)
{
    return key && sf_bytes_equal(outgoing->record.key, sf_bytes_text(key));
}

static sf_status send_records(sf_producer *producer, const sf_outgoing *records, size_t count,
                              size_t *sent, sf_error *err)
{
    (void)producer;
    for (*sent = 0; *sent < count; ++*sent) {
        if (has_key(&records[*sent], fake.too_large_key))
            return sf_fail_with(err, SF_REJECT, SF_BAD_DATA, "too large");
        if (*sent == 1 && fake.queue_full-- > 0)
            return sf_fail_with(err, SF_RETRY, SF_BUSY, "the queue is full");
        assert_true(fake.sent_count < SENT_MAX);
        fake.sent[fake.sent_count++] = records[*sent];
    }
    return SF_OK;
}

static fate fate_of(const sf_outgoing *outgoing)
{
    if (has_key(outgoing, fake.refused_key))
        return REFUSED;
    if (!has_key(outgoing, fake.lost_key))
        return DELIVERED;
    fake.lost_key = NULL;
    return LOST;
}

static sf_status deliver(const sf_outgoing *outgoing)
{
    fate what = fate_of(outgoing);
    sf_delivery delivery = {
        .tag = outgoing->tag,
        .partition = 2,
        .offset = what == DELIVERED ? fake.next_offset++ : SF_OFFSET_NONE,
        .status = what == DELIVERED ? SF_OK
                  : what == LOST    ? SF_RETRY
                                    : SF_REJECT,
        .error = what == DELIVERED ? NULL
                 : what == LOST    ? "timed out"
                                   : "too large",
        .permanent = what == REFUSED,
    };

    if (what == DELIVERED) {
        tell("%s/", ((const struct fake_topic *)(const void *)outgoing->topic)->name);
        sf_buffer_add_bytes(&fake.story, outgoing->record.key);
        tell("%s", " ");
    }
    fake.options.on_delivery(fake.options.user, &delivery);
    return delivery.status;
}

static sf_status flush(sf_producer *producer, int32_t timeout_ms, sf_error *err)
{
    sf_status failure = SF_OK;

    (void)producer;
    (void)timeout_ms;
    if (fake.silent_flushes-- > 0)
        return sf_fail_with(err, SF_RETRY, SF_TIMED_OUT, "no answer");
    for (size_t i = 0; i < fake.sent_count; i++) {
        sf_status status = deliver(&fake.sent[i]);

        failure = failure ? failure : status;
    }
    fake.sent_count = 0;
    tell("%s ", "|");
    return failure ? sf_fail_with(err, SF_ABORT_COMMIT, SF_BROKER, "a delivery failed") : SF_OK;
}

static const sf_producer_ops producer_ops = {
    .close = close_producer,
    .topic_open = topic_open,
    .send = send_records,
    .flush = flush,
};

static sf_status producer_new(sf_broker *broker, const sf_producer_options *options,
                              sf_producer **producer, sf_error *err)
{
    (void)broker;
    (void)err;
    assert_null(options->transactional_id);
    fake.options = *options;
    *producer = &fake.producer;
    return SF_OK;
}

static const sf_broker_ops broker_ops = {
    .close = close_broker,
    .create_topics = create_topics,
    .partition_counts = partition_counts,
    .producer_new = producer_new,
};

/* ---- rows ---- */

static outbox_row row_of(int64_t id, const char *aggregate, int64_t aggregate_id, int64_t version)
{
    return (outbox_row){
        .id = id,
        .event =
            {
                .event_id = "e",
                .event_type = "Happened",
                .aggregate_type = aggregate,
                .aggregate_id = aggregate_id,
                .version = version,
                .schema = 1,
                .payload = sf_bytes_text("{}"),
            },
    };
}

static bool gives_up(void *user)
{
    return *(int *)user >= 0 && (*(int *)user)-- == 0;
}

static int meanwhiles; /* how often it was called, each time with records under way */

static void meanwhile(void *user)
{
    (void)user;
    assert_true(fake.sent_count > 0);
    meanwhiles++;
}

static int patience; /* rounds of silence before it gives up; negative: for ever */

static int set_up(void **state)
{
    static const publisher_topic topics[] = {{"product", "products", 0}, {"order", "orders", 1}};
    struct publisher *publisher;
    publisher_options options = {
        .broker = &fake.broker,
        .topics = topics,
        .topic_count = 2,
        .partitions = 4,
        .meanwhile = meanwhile,
        .gives_up = gives_up,
        .user = &patience,
    };

    memset(&fake, 0, sizeof(fake));
    fake.broker.ops = &broker_ops;
    fake.producer.ops = &producer_ops;
    patience = -1;
    meanwhiles = 0;
    publisher = publisher_new(&options);
    assert_ok(publisher_open(publisher, err));
    *state = publisher;
    return 0;
}

static int tear_down(void **state)
{
    publisher_free(*state);
    sf_buffer_done(&fake.story);
    return 0;
}

static void assert_story(const char *story)
{
    assert_string_equal(sf_buffer_text(&fake.story), story);
}

/* ---- */

static void products_are_in_the_log_before_orders_are_sent(void **state)
{
    outbox_row rows[] = {
        row_of(1, "order", 10, 1),
        row_of(2, "product", 1, 1),
        row_of(3, "order", 10, 2),
        row_of(4, "product", 2, 1),
    };

    assert_ok(publisher_send(*state, rows, 4, err));

    assert_story("products/1 products/2 | orders/10 orders/10 | ");
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(rows[i].state, OUTBOX_PUBLISHED);
    assert_int_equal(rows[1].offset, 0);
    assert_int_equal(rows[2].offset, 3);
    assert_int_equal(rows[2].partition, 2);
}

static void behind_a_lost_row_its_aggregate_stays_pending(void **state)
{
    outbox_row rows[] = {
        row_of(1, "order", 10, 1),
        row_of(2, "order", 11, 1),
        row_of(3, "order", 10, 2),
    };
    sf_error err = {0};

    fake.lost_key = "10";
    assert_int_equal(publisher_send(*state, rows, 3, &err), SF_ABORT_COMMIT);

    assert_int_equal(rows[0].state, OUTBOX_PENDING);
    assert_int_equal(rows[1].state, OUTBOX_PUBLISHED);
    assert_int_equal(rows[2].state, OUTBOX_PENDING); /* though it got through */
    assert_story("orders/11 orders/10 | close ");
}

static void after_a_failure_a_new_producer_sends_what_is_pending(void **state)
{
    outbox_row first[] = {row_of(1, "order", 10, 1), row_of(2, "order", 10, 2)};
    outbox_row again[] = {row_of(1, "order", 10, 1), row_of(2, "order", 10, 2)};
    sf_error why = {0};

    fake.lost_key = "10";
    assert_int_equal(publisher_send(*state, first, 2, &why), SF_ABORT_COMMIT);
    assert_ok(publisher_open(*state, err));
    assert_ok(publisher_send(*state, again, 2, err));

    assert_int_equal(again[0].state, OUTBOX_PUBLISHED);
    assert_int_equal(again[1].state, OUTBOX_PUBLISHED);
    assert_true(again[0].offset < again[1].offset);
}

static void orders_wait_when_products_did_not_get_through(void **state)
{
    outbox_row rows[] = {row_of(1, "product", 1, 1), row_of(2, "order", 10, 1)};
    sf_error err = {0};

    fake.lost_key = "1";
    assert_int_equal(publisher_send(*state, rows, 2, &err), SF_ABORT_COMMIT);

    assert_int_equal(rows[1].state, OUTBOX_PENDING);
    assert_story("| close ");
}

static void a_refused_record_fails_its_row_and_holds_its_aggregate(void **state)
{
    outbox_row rows[] = {
        row_of(1, "product", 1, 1),
        row_of(2, "product", 1, 2),
        row_of(3, "product", 2, 1),
        row_of(4, "order", 10, 1),
    };

    fake.refused_key = "1";
    assert_ok(publisher_send(*state, rows, 4, err));

    assert_int_equal(rows[0].state, OUTBOX_FAILED);
    assert_string_equal(rows[0].failure, "too large");
    assert_int_equal(rows[1].state, OUTBOX_PENDING);
    assert_int_equal(rows[2].state, OUTBOX_PUBLISHED);
    assert_int_equal(rows[3].state, OUTBOX_PUBLISHED);
}

static void a_record_that_is_not_even_taken_fails_its_row(void **state)
{
    outbox_row rows[] = {row_of(1, "product", 1, 1), row_of(2, "product", 2, 1),
                         row_of(3, "product", 3, 1)};

    fake.too_large_key = "2";
    assert_ok(publisher_send(*state, rows, 3, err));

    assert_int_equal(rows[0].state, OUTBOX_PUBLISHED);
    assert_int_equal(rows[1].state, OUTBOX_FAILED);
    assert_int_equal(rows[2].state, OUTBOX_PUBLISHED);
}

static void events_of_an_unknown_aggregate_fail(void **state)
{
    outbox_row rows[] = {row_of(1, "invoice", 1, 1), row_of(2, "product", 1, 1)};

    assert_ok(publisher_send(*state, rows, 2, err));

    assert_int_equal(rows[0].state, OUTBOX_FAILED);
    assert_string_equal(rows[0].failure, "there is no topic for events of 'invoice'");
    assert_int_equal(rows[1].state, OUTBOX_PUBLISHED);
}

static void a_full_queue_is_waited_for(void **state)
{
    outbox_row rows[] = {row_of(1, "product", 1, 1), row_of(2, "product", 2, 1),
                         row_of(3, "product", 3, 1)};

    fake.queue_full = 1;
    assert_ok(publisher_send(*state, rows, 3, err));

    assert_story("products/1 products/2 products/3 | ");
}

static void a_silent_broker_is_waited_for(void **state)
{
    outbox_row rows[] = {row_of(1, "product", 1, 1)};

    fake.silent_flushes = 5;
    assert_ok(publisher_send(*state, rows, 1, err));

    assert_int_equal(rows[0].state, OUTBOX_PUBLISHED);
}

static void giving_up_leaves_rows_pending(void **state)
{
    outbox_row rows[] = {row_of(1, "product", 1, 1)};
    sf_error err = {0};

    fake.silent_flushes = 5;
    patience = 2;
    assert_int_equal(publisher_send(*state, rows, 1, &err), SF_RETRY);

    assert_int_equal(rows[0].state, OUTBOX_PENDING);
    assert_story("close ");
}

static void without_a_broker_it_does_not_open(void **state)
{
    outbox_row rows[] = {row_of(1, "product", 1, 1)};
    sf_error why = {0};

    fake.lost_key = "1";
    assert_int_equal(publisher_send(*state, rows, 1, &why), SF_ABORT_COMMIT);
    fake.is_away = true;
    assert_int_equal(publisher_open(*state, &why), SF_RETRY);
    fake.is_away = false;
    assert_ok(publisher_open(*state, err));
    assert_ok(publisher_send(*state, rows, 1, err));
    assert_int_equal(rows[0].state, OUTBOX_PUBLISHED);
}

static void while_the_first_records_are_under_way_something_else_is_done_once(void **state)
{
    outbox_row rows[] = {row_of(1, "order", 10, 1), row_of(2, "product", 1, 1)};

    assert_ok(publisher_send(*state, rows, 2, err));

    assert_int_equal(meanwhiles, 1);
    assert_story("products/1 | orders/10 | ");
}

static void what_is_held_or_gone_is_not_sent_and_stays_so(void **state)
{
    outbox_row rows[] = {
        row_of(1, "order", 10, 3),
        row_of(2, "order", 10, 4),
        row_of(3, "order", 11, 1),
        row_of(4, "order", 12, 1),
    };

    rows[0].state = rows[1].state = OUTBOX_HELD;
    rows[2].state = OUTBOX_GONE;
    assert_ok(publisher_send(*state, rows, 4, err));

    assert_int_equal(rows[0].state, OUTBOX_HELD);
    assert_int_equal(rows[1].state, OUTBOX_HELD);
    assert_int_equal(rows[2].state, OUTBOX_GONE);
    assert_int_equal(rows[3].state, OUTBOX_PUBLISHED);
    assert_story("orders/12 | ");
}

static void topics_are_made_only_where_they_are_missing(void **state)
{
    outbox_row rows[] = {row_of(1, "product", 1, 1)};
    sf_error why = {0};

    assert_int_equal(fake.created_count, 2);
    fake.has_topics = true;
    fake.lost_key = "1";
    assert_int_equal(publisher_send(*state, rows, 1, &why), SF_ABORT_COMMIT);
    assert_ok(publisher_open(*state, err)); /* anew */
    assert_int_equal(fake.created_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(products_are_in_the_log_before_orders_are_sent, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(behind_a_lost_row_its_aggregate_stays_pending, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(after_a_failure_a_new_producer_sends_what_is_pending,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(orders_wait_when_products_did_not_get_through, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_refused_record_fails_its_row_and_holds_its_aggregate,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_record_that_is_not_even_taken_fails_its_row, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(events_of_an_unknown_aggregate_fail, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_queue_is_waited_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_silent_broker_is_waited_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(giving_up_leaves_rows_pending, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_broker_it_does_not_open, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            while_the_first_records_are_under_way_something_else_is_done_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_held_or_gone_is_not_sent_and_stays_so, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(topics_are_made_only_where_they_are_missing, set_up,
                                        tear_down),
    };

    return run_tests(tests);
}
