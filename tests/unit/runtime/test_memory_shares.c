#include "runtime/memory_shares.h"

#include "check.h"

#define MB ((size_t)1024 * 1024)

static void shares_add_up_to_less_than_the_whole(void **test)
{
    sf_memory_owned owned = {.threads = 3, .inputs = 11};
    sf_memory_shares shares = sf_memory_shares_of(256 * MB, owned);
    size_t changes = 2 * owned.threads * shares.dirty_bytes; /* a commit holds them once more */

    (void)test;
    assert_true(shares.block_cache_bytes + shares.memtable_bytes + changes +
                    owned.threads * shares.cache_bytes + owned.inputs * shares.queue_bytes +
                    owned.threads * shares.sender_bytes <=
                256 * MB);
}

static void nothing_owned_counts_as_one(void **test)
{
    sf_memory_shares shares = sf_memory_shares_of(64 * MB, (sf_memory_owned){0});

    (void)test;
    assert_int_equal(shares.dirty_bytes, 6 * MB);
    assert_int_equal(shares.cache_bytes, 16 * MB);
}

static void a_queue_holds_a_batch_however_many_there_are(void **test)
{
    sf_memory_shares shares = sf_memory_shares_of(16 * MB, (sf_memory_owned){.inputs = 10000});

    (void)test;
    assert_int_equal(shares.queue_bytes, 64 * 1024);
}

static void a_queue_is_no_larger_for_much_memory(void **test)
{
    sf_memory_shares shares = sf_memory_shares_of(4096 * MB, (sf_memory_owned){.inputs = 2});

    (void)test;
    assert_int_equal(shares.queue_bytes, 4 * MB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_add_up_to_less_than_the_whole),
        cmocka_unit_test(nothing_owned_counts_as_one),
        cmocka_unit_test(a_queue_holds_a_batch_however_many_there_are),
        cmocka_unit_test(a_queue_is_no_larger_for_much_memory),
    };

    return run_tests(tests);
}
