#include "base/crc32c.h"

#include "base/random.h"
#include "check.h"

static void known_values_come_out(void **state)
{
    static const uint8_t zeros[32];

    (void)state;
    assert_int_equal(sf_crc32c(0, "123456789", 9), 0xe3069283); /* the check value of CRC-32C */
    assert_int_equal(sf_crc32c_plain(0, "123456789", 9), 0xe3069283);
    assert_int_equal(sf_crc32c(0, zeros, 32), 0x8a9136aa); /* RFC 3720, B.4 */
    assert_int_equal(sf_crc32c(0, "", 0), 0);
}

static void processor_and_plain_code_agree_on_any_size_and_split(void **state)
{
    uint8_t bytes[500];
    sf_random random;

    (void)state;
    sf_random_init(&random, 1);
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)sf_random_next(&random);
    for (size_t size = 0; size < sizeof(bytes); size++) {
        uint32_t whole = sf_crc32c(0, bytes, size);
        size_t split = sf_random_below(&random, size + 1);

        assert_int_equal(sf_crc32c_plain(0, bytes, size), whole);
        assert_int_equal(sf_crc32c(sf_crc32c(0, bytes, split), bytes + split, size - split), whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values_come_out),
        cmocka_unit_test(processor_and_plain_code_agree_on_any_size_and_split),
    };

    return run_tests(tests);
}
