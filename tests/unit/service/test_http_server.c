#include "service/http_server.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

#include <stateful/clock.h>

#include "base/memory.h"
#include "check.h"
#include "service/exchange.h"
#include "service/json_reader.h"
#include "support/raw_client.h"

enum { BODY_MAX = 64 * 1024 };

/* Replies that handlers deferred; a worker thread answers them in their order. */
typedef struct desk {
    pthread_mutex_t lock;
    pthread_cond_t has_work;
    pthread_t worker;
    sf_reply *replies[1024];
    size_t count, taken;
    bool is_held; /* nothing is answered meanwhile */
    bool is_ending;
} desk;

typedef struct fixture {
    desk desk;
    sf_router *router;
    sf_http_server *server;
    _Atomic int handled_count;
} fixture;

static void *answer_deferred(void *argument)
{
    desk *of = argument;

    pthread_mutex_lock(&of->lock);
    while (!of->is_ending || of->taken < of->count) {
        sf_reply *reply;

        if (of->taken == of->count || of->is_held) {
            pthread_cond_wait(&of->has_work, &of->lock);
            continue;
        }
        reply = of->replies[of->taken++];
        pthread_mutex_unlock(&of->lock);
        sf_reply_text(reply, 201, "answered later");
        sf_reply_send(reply);
        pthread_mutex_lock(&of->lock);
    }
    pthread_mutex_unlock(&of->lock);
    return NULL;
}

static void desk_set_held(desk *of, bool is_held)
{
    pthread_mutex_lock(&of->lock);
    of->is_held = is_held;
    pthread_cond_broadcast(&of->has_work);
    pthread_mutex_unlock(&of->lock);
}

static size_t desk_count(desk *of)
{
    size_t count;

    pthread_mutex_lock(&of->lock);
    count = of->count;
    pthread_mutex_unlock(&of->lock);
    return count;
}

static void get_part(const sf_request *request, sf_reply *reply, void *user)
{
    fixture *of = user;

    atomic_fetch_add(&of->handled_count, 1);
    sf_reply_text(reply, 200, sf_request_part(request, "name"));
}

static void get_query(const sf_request *request, sf_reply *reply, void *user)
{
    const char *value = sf_request_query(request, "d");

    (void)user;
    sf_reply_text(reply, 200, value ? value : "(none)");
}

static void echo_body(const sf_request *request, sf_reply *reply, void *user)
{
    fixture *of = user;

    atomic_fetch_add(&of->handled_count, 1);
    sf_reply_body(reply, 200, "application/octet-stream", sf_request_body(request));
}

static void defer(const sf_request *request, sf_reply *reply, void *user)
{
    fixture *of = user;

    (void)request;
    sf_reply_defer(reply);
    pthread_mutex_lock(&of->desk.lock);
    assert_true(of->desk.count < SF_ARRAY_LENGTH(of->desk.replies));
    of->desk.replies[of->desk.count++] = reply;
    pthread_cond_broadcast(&of->desk.has_work);
    pthread_mutex_unlock(&of->desk.lock);
}

static void forget(const sf_request *request, sf_reply *reply, void *user)
{
    (void)request, (void)reply, (void)user;
}

static const sf_route routes[] = {
    {"GET", "/parts/{name}/end", get_part},
    {"GET", "/query", get_query},
    {"POST", "/echo", echo_body},
    {"PUT", "/echo", echo_body},
    {"POST", "/later", defer},
    {"GET", "/forgotten", forget},
};

static fixture *start(sf_http_options options)
{
    fixture *made = sf_zalloc(sizeof(*made));

    options.body_size_max = BODY_MAX;
    pthread_mutex_init(&made->desk.lock, NULL);
    pthread_cond_init(&made->desk.has_work, NULL);
    assert_int_equal(pthread_create(&made->desk.worker, NULL, answer_deferred, &made->desk), 0);
    made->router = sf_router_new();
    sf_router_add(made->router, routes, SF_ARRAY_LENGTH(routes), made);
    assert_ok(sf_http_server_start(&options, made->router, &made->server, err));
    return made;
}

static void stop(fixture *of)
{
    sf_http_server_stop(of->server, 5000);
    desk_set_held(&of->desk, false);
    pthread_mutex_lock(&of->desk.lock);
    of->desk.is_ending = true;
    pthread_cond_broadcast(&of->desk.has_work);
    pthread_mutex_unlock(&of->desk.lock);
    pthread_join(of->desk.worker, NULL);
    sf_router_free(of->router);
    free(of);
}

