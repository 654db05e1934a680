/* Known values of Kafka's Java client (UtilsTest), and of a second murmur2 written from its definition. */
#include <stateful/partitioner.h>

#include "base/memory.h"
#include "check.h"

typedef struct known {
    const char *key;
    int32_t murmur2;
} known;

static void keys_get_the_partition_of_kafkas_java_client(void **state)
{
    static const known keys[] = {
        {"21", -973932308},
        {"foobar", -790332482},
        {"a-little-bit-long-string", -985981536},
        {"a-little-bit-longer-string", -1486304829},
        {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
        {"abc", 479470107},
    };

    (void)state;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(keys); i++) {
        int32_t positive = keys[i].murmur2 & INT32_MAX;

        for (int32_t partitions = 1; partitions < 20; partitions++)
            assert_int_equal(sf_partition_of_key(sf_bytes_text(keys[i].key), partitions),
                             positive % partitions);
        assert_int_equal(sf_partition_of_key(sf_bytes_text(keys[i].key), INT32_MAX),
                         positive % INT32_MAX);
    }
}

static void bytes_above_127_and_short_keys_are_hashed_unsigned(void **state)
{
    static const uint8_t key[] = {0xff, 0x80, 0x81, 0xfe};
    static const int32_t murmur2_of_size[] = {275646681, -311467685, -442788720, 1120456546,
                                              -296161532};

    (void)state;
    for (size_t size = 0; size <= sizeof(key); size++)
        assert_int_equal(sf_partition_of_key(sf_bytes_of(key, size), 1000),
                         (murmur2_of_size[size] & INT32_MAX) % 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_get_the_partition_of_kafkas_java_client),
        cmocka_unit_test(bytes_above_127_and_short_keys_are_hashed_unsigned),
    };

    return run_tests(tests);
}
