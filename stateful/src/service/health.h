/* health.h - whether the service is well: GET /health and what stands below it.
 *
 *   /health/live    200: the process answers; depends on nothing else
 *   /health/ready   200: requests may be sent here: every needed check is well and the stop has not
 *                   begun; else 503
 *   /health         all checks with how long each took; 503 when not ready
 *   /health/{name}  one check: 200 or 503
 *
 * A failure is a problem document that says which check and why.
 */
#ifndef SF_SERVICE_HEALTH_H
#define SF_SERVICE_HEALTH_H

#include "base/buffer.h"
#include "service/router.h"

typedef struct sf_health sf_health;

/* Whether it is well; if not, appends a few words why. Any thread; must not wait. */
typedef bool (*sf_health_check_fn)(void *user, sf_buffer *why);

sf_health *sf_health_new(void);
void sf_health_free(sf_health *health);

/* Adds a check under a name ("db"), which is borrowed: without it the service is not ready. Before the
 * server starts. */
void sf_health_add_check(sf_health *health, const char *name, sf_health_check_fn check, void *user);

/* The same for something that the service can do without for a while: it stays ready. */
void sf_health_add_watch(sf_health *health, const char *name, sf_health_check_fn check, void *user);

/* Adds the routes, open to all; health must outlive the router. */
void sf_health_add_routes(sf_health *health, sf_router *router);

/* From now on it is not ready: the first step of a stop. Any thread. */
void sf_health_begin_stop(sf_health *health);

#endif
