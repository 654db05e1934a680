/* The courier against servers in this process, and sockets that say nothing. */
#include "fleet/courier.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "check.h"
#include "service/http_server.h"

enum { ADDRESS_SIZE = 64, LONG_MS = 20000, SHORT_MS = 100 };

/* Answers as they come back. */
typedef struct mailbox {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int count;
    int unanswered;
    int last_status;
    char last_body[256];
    char last_tag[64];
} mailbox;

static void mailbox_init(mailbox *box)
{
    *box = (mailbox){0};
    pthread_mutex_init(&box->lock, NULL);
    pthread_cond_init(&box->changed, NULL);
}

static void note(void *user, const courier_answer *answer)
{
    mailbox *box = user;
    const char *tag = courier_answer_header(answer, "etag"); /* in any case */

    pthread_mutex_lock(&box->lock);
    box->count++;
    box->unanswered += !answer->status;
    box->last_status = answer->status;
    (void)snprintf(box->last_body, sizeof box->last_body, "%.*s", (int)answer->body.size,
                   answer->body.size ? (const char *)answer->body.data : "");  /* may be cut */
    (void)snprintf(box->last_tag, sizeof box->last_tag, "%s", tag ? tag : ""); /* short */
    pthread_cond_signal(&box->changed);
    pthread_mutex_unlock(&box->lock);
}

static void wait_for(mailbox *box, int count)
{
    pthread_mutex_lock(&box->lock);
    while (box->count < count)
        pthread_cond_wait(&box->changed, &box->lock);
    pthread_mutex_unlock(&box->lock);
}

/* ---- a peer ---- */

static void get_echo(const sf_request *request, sf_reply *reply, void *user)
{
    const char *sent = sf_request_header(request, "Authorization");
    sf_buffer text = SF_BUFFER_EMPTY;

    (void)user;
    sf_buffer_printf(&text, "%s %s", sf_request_target(request), sent ? sent : "-");
    sf_reply_text(reply, 200, sf_buffer_text(&text));
    sf_reply_header(reply, "ETag", "\"7\"");
    sf_buffer_done(&text);
}

static void get_away(const sf_request *request, sf_reply *reply, void *user)
{
    (void)request, (void)user;
    sf_reply_problem(reply, 503, "state-store-restoring", "not now");
}

typedef struct peer {
    sf_router *router;
    sf_http_server *server;
    char address[ADDRESS_SIZE];
} peer;

static void peer_start(peer *at)
{
    static const sf_route routes[] = {{"GET", "/echo/{what}", get_echo},
                                      {"GET", "/away", get_away}};

    at->router = sf_router_new();
    sf_router_add(at->router, routes, 2, NULL);
    assert_ok(sf_http_server_start(&(sf_http_options){0}, at->router, &at->server, err));
    (void)snprintf(at->address, sizeof at->address, "127.0.0.1:%d",
                   (int)sf_http_server_port(at->server)); /* fits */
}

static void peer_stop(peer *at)
{
    sf_http_server_stop(at->server, 0);
    sf_router_free(at->router);
}

/* A socket that takes connections and never says a word. */
static int open_silent(char address[ADDRESS_SIZE])
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof name;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&name, size), 0);
    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &size), 0);
    (void)snprintf(address, ADDRESS_SIZE, "127.0.0.1:%d", ntohs(name.sin_port)); /* fits */
    return fd;
}

static courier_question question_to(const char *address, const char *target, int64_t timeout_ms,
                                    mailbox *box)
{
    return (courier_question){
        .address = address, .target = target, .timeout_ms = timeout_ms, .done = note, .user = box};
}

/* ---- tests ---- */

