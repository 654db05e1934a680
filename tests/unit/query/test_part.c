#include "fleet/part.h"

#include "check.h"

static void items_come_back_as_they_were_written(void **state)
{
    sf_buffer page = SF_BUFFER_EMPTY;
    part_writer writer;
    part_reader reader;
    sf_json_writer *json;
    sf_bytes rank, item;

    (void)state;
    part_writer_init(&writer, &page);
    json = part_writer_begin(&writer, sf_bytes_text("a"));
    sf_json_write_object(json, NULL);
    sf_json_write_integer(json, "n", 1);
    sf_json_write_text(json, "t", "x");
    sf_json_write_end_object(json);
    part_writer_end(&writer);
    part_writer_add(&writer, sf_bytes_of("", 0), sf_bytes_text("2"));
    part_writer_close(&writer, true, sf_bytes_text("place"));

    assert_ok(part_reader_open(&reader, sf_buffer_bytes(&page), err));
    assert_true(reader.has_more);
    assert_bytes(reader.place, "place");
    assert_true(part_reader_next(&reader, &rank, &item));
    assert_bytes(rank, "a");
    assert_bytes(item, "{\"n\":1,\"t\":\"x\"}");
    assert_true(part_reader_next(&reader, &rank, &item));
    assert_int_equal(rank.size, 0);
    assert_bytes(item, "2");
    assert_false(part_reader_next(&reader, &rank, &item));
    sf_buffer_done(&page);
}

static void a_reply_gets_its_items_without_ranks_and_with_commas(void **state)
{
    sf_buffer body = SF_BUFFER_EMPTY;
    sf_json_writer json;
    part_writer writer;

    (void)state;
    sf_json_writer_init(&json, &body);
    part_writer_init_reply(&writer, &json);
    sf_json_write_array(&json, NULL);
    part_writer_add(&writer, sf_bytes_text("b"), sf_bytes_text("1"));
    part_writer_add(&writer, sf_bytes_text("a"), sf_bytes_text("2"));
    part_writer_close(&writer, true, sf_bytes_text("place"));
    sf_json_write_end_array(&json);

    assert_string_equal(sf_buffer_text(&body), "[1,2]");
    sf_buffer_done(&body);
}

/* Of each length but the whole, and with each byte of the frame changed. */
static void what_is_cut_or_none_is_refused(void **state)
{
    sf_buffer page = SF_BUFFER_EMPTY;
    part_writer writer;
    part_reader reader;
    sf_error error;

    (void)state;
    part_writer_init(&writer, &page);
    part_writer_add(&writer, sf_bytes_text("rank"), sf_bytes_text("{}"));
    part_writer_close(&writer, false, SF_NULL);
    for (size_t size = 0; size < page.size; size++)
        assert_int_equal(part_reader_open(&reader, sf_bytes_of(page.data, size), &error), SF_STOP);
    assert_ok(part_reader_open(&reader, sf_buffer_bytes(&page), err));
    assert_false(reader.has_more);
    assert_true(sf_bytes_is_null(reader.place));

    page.data[0] = 7;
    assert_int_equal(part_reader_open(&reader, sf_buffer_bytes(&page), &error), SF_STOP);
    assert_int_equal(error.code, SF_CORRUPT);
    page.data[0] = 1;
    page.data[1] = 0xff; /* a rank of 4 GB */
    assert_int_equal(part_reader_open(&reader, sf_buffer_bytes(&page), &error), SF_STOP);
    page.data[1] = 0;
    sf_buffer_add_text(&page, "x");
    assert_int_equal(part_reader_open(&reader, sf_buffer_bytes(&page), &error), SF_STOP);
    assert_int_equal(part_reader_open(&reader, SF_NULL, &error), SF_STOP);
    sf_buffer_done(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_back_as_they_were_written),
        cmocka_unit_test(a_reply_gets_its_items_without_ranks_and_with_commas),
        cmocka_unit_test(what_is_cut_or_none_is_refused),
    };

    return run_tests(tests);
}