static fixture *shared;

static int start_shared(void **state)
{
    (void)state;
    shared = start((sf_http_options){0});
    return 0;
}

static int stop_shared(void **state)
{
    (void)state;
    stop(shared);
    return 0;
}

static raw_client connect_to(fixture *of)
{
    raw_client client;

    raw_client_open(&client, sf_http_server_port(of->server));
    return client;
}

/* Asks on a connection of its own; checks status, whether the server closes, and the problem slug or
 * body. */
static void check_answer(const char *request, int status, const char *body_has, bool closes)
{
    raw_client client = connect_to(shared);
    const char *connection;

    if (raw_client_ask(&client, request) != status)
        fail_msg("%.60s: answered %d, not %d: %s", request, client.status, status,
                 raw_client_body(&client));
    if (!strstr(raw_client_body(&client), body_has))
        fail_msg("%.60s: '%s' does not have '%s'", request, raw_client_body(&client), body_has);
    connection = raw_client_header(&client, "Connection");
    if ((connection && !strcasecmp(connection, "close")) != closes)
        fail_msg("%.60s: Connection is %s", request, connection ? connection : "not set");
    if (closes && !*body_has)
        raw_client_drain(&client); /* the library's own refusals send their head twice */
    if (closes && !raw_client_is_closed(&client))
        fail_msg("%.60s: the connection stays open", request);
    raw_client_close(&client);
}

#define HOST "Host: x\r\n"
#define END HOST "\r\n"

static void connections_are_kept_and_no_answer_says_close(void **state)
{
    raw_client client = connect_to(shared);

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(raw_client_ask(&client, "GET /parts/a/end HTTP/1.1\r\n" END), 200);
        assert_null(raw_client_header(&client, "Connection"));
        assert_string_equal(raw_client_header(&client, "X-Content-Type-Options"), "nosniff");
        assert_int_equal(
            raw_client_ask(&client, "POST /echo HTTP/1.1\r\nContent-Length: 5\r\n" END "hello"),
            200);
        assert_string_equal(raw_client_body(&client), "hello");
        assert_null(raw_client_header(&client, "Connection"));
        assert_int_equal(
            raw_client_ask(&client, "POST /later HTTP/1.1\r\nContent-Length: 2\r\n" END "{}"), 201);
        assert_string_equal(raw_client_body(&client), "answered later");
        assert_null(raw_client_header(&client, "Connection"));
        assert_int_equal(raw_client_ask(&client, "GET /nowhere HTTP/1.1\r\n" END), 404);
        assert_null(raw_client_header(&client, "Connection"));
    }
    raw_client_close(&client);
}

static void requests_sent_in_one_go_are_answered_in_order(void **state)
{
    raw_client client = connect_to(shared);

    (void)state;
    raw_client_send(&client, "GET /parts/one/end HTTP/1.1\r\n" END
                             "POST /later HTTP/1.1\r\nContent-Length: 0\r\n" END
                             "GET /parts/three/end HTTP/1.1\r\n" END);
    assert_int_equal(raw_client_receive(&client, false), 200);
    assert_string_equal(raw_client_body(&client), "one");
    assert_int_equal(raw_client_receive(&client, false), 201);
    assert_int_equal(raw_client_receive(&client, false), 200);
    assert_string_equal(raw_client_body(&client), "three");
    raw_client_close(&client);
}

static void paths_are_cut_before_they_are_decoded(void **state)
{
    (void)state;
    check_answer("GET /parts/Home%2FGarden/end HTTP/1.1\r\n" END, 200, "Home/Garden", false);
    check_answer("GET /parts/K%C3%BCche%20%26%20Bad/end HTTP/1.1\r\n" END, 200,
                 "K\xc3\xbc"
                 "che & Bad",
                 false);
    check_answer("GET /parts/a+b/end HTTP/1.1\r\n" END, 200, "a+b", false);
    check_answer("GET /parts/A%00B/end HTTP/1.1\r\n" END, 400, "a NUL character", false);
    check_answer("GET /parts/A%0/end HTTP/1.1\r\n" END, 400, "malformed-path", false);
    check_answer("GET /parts/A%zz/end HTTP/1.1\r\n" END, 400, "malformed-path", false);
    check_answer("GET /parts/%ff%fe/end HTTP/1.1\r\n" END, 400, "not UTF-8", false);
    check_answer("GET /parts/../end HTTP/1.1\r\n" END, 200, "..", false);
    check_answer("GET /parts/../../etc/passwd HTTP/1.1\r\n" END, 404, "no-such-route", false);
    check_answer("GET /parts//end HTTP/1.1\r\n" END, 404, "no-such-route", false);
    check_answer("GET http://x/parts/abs/end HTTP/1.1\r\n" END, 200, "abs", false);
}

