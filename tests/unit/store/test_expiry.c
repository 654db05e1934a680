/* test_expiry.c - what a compaction is told of the rows of each kind of store. */
#include "check.h"

#include "base/encoding.h"
#include "store/expiry.h"
#include "store/session_key.h"
#include "store/store_layout.h"
#include "store/version_row.h"

#define PARTITION 3

static sf_expiry *expiry_of(sf_store_options options)
{
    sf_expiry_options expiry;

    options.in_memory = true; /* no segments */
    options.retention_ms = 100;
    options.history_ms = 100;
    expiry = sf_store_expiry(&options);
    return sf_expiry_new(&expiry);
}

/* The key as on disk. */
static sf_bytes full(sf_buffer *key, sf_buffer *scratch)
{
    sf_buffer_clear(scratch);
    sf_put_be32(sf_buffer_extend(scratch, 4), PARTITION);
    sf_buffer_add_bytes(scratch, sf_buffer_bytes(key));
    return sf_buffer_bytes(scratch);
}

/* Of times 400 and 401, the first is gone at 500; then frees. */
static void check_times(sf_expiry *expiry, sf_buffer keys[2],
                        bool (*has_expired)(void *expiry, sf_bytes full_key))
{
    sf_buffer scratch = SF_BUFFER_EMPTY;

    assert_false(has_expired(expiry, full(&keys[0], &scratch)));
    sf_expiry_set_time(expiry, PARTITION + 1, 10000);
    assert_false(has_expired(expiry, full(&keys[0], &scratch)));
    sf_expiry_set_time(expiry, PARTITION, 500);
    assert_true(has_expired(expiry, full(&keys[0], &scratch)));
    assert_false(has_expired(expiry, full(&keys[1], &scratch)));
    assert_false(has_expired(expiry, sf_bytes_of(full(&keys[0], &scratch).data, 5)));
    sf_buffer_done(&scratch);
    sf_buffer_done(&keys[0]);
    sf_buffer_done(&keys[1]);
    sf_expiry_free(expiry);
}

static void check_windows(const sf_store_options *options)
{
    sf_window_layout layout = sf_store_window_layout(options);
    sf_buffer keys[2] = {0};

    for (int i = 0; i < 2; i++)
        sf_window_key_encode(layout, &(sf_window_key){sf_bytes_text("key"), 400 + i, 7}, &keys[i]);
    check_times(expiry_of(*options), keys, sf_expiry_has_expired);
}

static void windows_go_by_their_start_in_every_layout(void **state)
{
    sf_store_options options = {.kind = SF_WINDOW_STORE};

    (void)state;
    check_windows(&options);
    options.retain_duplicates = true;
    check_windows(&options);
    options.by_time = true;
    check_windows(&options);
    options.retain_duplicates = false;
    check_windows(&options);
}

static void an_index_by_time_goes_by_the_start(void **state)
{
    sf_store_options options = {.kind = SF_WINDOW_STORE, .time_index = true};
    sf_buffer keys[2] = {0};

    (void)state;
    for (int i = 0; i < 2; i++)
        sf_window_key_encode((sf_window_layout){.by_time = true},
                             &(sf_window_key){sf_bytes_text("key"), 400 + i, 0}, &keys[i]);
    check_times(expiry_of(options), keys, sf_expiry_side_has_expired);
}

static void sessions_go_by_their_end(void **state)
{
    sf_store_options options = {.kind = SF_SESSION_STORE};
    sf_buffer keys[2] = {0};

    (void)state;
    for (int i = 0; i < 2; i++)
        sf_session_key_encode(&(sf_session_key){sf_bytes_text("key"), 10, 400 + i}, &keys[i]);
    check_times(expiry_of(options), keys, sf_expiry_has_expired);
    for (int i = 0; i < 2; i++) {
        keys[i] = SF_BUFFER_EMPTY;
        sf_session_key_encode_by_end(&(sf_session_key){sf_bytes_text("key"), 10, 400 + i},
                                     &keys[i]);
    }
    check_times(expiry_of(options), keys, sf_expiry_side_has_expired);
}

static void versions_go_by_their_end(void **state)
{
    sf_store_options options = {.kind = SF_VERSIONED_STORE};
    sf_buffer keys[2] = {0};

    (void)state;
    for (int i = 0; i < 2; i++)
        sf_version_row_encode_key(sf_bytes_text("key"), 400 + i, &keys[i]);
    check_times(expiry_of(options), keys, sf_expiry_side_has_expired);
    assert_false(sf_store_expires(&options)); /* the newest versions stay */
}

static void partitions_in_any_number_have_their_own_times(void **state)
{
    sf_expiry *expiry = expiry_of((sf_store_options){.kind = SF_WINDOW_STORE});

    (void)state;
    sf_expiry_set_time(expiry, 0, 1);
    sf_expiry_set_time(expiry, 255, 2);
    sf_expiry_set_time(expiry, 256, 3);
    sf_expiry_set_time(expiry, INT32_MAX, 4); /* too many: reads filter alone */

    assert_int_equal(sf_expiry_time(expiry, 0), 1);
    assert_int_equal(sf_expiry_time(expiry, 255), 2);
    assert_int_equal(sf_expiry_time(expiry, 256), 3);
    assert_int_equal(sf_expiry_time(expiry, 1), -1);
    assert_int_equal(sf_expiry_time(expiry, INT32_MAX), -1);
    sf_expiry_free(expiry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_go_by_their_start_in_every_layout),
        cmocka_unit_test(an_index_by_time_goes_by_the_start),
        cmocka_unit_test(sessions_go_by_their_end),
        cmocka_unit_test(versions_go_by_their_end),
        cmocka_unit_test(partitions_in_any_number_have_their_own_times),
    };

    return run_tests(tests);
}
