#include "service/health.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/memory.h"

typedef struct check {
    const char *name;
    sf_health_check_fn is_ready;
    void *user;
} check;

struct sf_health {
    check *checks;
    size_t count;
    _Atomic bool is_stopping;
};

sf_health *sf_health_new(void)
{
    return sf_zalloc(sizeof(sf_health));
}

void sf_health_free(sf_health *health)
{
    if (!health)
        return;
    free(health->checks);
    free(health);
}

void sf_health_add_check(sf_health *health, const char *name, sf_health_check_fn is_ready,
                         void *user)
{
    health->checks = sf_realloc_array(health->checks, health->count + 1, sizeof(*health->checks));
    health->checks[health->count++] = (check){name, is_ready, user};
}

static void get_live(const sf_request *request, sf_reply *reply, void *user)
{
    sf_json_writer *json = sf_reply_json(reply, 200);

    (void)request, (void)user;
    sf_json_write_object(json, NULL);
    sf_json_write_text(json, "status", "UP");
    sf_json_write_end_object(json);
}

/* Appends "postgres: connection refused; " for each check that fails. */
static void ask_all(const sf_health *health, sf_buffer *why_not)
{
    for (size_t i = 0; i < health->count; i++) {
        const check *asked = &health->checks[i];
        sf_buffer why = SF_BUFFER_EMPTY;

        if (!asked->is_ready(asked->user, &why))
            sf_buffer_printf(why_not, "%s%s: %s", why_not->size ? "; " : "", asked->name,
                             why.size ? sf_buffer_text(&why) : "not ready");
        sf_buffer_done(&why);
    }
}

static void reply_ready(const sf_health *health, sf_reply *reply)
{
    sf_json_writer *json = sf_reply_json(reply, 200);

    sf_json_write_object(json, NULL);
    sf_json_write_text(json, "status", "UP");
    sf_json_write_object(json, "checks");
    for (size_t i = 0; i < health->count; i++)
        sf_json_write_text(json, health->checks[i].name, "UP");
    sf_json_write_end_object(json);
    sf_json_write_end_object(json);
}

static void get_ready(const sf_request *request, sf_reply *reply, void *user)
{
    sf_health *health = user;
    sf_buffer why_not = SF_BUFFER_EMPTY;

    (void)request;
    if (atomic_load(&health->is_stopping))
        sf_buffer_add_text(&why_not, "the service is stopping");
    else
        ask_all(health, &why_not);
    if (!why_not.size) {
        reply_ready(health, reply);
    } else {
        sf_reply_problem(reply, 503, "not-ready", "%s", sf_buffer_text(&why_not));
        sf_reply_header(reply, "Retry-After", "1");
    }
    sf_buffer_done(&why_not);
}

void sf_health_add_routes(sf_health *health, sf_router *router)
{
    static const sf_route routes[] = {
        {"GET", "/health/live", get_live},
        {"GET", "/health/ready", get_ready},
    };

    sf_router_add(router, routes, SF_ARRAY_LENGTH(routes), health);
}

void sf_health_begin_stop(sf_health *health)
{
    atomic_store(&health->is_stopping, true);
}