static void queries_are_decoded_and_a_plus_stays_a_plus(void **state)
{
    (void)state;
    check_answer("GET /query?d=10:00+01:00&e HTTP/1.1\r\n" END, 200, "10:00+01:00", false);
    check_answer("GET /query?x=1&d=a%26b%3Dc&d=2 HTTP/1.1\r\n" END, 200, "a&b=c", false);
    check_answer("GET /query?d=%00z HTTP/1.1\r\n" END, 400, "a NUL character", false);
    check_answer("GET /query?D=1 HTTP/1.1\r\n" END, 200, "(none)", false);
    check_answer("GET /query HTTP/1.1\r\n" END, 200, "(none)", false);
}

static void ambiguous_framing_is_refused_and_the_connection_closed(void **state)
{
    int handled_before = atomic_load(&shared->handled_count);

    (void)state;
    check_answer("POST /echo HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n" END "hello!",
                 400, "more than one Content-Length", true);
    check_answer("POST /echo HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n" END "hello",
                 400, "more than one Content-Length", true);
    check_answer("POST /echo HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n" END
                 "0\r\n\r\n",
                 400, "exclude each other", true);
    check_answer("POST /echo HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n" END "hello", 501,
                 "unknown-transfer-encoding", true);
    check_answer("POST /echo HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n" END "0\r\n\r\n", 501,
                 "unknown-transfer-encoding", true);
    check_answer("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
                 "chunked\r\n" END "0\r\n\r\n",
                 501, "unknown-transfer-encoding", true);
    check_answer("GET /query HTTP/1.1\r\nHost: y\r\n" END, 400, "more than one Host", true);
    check_answer("GET /query HTTP/1.1\r\n\r\n", 400, "", true);
    check_answer("POST /echo HTTP/1.1\r\nContent-Length: -1\r\n" END, 400, "", true);
    assert_int_equal(atomic_load(&shared->handled_count), handled_before);
}

static void chunked_bodies_are_taken(void **state)
{
    (void)state;
    check_answer("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END
                 "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
                 200, "hello world", false);
}

static void long_headers_and_targets_are_refused(void **state)
{
    char *text = sf_alloc(50000);
    raw_client client;
    int status;

    (void)state;
    memset(text, 'a', 40000);
    memcpy(text, "GET /", 5);
    strcpy(text + 40000, " HTTP/1.1\r\n" END);
    check_answer(text, 414, "", true);

    strcpy(text, "GET /query HTTP/1.1\r\nX-Long: ");
    memset(text + strlen("GET /query HTTP/1.1\r\nX-Long: "), 'a', 40000);
    strcpy(text + 40000, "\r\n" END);
    client = connect_to(shared);
    status = raw_client_ask(&client, text);
    assert_true(status == 431 || status == 413);
    raw_client_close(&client);
    free(text);
}

static void methods_are_answered_from_the_route_table(void **state)
{
    raw_client client = connect_to(shared);

    (void)state;
    assert_int_equal(raw_client_ask(&client, "DELETE /echo HTTP/1.1\r\n" END), 405);
    assert_string_equal(raw_client_header(&client, "Allow"), "POST, PUT, OPTIONS");
    assert_non_null(strstr(raw_client_body(&client), "\"type\":\"/problems/method-not-allowed\""));
    assert_string_equal(raw_client_header(&client, "Content-Type"), "application/problem+json");

    assert_int_equal(raw_client_ask(&client, "BREW /query HTTP/1.1\r\n" END), 405);
    assert_string_equal(raw_client_header(&client, "Allow"), "GET, HEAD, OPTIONS");

    assert_int_equal(raw_client_ask(&client, "OPTIONS /query HTTP/1.1\r\n" END), 204);
    assert_string_equal(raw_client_header(&client, "Allow"), "GET, HEAD, OPTIONS");

    assert_int_equal(raw_client_ask(&client, "OPTIONS * HTTP/1.1\r\n" END), 204);
    assert_string_equal(raw_client_header(&client, "Allow"), "GET, HEAD, POST, PUT, OPTIONS");

    assert_int_equal(raw_client_ask(&client, "HEAD /parts/abc/end HTTP/1.1\r\n" END), 200);
    assert_string_equal(raw_client_header(&client, "Content-Length"), "3");
    assert_int_equal(raw_client_ask(&client, "GET /parts/abc/end HTTP/1.1\r\n" END), 200);
    assert_string_equal(raw_client_body(&client), "abc");
    raw_client_close(&client);
}