static void answers_come_with_status_headers_and_body(void **state)
{
    const courier_header headers[] = {{"Authorization", "Bearer x"}, {"traceparent", NULL}};
    courier_question question;
    courier *sender;
    mailbox box;
    peer at;

    (void)state;
    mailbox_init(&box);
    peer_start(&at);
    assert_ok(courier_new(&sender, err));
    question = question_to(at.address, "/echo/a%2Fb?x=%20y", LONG_MS, &box);
    question.headers = headers;
    question.header_count = 2;
    courier_ask(sender, &question);
    wait_for(&box, 1);

    assert_int_equal(box.last_status, 200);
    assert_string_equal(box.last_body, "/echo/a%2Fb?x=%20y Bearer x");
    assert_string_equal(box.last_tag, "\"7\"");

    question = question_to(at.address, "/away", LONG_MS, &box);
    courier_ask(sender, &question);
    wait_for(&box, 2);
    assert_int_equal(box.last_status, 503);
    assert_non_null(strstr(box.last_body, "not now"));
    courier_free(sender);
    peer_stop(&at);
}

static void many_questions_are_under_way_at_a_time(void **state)
{
    courier_question question;
    courier *sender;
    mailbox box;
    peer at;

    (void)state;
    mailbox_init(&box);
    peer_start(&at);
    assert_ok(courier_new(&sender, err));
    question = question_to(at.address, "/echo/many", LONG_MS, &box);
    for (int i = 0; i < 500; i++)
        courier_ask(sender, &question);
    wait_for(&box, 500);

    assert_int_equal(box.unanswered, 0);
    assert_int_equal(courier_count(sender).asked, 500);
    assert_int_equal(courier_count(sender).unanswered, 0);
    courier_free(sender);
    peer_stop(&at);
}

static void who_says_nothing_or_is_not_there_is_given_up(void **state)
{
    char silent[ADDRESS_SIZE], absent[ADDRESS_SIZE];
    int silent_fd = open_silent(silent), absent_fd = open_silent(absent);
    courier_question question;
    courier *sender;
    mailbox box;

    (void)state;
    close(absent_fd);
    mailbox_init(&box);
    assert_ok(courier_new(&sender, err));
    question = question_to(silent, "/", SHORT_MS, &box);
    courier_ask(sender, &question);
    question = question_to(absent, "/", LONG_MS, &box);
    courier_ask(sender, &question);
    wait_for(&box, 2);

    assert_int_equal(box.unanswered, 2);
    assert_int_equal(courier_count(sender).unanswered, 2);
    courier_free(sender);
    close(silent_fd);
}

static void an_end_tells_of_what_is_under_way(void **state)
{
    char silent[ADDRESS_SIZE];
    int fd = open_silent(silent);
    courier_question question;
    courier *sender;
    mailbox box;

    (void)state;
    mailbox_init(&box);
    assert_ok(courier_new(&sender, err));
    question = question_to(silent, "/", LONG_MS, &box);
    for (int i = 0; i < 20; i++)
        courier_ask(sender, &question);
    courier_free(sender);

    assert_int_equal(box.count, 20);
    assert_int_equal(box.unanswered, 20);
    close(fd);
}

static void too_many_questions_are_refused_at_once(void **state)
{
    char silent[ADDRESS_SIZE];
    int fd = open_silent(silent);
    courier_question question;
    courier *sender;
    mailbox box;

    (void)state;
    mailbox_init(&box);
    assert_ok(courier_new(&sender, err));
    question = question_to(silent, "/", LONG_MS, &box);
    for (int i = 0; i < 1100; i++)
        courier_ask(sender, &question);
    wait_for(&box, 100);

    assert_int_equal(box.unanswered, 100);
    courier_free(sender);
    assert_int_equal(box.count, 1100);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_come_with_status_headers_and_body),
        cmocka_unit_test(many_questions_are_under_way_at_a_time),
        cmocka_unit_test(who_says_nothing_or_is_not_there_is_given_up),
        cmocka_unit_test(an_end_tells_of_what_is_under_way),
        cmocka_unit_test(too_many_questions_are_refused_at_once),
    };

    return run_tests(tests);
}
