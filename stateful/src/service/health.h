/* health.h - GET /health/live and GET /health/ready.
 *
 * Live says that the process answers. Ready says that requests may be sent here: every check says so
 * and the stop has not begun; else 503 with a problem document that names the check.
 */
#ifndef SF_SERVICE_HEALTH_H
#define SF_SERVICE_HEALTH_H

#include "base/buffer.h"
#include "service/router.h"

typedef struct sf_health sf_health;

/* Whether it is ready; if not, appends a few words why. Any thread; must not wait. */
typedef bool (*sf_health_check_fn)(void *user, sf_buffer *why);

sf_health *sf_health_new(void);
void sf_health_free(sf_health *health);

/* Adds a check under a name ("postgres"), which is borrowed. Before the server starts. */
void sf_health_add_check(sf_health *health, const char *name, sf_health_check_fn check, void *user);

/* Adds the two routes; health must outlive the router. */
void sf_health_add_routes(sf_health *health, sf_router *router);

/* From now on it is not ready: the first step of a stop. Any thread. */
void sf_health_begin_stop(sf_health *health);

#endif