static void an_unknown_route_is_a_problem_document(void **state)
{
    raw_client client = connect_to(shared);

    (void)state;
    assert_int_equal(
        raw_client_ask(&client, "GET /nowhere?x=1 HTTP/1.1\r\ntraceparent: "
                                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n" END),
        404);
    assert_string_equal(raw_client_body(&client),
                        "{\"type\":\"/problems/no-such-route\",\"title\":\"No such route\","
                        "\"status\":404,\"detail\":\"nothing is at '/nowhere'\","
                        "\"instance\":\"/nowhere\","
                        "\"traceId\":\"4bf92f3577b34da6a3ce929d0e0e4736\"}");
    raw_client_close(&client);
}

static void a_handler_that_replies_nothing_gives_a_500(void **state)
{
    (void)state;
    check_answer("GET /forgotten HTTP/1.1\r\n" END, 500, "internal-error", false);
}

/* Sends a body of size bytes, declared or in chunks, and returns the status. */
static int post_bytes(size_t size, bool is_chunked)
{
    raw_client client = connect_to(shared);
    char *body = sf_alloc(size);
    char head[200];
    int status;

    memset(body, 'x', size);
    if (is_chunked)
        sprintf(head, "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END "%zx\r\n", size);
    else
        sprintf(head, "POST /echo HTTP/1.1\r\nContent-Length: %zu\r\n" END, size);
    raw_client_send(&client, head);
    raw_client_send_bytes(&client, sf_bytes_of(body, size));
    if (is_chunked)
        raw_client_send(&client, "\r\n0\r\n\r\n");
    status = raw_client_receive(&client, false);
    if (status == 200)
        assert_int_equal(client.body.size, size);
    if (status == 413) {
        assert_non_null(strstr(raw_client_body(&client), "body-too-large"));
        assert_string_equal(raw_client_header(&client, "Connection"), "close");
    }
    raw_client_close(&client);
    free(body);
    return status;
}

static void a_body_may_be_as_large_as_allowed_and_no_larger(void **state)
{
    (void)state;
    assert_int_equal(post_bytes(BODY_MAX, false), 200);
    assert_int_equal(post_bytes(BODY_MAX, true), 200);
    assert_int_equal(post_bytes(BODY_MAX + 1, false), 413);
    assert_int_equal(post_bytes(BODY_MAX + 1, true), 413);
    assert_int_equal(post_bytes(3 * 1024 * 1024, false), 413);
    assert_int_equal(post_bytes(3 * 1024 * 1024, true), 413);
}

static void a_large_body_is_refused_before_it_is_sent_where_the_client_asks(void **state)
{
    (void)state;
    check_answer("POST /echo HTTP/1.1\r\nContent-Length: 2000000\r\nExpect: 100-continue\r\n" END,
                 413, "body-too-large", true);
    check_answer("POST /echo HTTP/1.1\r\nContent-Length: 99999999999\r\n" END, 413,
                 "body-too-large", true);
}

static void a_client_that_waits_for_100_continue_gets_it(void **state)
{
    raw_client client = connect_to(shared);

    (void)state;
    assert_int_equal(raw_client_ask(&client, "POST /echo HTTP/1.1\r\nContent-Length: 5\r\n"
                                             "Expect: 100-continue\r\n" END),
                     100);
    assert_int_equal(raw_client_ask(&client, "hello"), 200);
    assert_string_equal(raw_client_body(&client), "hello");
    raw_client_close(&client);
}

static int64_t elapsed_ms(int64_t since_us)
{
    return (sf_clock_monotonic_us(sf_clock_system()) - since_us) / 1000;
}

/* Sends a byte every 20 ms until the server closes. */
static void check_is_cut_off(fixture *of, const char *begin)
{
    raw_client client = connect_to(of);
    int64_t began_us = sf_clock_monotonic_us(sf_clock_system());
    struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    char byte;

    raw_client_send(&client, begin);
    while (recv(client.fd, &byte, 1, MSG_DONTWAIT) < 0) {
        if (elapsed_ms(began_us) > 15000)
            fail_msg("still connected");
        nanosleep(&pause, NULL);
        raw_client_send(&client, "x");
    }
    raw_client_close(&client);
}

static void slow_senders_are_cut_off(void **state)
{
    fixture *of = start((sf_http_options){.request_timeout_ms = 200, .idle_timeout_ms = 1000});

    (void)state;
    check_is_cut_off(of, "POST /echo HTTP/1.1\r\nContent-Length: 50000\r\n" END);
    check_is_cut_off(of, "GET /query HTTP/1.1\r\nX-Slow: ");
    check_is_cut_off(of, "GET /query");
    stop(of);
}

static void a_silent_connection_is_closed(void **state)
{
    fixture *of = start((sf_http_options){.idle_timeout_ms = 1000});
    raw_client client = connect_to(of);

    (void)state;
    assert_int_equal(raw_client_ask(&client, "GET /query HTTP/1.1\r\n" END), 200);
    assert_true(raw_client_is_closed(&client));
    raw_client_close(&client);
    stop(of);
}

static void a_deferred_reply_that_is_late_becomes_a_503(void **state)
{
    fixture *of = start((sf_http_options){.reply_timeout_ms = 50});
    raw_client client = connect_to(of);

    (void)state;
    desk_set_held(&of->desk, true);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(
            raw_client_ask(&client, "POST /later HTTP/1.1\r\nContent-Length: 0\r\n" END), 503);
        assert_non_null(strstr(raw_client_body(&client), "/problems/timed-out"));
        assert_non_null(strstr(raw_client_body(&client), "\"instance\":\"/later\""));
        assert_string_equal(raw_client_header(&client, "Retry-After"), "1");
    }
    assert_int_equal(raw_client_ask(&client, "GET /query?d=on HTTP/1.1\r\n" END), 200);
    assert_int_equal(desk_count(&of->desk), 3);
    raw_client_close(&client);
    stop(of); /* the desk answers them only after the server is gone */
}

static void a_client_that_leaves_does_not_disturb_its_deferred_reply(void **state)
{
    fixture *of = start((sf_http_options){0});
    raw_client client = connect_to(of);

    (void)state;
    desk_set_held(&of->desk, true);
    raw_client_send(&client, "POST /later HTTP/1.1\r\nContent-Length: 0\r\n" END);
    while (!desk_count(&of->desk))
        sched_yield();
    raw_client_close(&client);
    desk_set_held(&of->desk, false);

    client = connect_to(of);
    assert_int_equal(raw_client_ask(&client, "POST /later HTTP/1.1\r\nContent-Length: 0\r\n" END),
                     201);
    raw_client_close(&client);
    stop(of);
}

static void many_connections_are_served_at_a_time(void **state)
{
    enum { COUNT = 200, ROUNDS = 5 };
    raw_client *clients = sf_alloc(COUNT * sizeof(*clients));

    (void)state;
    for (int i = 0; i < COUNT; i++)
        clients[i] = connect_to(shared);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < COUNT; i++)
            raw_client_send(&clients[i], i % 2 ? "POST /later HTTP/1.1\r\nContent-Length: 0\r\n" END
                                               : "GET /parts/many/end HTTP/1.1\r\n" END);
        for (int i = 0; i < COUNT; i++)
            assert_int_equal(raw_client_receive(&clients[i], false), i % 2 ? 201 : 200);
        pthread_mutex_lock(&shared->desk.lock);
        if (shared->desk.taken == shared->desk.count)
            shared->desk.taken = shared->desk.count = 0; /* room for the next round */
        pthread_mutex_unlock(&shared->desk.lock);
    }
    for (int i = 0; i < COUNT; i++)
        raw_client_close(&clients[i]);
    free(clients);
}

