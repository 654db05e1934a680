#include "service/piece_reader.h"

#include "check.h"
#include "service/exchange.h"
#include "service/router.h"

/* Gives "0 ", "1 ", … and ends as it is told. */
typedef struct counting {
    int count;
    int until;
    sf_reply_piece ends_with;
    int ended;
} counting;

static sf_reply_piece next(void *user, sf_buffer *out)
{
    counting *of = user;

    if (of->count == of->until)
        return of->ends_with;
    sf_buffer_printf(out, "%d ", of->count++);
    return SF_REPLY_MORE;
}

static void end(void *user)
{
    ((counting *)user)->ended++;
}

static const sf_reply_source source = {next, end};

static void pieces_come_in_blocks_of_any_size(void **state)
{
    (void)state;
    for (size_t most = 1; most < 8; most++) {
        counting of = {.until = 12, .ends_with = SF_REPLY_LAST};
        sf_piece_reader reader;
        sf_buffer all = SF_BUFFER_EMPTY;
        char block[8];
        size_t size;

        sf_piece_reader_init(&reader, &source, &of);
        while ((size = sf_piece_reader_read(&reader, block, most))) {
            assert_true(size <= most);
            sf_buffer_add(&all, block, size);
        }
        assert_string_equal(sf_buffer_text(&all), "0 1 2 3 4 5 6 7 8 9 10 11 ");
        assert_false(sf_piece_reader_is_broken(&reader));
        assert_int_equal(sf_piece_reader_read(&reader, block, most), 0);
        sf_piece_reader_done(&reader);
        assert_int_equal(of.ended, 1);
        sf_buffer_done(&all);
    }
}

static void a_broken_source_is_told_from_one_at_its_end(void **state)
{
    counting of = {.until = 1, .ends_with = SF_REPLY_BROKEN};
    sf_piece_reader reader;
    char block[8];

    (void)state;
    sf_piece_reader_init(&reader, &source, &of);
    assert_int_equal(sf_piece_reader_read(&reader, block, sizeof(block)), 2);
    assert_int_equal(sf_piece_reader_read(&reader, block, sizeof(block)), 0);
    assert_true(sf_piece_reader_is_broken(&reader));
    sf_piece_reader_done(&reader);
    assert_int_equal(of.ended, 1);
}

static void stream(const sf_request *request, sf_reply *reply, void *user)
{
    (void)request;
    sf_reply_stream(reply, 200, "text/plain", &source, user);
}

static void stream_and_think_better(const sf_request *request, sf_reply *reply, void *user)
{
    stream(request, reply, user);
    sf_reply_problem(reply, 500, "internal-error", "after all");
}

static void without_a_server_the_body_is_gathered(void **state)
{
    static const sf_route routes[] = {{"GET", "/stream", stream},
                                      {"GET", "/not", stream_and_think_better}};
    counting of = {.until = 3, .ends_with = SF_REPLY_LAST};
    sf_router *router = sf_router_new();
    sf_exchange *exchange = sf_exchange_new("GET", "/stream", SF_NULL);

    (void)state;
    sf_router_add(router, routes, 2, &of);
    sf_router_handle(router, exchange);
    assert_string_equal(sf_exchange_body(exchange), "0 1 2 ");
    assert_int_equal(of.ended, 1);
    sf_exchange_free(exchange);

    exchange = sf_exchange_new("GET", "/not", SF_NULL);
    sf_router_handle(router, exchange);
    assert_int_equal(sf_exchange_status(exchange), 500);
    assert_int_equal(of.ended, 2);
    sf_exchange_free(exchange);
    sf_router_free(router);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_come_in_blocks_of_any_size),
        cmocka_unit_test(a_broken_source_is_told_from_one_at_its_end),
        cmocka_unit_test(without_a_server_the_body_is_gathered),
    };

    return run_tests(tests);
}
