#include "service/health.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/clock.h>

#include "base/memory.h"

typedef struct check {
    const char *name;
    sf_health_check_fn is_well;
    void *user;
    bool is_needed;
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

static void add(sf_health *health, check added)
{
    health->checks = sf_realloc_array(health->checks, health->count + 1, sizeof(*health->checks));
    health->checks[health->count++] = added;
}

void sf_health_add_check(sf_health *health, const char *name, sf_health_check_fn is_well,
                         void *user)
{
    add(health, (check){name, is_well, user, true});
}

void sf_health_add_watch(sf_health *health, const char *name, sf_health_check_fn is_well,
                         void *user)
{
    add(health, (check){name, is_well, user, false});
}

static void get_live(const sf_request *request, sf_reply *reply, void *user)
{
    sf_json_writer *json = sf_reply_json(reply, 200);

    (void)request, (void)user;
    sf_json_write_object(json, NULL);
    sf_json_write_text(json, "status", "UP");
    sf_json_write_end_object(json);
}

/* ---- asking ---- */

/* What a check said. */
typedef struct finding {
    bool is_well;
    sf_buffer why; /* not well: a few words */
    int64_t took_us;
} finding;

static finding ask(const check *asked)
{
    int64_t began_us = sf_clock_monotonic_us(sf_clock_system());
    finding found = {.why = SF_BUFFER_EMPTY};

    found.is_well = asked->is_well(asked->user, &found.why);
    found.took_us = sf_clock_monotonic_us(sf_clock_system()) - began_us;
    if (!found.is_well && !found.why.size)
        sf_buffer_add_text(&found.why, "not well");
    return found;
}

static void add_reason(sf_buffer *why_not, const char *name, finding *found)
{
    sf_buffer_printf(why_not, "%s%s: %s", why_not->size ? "; " : "", name,
                     sf_buffer_text(&found->why));
}

/* Appends "db: connection refused; …" for each needed check that fails, and what all of them said to
 * json (NULL: nowhere). */
static void ask_all(const sf_health *health, sf_buffer *why_not, sf_json_writer *json)
{
    for (size_t i = 0; i < health->count; i++) {
        const check *asked = &health->checks[i];
        finding found = ask(asked);
        char took[32];

        if (!found.is_well && asked->is_needed)
            add_reason(why_not, asked->name, &found);
        if (json) {
            (void)snprintf(took, sizeof(took), "%.3f", (double)found.took_us / 1000); /* fits */
            sf_json_write_object(json, asked->name);
            sf_json_write_text(json, "status", found.is_well ? "UP" : "DOWN");
            sf_json_write_raw(json, "latencyMs", sf_bytes_text(took));
            if (!found.is_well)
                sf_json_write_text(json, "detail", sf_buffer_text(&found.why));
            sf_json_write_end_object(json);
        }
        sf_buffer_done(&found.why);
    }
}

static bool is_stopping(const sf_health *health, sf_buffer *why_not)
{
    if (!atomic_load(&health->is_stopping))
        return false;
    sf_buffer_add_text(why_not, "the service is stopping");
    return true;
}

static void reply_not_well(sf_reply *reply, sf_buffer *why_not)
{
    sf_reply_problem(reply, 503, "not-ready", "%s", sf_buffer_text(why_not));
    sf_reply_header(reply, "Retry-After", "1");
}

/* ---- the routes ---- */

static void reply_ready(const sf_health *health, sf_reply *reply)
{
    sf_json_writer *json = sf_reply_json(reply, 200);

    sf_json_write_object(json, NULL);
    sf_json_write_text(json, "status", "UP");
    sf_json_write_object(json, "checks");
    for (size_t i = 0; i < health->count; i++)
        if (health->checks[i].is_needed)
            sf_json_write_text(json, health->checks[i].name, "UP");
    sf_json_write_end_object(json);
    sf_json_write_end_object(json);
}

static void get_ready(const sf_request *request, sf_reply *reply, void *user)
{
    const sf_health *health = user;
    sf_buffer why_not = SF_BUFFER_EMPTY;

    (void)request;
    if (!is_stopping(health, &why_not))
        ask_all(health, &why_not, NULL);
    if (why_not.size)
        reply_not_well(reply, &why_not);
    else
        reply_ready(health, reply);
    sf_buffer_done(&why_not);
}

static void get_all(const sf_request *request, sf_reply *reply, void *user)
{
    const sf_health *health = user;
    sf_buffer why_not = SF_BUFFER_EMPTY, checks = SF_BUFFER_EMPTY;
    sf_json_writer writer, *json;

    (void)request;
    sf_json_writer_init(&writer, &checks);
    sf_json_write_object(&writer, NULL);
    ask_all(health, &why_not, &writer);
    sf_json_write_end_object(&writer);
    if (why_not.size || is_stopping(health, &why_not)) {
        reply_not_well(reply, &why_not);
        json = sf_reply_problem_members(reply);
        sf_json_write_raw(json, "checks", sf_buffer_bytes(&checks));
    } else {
        json = sf_reply_json(reply, 200);
        sf_json_write_object(json, NULL);
        sf_json_write_text(json, "status", "UP");
        sf_json_write_raw(json, "checks", sf_buffer_bytes(&checks));
        sf_json_write_end_object(json);
    }
    sf_buffer_done(&checks);
    sf_buffer_done(&why_not);
}

static const check *find(const sf_health *health, const char *name)
{
    for (size_t i = 0; i < health->count; i++)
        if (!strcmp(health->checks[i].name, name))
            return &health->checks[i];
    return NULL;
}

static void get_one(const sf_request *request, sf_reply *reply, void *user)
{
    const check *asked = find(user, sf_request_part(request, "check"));
    sf_buffer why_not = SF_BUFFER_EMPTY;
    finding found;

    if (!asked) {
        sf_reply_problem(reply, 404, "not-found", "there is no check of that name");
        return;
    }
    found = ask(asked);
    if (found.is_well) {
        get_live(request, reply, NULL);
    } else {
        add_reason(&why_not, asked->name, &found);
        reply_not_well(reply, &why_not);
    }
    sf_buffer_done(&found.why);
    sf_buffer_done(&why_not);
}

void sf_health_add_routes(sf_health *health, sf_router *router)
{
    static const sf_route routes[] = {
        {"GET", "/health", get_all},
        {"GET", "/health/live", get_live},
        {"GET", "/health/ready", get_ready},
        {"GET", "/health/{check}", get_one},
    };

    sf_router_add_for(router, SF_ROLE_ANYONE, routes, SF_ARRAY_LENGTH(routes), health);
}

void sf_health_begin_stop(sf_health *health)
{
    atomic_store(&health->is_stopping, true);
}