/* A client that asks over and over, and anew after a close, until there is no server. */
typedef struct load {
    pthread_t thread;
    uint16_t port;
    bool is_deferred;
    _Atomic bool is_over;
    _Atomic int answered_count;
    _Atomic int cut_count; /* requests that went out and were not answered */
} load;

static void *ask_over_and_over(void *argument)
{
    load *of = argument;
    raw_client client;

    raw_client_open(&client, of->port);
    while (!atomic_load(&of->is_over)) {
        const char *connection;
        int status = raw_client_ask(
            &client, of->is_deferred ? "POST /later HTTP/1.1\r\nContent-Length: 0\r\n" END
                                     : "GET /parts/load/end HTTP/1.1\r\n" END);

        if (!status) {
            atomic_fetch_add(&of->cut_count, 1);
            break;
        }
        atomic_fetch_add(&of->answered_count, 1);
        connection = raw_client_header(&client, "Connection");
        if (connection && !strcasecmp(connection, "close"))
            break; /* we are told to leave */
    }
    raw_client_close(&client);
    return NULL;
}

static void a_stop_under_load_answers_all_that_is_under_way(void **state)
{
    enum { COUNT = 8 };
    fixture *of = start((sf_http_options){0});
    load loads[COUNT] = {0};
    int cut_count = 0;

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        loads[i].port = sf_http_server_port(of->server);
        loads[i].is_deferred = i == 0;
        assert_int_equal(pthread_create(&loads[i].thread, NULL, ask_over_and_over, &loads[i]), 0);
    }
    for (int i = 0; i < COUNT; i++)
        while (atomic_load(&loads[i].answered_count) < 20)
            sched_yield();
    sf_http_server_stop(of->server, 5000);
    of->server = NULL;
    for (int i = 0; i < COUNT; i++) {
        pthread_join(loads[i].thread, NULL);
        cut_count += atomic_load(&loads[i].cut_count);
    }
    assert_int_equal(cut_count, 0);
    stop(of);
}

