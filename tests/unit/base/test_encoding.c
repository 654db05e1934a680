#include "base/encoding.h"

#include "base/memory.h"
#include "check.h"

static void big_endian_sorts_as_the_numbers_do(void **state)
{
    static const uint64_t numbers[] = {0, 1, 255, 256, 65536, UINT32_MAX, 1ull << 40, UINT64_MAX};
    uint8_t before[8], after[8];

    (void)state;
    for (size_t i = 1; i < SF_ARRAY_LENGTH(numbers); i++) {
        sf_put_be64(before, numbers[i - 1]);
        sf_put_be64(after, numbers[i]);
        assert_true(memcmp(before, after, 8) < 0);
        assert_true(sf_get_be64(after) == numbers[i]);
    }
    sf_put_be32(after, 0x01020304);
    assert_memory_equal(after, "\1\2\3\4", 4);
    assert_int_equal(sf_get_be32(after), 0x01020304);
}

static void little_endian_comes_back(void **state)
{
    uint8_t bytes[8];

    (void)state;
    sf_put_le32(bytes, 0x01020304);
    assert_memory_equal(bytes, "\4\3\2\1", 4);
    assert_int_equal(sf_get_le32(bytes), 0x01020304);
    sf_put_le64(bytes, 0x0102030405060708);
    assert_memory_equal(bytes, "\x8\7\6\5\4\3\2\1", 8);
    assert_true(sf_get_le64(bytes) == 0x0102030405060708);
}

static void varints_come_back_and_are_refused_when_cut(void **state)
{
    (void)state;
    for (int bit = 0; bit < 64; bit++)
        for (int less = 0; less < 2; less++) {
            uint64_t number = (1ull << bit) - (uint64_t)less, read = 7;
            uint8_t bytes[SF_VARINT_MAX];
            size_t size = sf_put_varint(bytes, number);

            assert_int_equal(sf_get_varint(bytes, sizeof(bytes), &read), size);
            assert_true(read == number);
            for (size_t cut = 0; cut < size; cut++)
                assert_int_equal(sf_get_varint(bytes, cut, &read), 0);
        }
}

static void endless_varint_is_refused(void **state)
{
    uint8_t bytes[20];
    uint64_t number;

    (void)state;
    memset(bytes, 0x80, sizeof(bytes));
    assert_int_equal(sf_get_varint(bytes, sizeof(bytes), &number), 0);
}

static void numbers_and_bytes_are_taken_from_the_front(void **state)
{
    const uint8_t bytes[] = {0xac, 0x02, 'a', 'b', 0x80};
    sf_bytes left = sf_bytes_of(bytes, sizeof bytes);
    uint64_t number;
    sf_bytes taken;

    (void)state;
    assert_true(sf_take_varint(&left, &number));
    assert_int_equal(number, 300);
    assert_false(sf_take_bytes(&left, 4, &taken));
    assert_false(sf_take_bytes(&left, UINT64_MAX, &taken));
    assert_true(sf_take_bytes(&left, 2, &taken));
    assert_ptr_equal(taken.data, bytes + 2);
    assert_int_equal(taken.size, 2);
    assert_int_equal(left.size, 1);
    assert_false(sf_take_varint(&left, &number)); /* cut */
    assert_true(sf_take_bytes(&left, 0, &taken));
}

static void zigzag_makes_small_numbers_of_either_sign_short(void **state)
{
    static const int64_t numbers[] = {0, -1, 1, -2, INT64_MAX, INT64_MIN};

    (void)state;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(numbers); i++)
        assert_true(sf_unzigzag(sf_zigzag(numbers[i])) == numbers[i]);
    assert_int_equal(sf_zigzag(-1), 1);
    assert_int_equal(sf_zigzag(1), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(big_endian_sorts_as_the_numbers_do),
        cmocka_unit_test(little_endian_comes_back),
        cmocka_unit_test(varints_come_back_and_are_refused_when_cut),
        cmocka_unit_test(endless_varint_is_refused),
        cmocka_unit_test(numbers_and_bytes_are_taken_from_the_front),
        cmocka_unit_test(zigzag_makes_small_numbers_of_either_sign_short),
    };

    return run_tests(tests);
}
