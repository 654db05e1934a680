#include "http/waiting_reads.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "service/exchange.h"
#include "service/router.h"

enum { OFTEN_MS = 5, HOUR_MS = 3600 * 1000 };

/* Something that comes to be after it was asked for so often. */
typedef struct late {
    waiting_reads *reads;
    _Atomic int asked;
    int there_after;
    int64_t wait_ms;
} late;

static bool answer(const sf_request *request, sf_reply *reply, void *user, bool is_last)
{
    late *of = user;
    bool is_there = atomic_fetch_add(&of->asked, 1) >= of->there_after;

    (void)request;
    if (!is_there && !is_last)
        return false;
    sf_reply_text(reply, is_there ? 200 : 404, is_there ? "there" : "not there");
    return true;
}

static void handle(const sf_request *request, sf_reply *reply, void *user)
{
    late *of = user;

    waiting_reads_answer(of->reads, request, reply, answer, of, of->wait_ms);
}

static const sf_route route = {"GET", "/late", handle};

/* A request that may still wait. */
typedef struct visit {
    sf_router *router;
    sf_exchange *exchange;
} visit;

static visit begin(late *of)
{
    visit one = {sf_router_new(), sf_exchange_new("GET", "/late", SF_NULL)};

    sf_router_add(one.router, &route, 1, of);
    sf_router_handle(one.router, one.exchange);
    return one;
}

/* The status, once it is there. */
static int end(visit one)
{
    int status;

    sf_exchange_wait(one.exchange);
    status = sf_exchange_status(one.exchange);
    sf_exchange_free(one.exchange);
    sf_router_free(one.router);
    return status;
}

static int ask(late *of)
{
    return end(begin(of));
}

static void what_is_there_is_answered_at_once(void **state)
{
    late of = {.reads = waiting_reads_new(OFTEN_MS), .wait_ms = 10000};

    (void)state;
    assert_int_equal(ask(&of), 200);
    assert_int_equal(of.asked, 1);
    waiting_reads_free(of.reads);
}

static void what_comes_in_time_is_waited_for(void **state)
{
    late of = {.reads = waiting_reads_new(OFTEN_MS), .there_after = 3, .wait_ms = 10000};

    (void)state;
    assert_int_equal(ask(&of), 200);
    assert_int_equal(of.asked, 4);
    assert_int_equal(waiting_reads_count(of.reads), 0);
    waiting_reads_free(of.reads);
}

static void what_is_told_of_is_asked_for_again(void **state)
{
    late of = {.reads = waiting_reads_new(HOUR_MS), .there_after = 2, .wait_ms = 30000};
    visit one = begin(&of);

    (void)state;
    waiting_reads_ask(of.reads);
    while (atomic_load(&of.asked) < 2)
        (void)usleep(100);
    waiting_reads_ask(of.reads);
    assert_int_equal(end(one), 200);
    assert_int_equal(of.asked, 3);
    waiting_reads_free(of.reads);
}

/* As if a commit came between the first answer, "not there", and the place among those that wait. */
static void what_was_told_too_early_is_not_lost(void **state)
{
    late of = {.reads = waiting_reads_new(HOUR_MS), .there_after = 1, .wait_ms = 30000};

    (void)state;
    waiting_reads_ask(of.reads);
    assert_int_equal(ask(&of), 200);
    waiting_reads_free(of.reads);
}

static void a_wait_that_is_over_is_not_held_up(void **state)
{
    late of = {.reads = waiting_reads_new(HOUR_MS), .there_after = 1000000, .wait_ms = 20};

    (void)state;
    assert_int_equal(ask(&of), 404);
    waiting_reads_free(of.reads);
}

static void what_does_not_come_is_answered_when_the_time_is_over(void **state)
{
    late of = {.reads = waiting_reads_new(OFTEN_MS), .there_after = 1000000, .wait_ms = 20};

    (void)state;
    assert_int_equal(ask(&of), 404);
    of.wait_ms = 0;
    of.asked = 0;
    assert_int_equal(ask(&of), 404);
    assert_int_equal(of.asked, 1);
    waiting_reads_free(of.reads);
}

static void a_stop_answers_all_that_wait(void **state)
{
    late of = {.reads = waiting_reads_new(OFTEN_MS), .there_after = 1000000, .wait_ms = 30000};
    visit one = begin(&of);

    (void)state;
    waiting_reads_stop(of.reads);
    assert_int_equal(end(one), 404);
    assert_int_equal(ask(&of), 404); /* at once */
    waiting_reads_free(of.reads);
}

static int64_t time_of(const char *target, int *status)
{
    sf_router *router = sf_router_new();
    sf_exchange *exchange = sf_exchange_new("GET", target, SF_NULL);
    int64_t wait_ms = -1;

    sf_router_handle(router, exchange); /* takes the query apart */
    if (waiting_reads_time(sf_exchange_request(exchange), sf_exchange_reply(exchange), &wait_ms))
        *status = 200;
    else
        *status = sf_exchange_status(exchange);
    sf_exchange_free(exchange);
    sf_router_free(router);
    return wait_ms;
}

static void times_have_units_and_a_bound(void **state)
{
    static const char *const wrong[] = {
        "/x?wait=",     "/x?wait=5",     "/x?wait=s",
        "/x?wait=-1s",  "/x?wait=31s",   "/x?wait=30001ms",
        "/x?wait=1.5s", "/x?wait=5s%20", "/x?wait=9999999999999999999s"};
    int status;

    (void)state;
    assert_int_equal(time_of("/x?wait=5s", &status), 5000);
    assert_int_equal(time_of("/x?wait=250ms", &status), 250);
    assert_int_equal(time_of("/x?wait=30s", &status), 30000);
    assert_int_equal(time_of("/x", &status), 0);
    assert_int_equal(status, 200);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        (void)time_of(wrong[i], &status);
        if (status != 400)
            fail_msg("%s: %d", wrong[i], status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_is_answered_at_once),
        cmocka_unit_test(what_comes_in_time_is_waited_for),
        cmocka_unit_test(what_is_told_of_is_asked_for_again),
        cmocka_unit_test(what_was_told_too_early_is_not_lost),
        cmocka_unit_test(a_wait_that_is_over_is_not_held_up),
        cmocka_unit_test(what_does_not_come_is_answered_when_the_time_is_over),
        cmocka_unit_test(a_stop_answers_all_that_wait),
        cmocka_unit_test(times_have_units_and_a_bound),
    };

    return run_tests(tests);
}