static void *stop_now(void *server)
{
    sf_http_server_stop(server, 100);
    return NULL;
}

static void a_stop_answers_what_nobody_sent_in_time(void **state)
{
    fixture *of = start((sf_http_options){0});
    raw_client client = connect_to(of);
    pthread_t stopping;

    (void)state;
    desk_set_held(&of->desk, true);
    raw_client_send(&client, "POST /later HTTP/1.1\r\nContent-Length: 0\r\n" END);
    while (!desk_count(&of->desk))
        sched_yield();
    assert_int_equal(pthread_create(&stopping, NULL, stop_now, of->server), 0);
    assert_int_equal(raw_client_receive(&client, false), 503);
    assert_string_equal(raw_client_header(&client, "Connection"), "close");
    pthread_join(stopping, NULL);
    of->server = NULL;
    raw_client_close(&client);
    stop(of);
}

static void a_port_that_is_taken_is_named_with_its_setting(void **state)
{
    sf_http_options options = {
        .port = sf_http_server_port(shared->server),
        .port_setting = "SERVER_PORT",
    };
    sf_http_server *server;
    char expected[100];
    sf_error err;

    (void)state;
    assert_int_equal(sf_http_server_start(&options, shared->router, &server, &err), SF_STOP);
    assert_int_equal(err.code, SF_BUSY);
    sprintf(expected, "port %u is in use: set SERVER_PORT to a free one", options.port);
    assert_string_equal(err.text, expected);

    options.address = "somewhere";
    assert_int_equal(sf_http_server_start(&options, shared->router, &server, &err), SF_STOP);
    assert_int_equal(err.code, SF_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_are_kept_and_no_answer_says_close),
        cmocka_unit_test(requests_sent_in_one_go_are_answered_in_order),
        cmocka_unit_test(paths_are_cut_before_they_are_decoded),
        cmocka_unit_test(queries_are_decoded_and_a_plus_stays_a_plus),
        cmocka_unit_test(ambiguous_framing_is_refused_and_the_connection_closed),
        cmocka_unit_test(chunked_bodies_are_taken),
        cmocka_unit_test(long_headers_and_targets_are_refused),
        cmocka_unit_test(methods_are_answered_from_the_route_table),
        cmocka_unit_test(an_unknown_route_is_a_problem_document),
        cmocka_unit_test(a_handler_that_replies_nothing_gives_a_500),
        cmocka_unit_test(a_body_may_be_as_large_as_allowed_and_no_larger),
        cmocka_unit_test(a_large_body_is_refused_before_it_is_sent_where_the_client_asks),
        cmocka_unit_test(a_client_that_waits_for_100_continue_gets_it),
        cmocka_unit_test(slow_senders_are_cut_off),
        cmocka_unit_test(a_silent_connection_is_closed),
        cmocka_unit_test(a_deferred_reply_that_is_late_becomes_a_503),
        cmocka_unit_test(a_client_that_leaves_does_not_disturb_its_deferred_reply),
        cmocka_unit_test(many_connections_are_served_at_a_time),
        cmocka_unit_test(a_stop_under_load_answers_all_that_is_under_way),
        cmocka_unit_test(a_stop_answers_what_nobody_sent_in_time),
        cmocka_unit_test(a_port_that_is_taken_is_named_with_its_setting),
    };

    return cmocka_run_group_tests(tests, start_shared, stop_shared);
}
