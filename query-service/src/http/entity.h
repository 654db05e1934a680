/* entity.h - what is read by id and has versions: orders and customers.
 *
 *   GET …/{id}                  the newest version; ETag is the version, If-None-Match gives 304
 *   GET …/{id}?minVersion=2     409 "not-yet-visible" while only older ones are known
 *   GET …/{id}?…&wait=5s        waits so long for it, for an entity that is not known yet, too
 *   GET …                       a page of all, by id
 */
#ifndef QUERY_SERVICE_HTTP_ENTITY_H
#define QUERY_SERVICE_HTTP_ENTITY_H

#include "http/analytics.h"
#include "http/waiting_reads.h"
#include "state/customer_state.h"
#include "state/order_state.h"

/* One of the two, as its kind says. */
typedef struct entity {
    int64_t id;
    int64_t version; /* 0: nothing is known of it */
    order_state order;
    customer_state customer;
} entity;

typedef struct entity_kind {
    const char *noun; /* "order" */
    const char *store;
    sf_view *(*view)(const analytics_views *views);
    /* Sets version and what it is from the store's value. */
    sf_status (*decode)(sf_bytes value, sf_arena *arena, entity *read, sf_error *err);
    void (*write)(const entity *read, int currency_exponent, sf_json_writer *json);
} entity_kind;

extern const entity_kind order_kind;
extern const entity_kind customer_kind;

/* What handlers of entities need; borrowed. */
typedef struct entity_desk {
    const analytics_views *views;
    waiting_reads *waiting;
} entity_desk;

/* Answers GET …/{id}. */
void entity_get(const entity_kind *kind, const sf_request *request, sf_reply *reply,
                const entity_desk *desk);

/* Whether an entity is in the list that was asked for. */
typedef bool (*entity_filter)(const entity *read, const void *wanted);

/* Answers GET … with a page of those that the filter (NULL: all) lets through; wanted is in the request's
 * arena. */
void entity_list(const entity_kind *kind, const sf_request *request, sf_reply *reply,
                 const entity_desk *desk, entity_filter filter, const void *wanted);

#endif
