#include "service/exchange_implementation.h"

#include <pthread.h>
#include <stdlib.h>
#include <strings.h>

#include "base/memory.h"

/* Tests wait here; a server has its own way. */
static pthread_mutex_t waiting_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t was_sent = PTHREAD_COND_INITIALIZER;

sf_exchange *sf_exchange_new_for(sf_exchange_host *host, void *carrier)
{
    sf_exchange *exchange = sf_zalloc(sizeof(*exchange));

    sf_request_init(&exchange->request);
    exchange->reply.exchange = exchange;
    exchange->reply.arena = exchange->request.arena;
    exchange->host = host;
    exchange->carrier = carrier;
    atomic_store(&exchange->holders, 1);
    return exchange;
}

void sf_exchange_begin(sf_exchange *exchange, const char *target)
{
    sf_request_clear(&exchange->request);
    sf_reply_clear(&exchange->reply);
    exchange->request.target = sf_arena_text(exchange->request.arena, target);
    exchange->request.method = "";
    atomic_store(&exchange->state, SF_EXCHANGE_OPEN);
}

void sf_exchange_release(sf_exchange *exchange)
{
    if (!exchange || atomic_fetch_sub(&exchange->holders, 1) > 1)
        return;
    sf_request_done(&exchange->request);
    sf_reply_done(&exchange->reply);
    free(exchange);
}

bool sf_exchange_is_free(sf_exchange *exchange)
{
    return atomic_load(&exchange->holders) == 1;
}

sf_exchange_state sf_exchange_get_state(sf_exchange *exchange)
{
    return (sf_exchange_state)atomic_load(&exchange->state);
}

void sf_exchange_finish(sf_exchange *exchange)
{
    sf_reply_finish(&exchange->reply, sf_request_path(&exchange->request),
                    sf_request_trace_id(&exchange->request));
    if (!exchange->host)
        sf_reply_gather(&exchange->reply); /* nobody would send it piece by piece */
}

static bool leave_deferred(sf_exchange *exchange, sf_exchange_state to)
{
    int expected = SF_EXCHANGE_DEFERRED;

    return atomic_compare_exchange_strong(&exchange->state, &expected, to);
}

bool sf_exchange_give_up(sf_exchange *exchange)
{
    return leave_deferred(exchange, SF_EXCHANGE_LATE);
}

void sf_reply_defer(sf_reply *reply)
{
    sf_exchange *exchange = reply->exchange;

    atomic_fetch_add(&exchange->holders, 1);
    atomic_store(&exchange->state, SF_EXCHANGE_DEFERRED);
    if (exchange->host)
        exchange->host->suspend(exchange->host, exchange);
}

static void send_to_waiting(sf_exchange *exchange)
{
    pthread_mutex_lock(&waiting_lock);
    (void)leave_deferred(exchange, SF_EXCHANGE_SENT); /* nobody else makes the step */
    pthread_cond_broadcast(&was_sent);
    pthread_mutex_unlock(&waiting_lock);
    sf_exchange_release(exchange);
}

void sf_reply_send(sf_reply *reply)
{
    sf_exchange *exchange = reply->exchange;
    sf_exchange_host *host = exchange->host;

    sf_exchange_finish(exchange);
    if (!host) {
        send_to_waiting(exchange);
        return;
    }
    if (!leave_deferred(exchange, SF_EXCHANGE_SENT)) {
        sf_exchange_release(exchange);
        return;
    }
    /* Ours goes first: after the resume the connection may begin its next request in it. */
    sf_exchange_release(exchange);
    host->resume(host, exchange);
}

sf_exchange *sf_exchange_new(const char *method, const char *target, sf_bytes body)
{
    sf_exchange *exchange = sf_exchange_new_for(NULL, NULL);

    sf_exchange_begin(exchange, target);
    exchange->request.method = sf_arena_text(exchange->request.arena, method);
    sf_buffer_add_bytes(&exchange->request.body, body);
    return exchange;
}

void sf_exchange_free(sf_exchange *exchange)
{
    sf_exchange_release(exchange);
}

void sf_exchange_add_header(sf_exchange *exchange, const char *name, const char *value)
{
    sf_header_list_add(&exchange->request.headers, exchange->request.arena, name, value);
}

void sf_exchange_wait(sf_exchange *exchange)
{
    pthread_mutex_lock(&waiting_lock);
    while (sf_exchange_get_state(exchange) == SF_EXCHANGE_DEFERRED)
        pthread_cond_wait(&was_sent, &waiting_lock);
    pthread_mutex_unlock(&waiting_lock);
}

sf_request *sf_exchange_request(sf_exchange *exchange)
{
    return &exchange->request;
}

sf_reply *sf_exchange_reply(sf_exchange *exchange)
{
    return &exchange->reply;
}

int sf_exchange_status(sf_exchange *exchange)
{
    return exchange->reply.status;
}

const char *sf_exchange_body(sf_exchange *exchange)
{
    return sf_buffer_text(&exchange->reply.body);
}

sf_bytes sf_exchange_body_bytes(sf_exchange *exchange)
{
    return sf_buffer_bytes(&exchange->reply.body);
}

const char *sf_exchange_header(sf_exchange *exchange, const char *name)
{
    const char *value = sf_header_list_get(&exchange->reply.headers, name);

    if (!value && !strcasecmp(name, "Content-Type"))
        return exchange->reply.content_type;
    return value;
}
