/* problem_catalogue.h - every kind of problem a service answers with, for people: its type
 * "/problems/<slug>" leads to a page that says what it means and what to do.
 *
 * The service room's own problems stand in sf_shared_problems; a service has a table of its own beside
 * it. A test reads the sources and sees that both say all that is replied.
 */
#ifndef SF_SERVICE_PROBLEM_CATALOGUE_H
#define SF_SERVICE_PROBLEM_CATALOGUE_H

#include "service/router.h"

typedef struct sf_problem {
    const char *slug;
    int status;
    const char *meaning; /* what has happened, a sentence or two */
    const char *remedy;  /* what the caller can do */
} sf_problem;

extern const sf_problem sf_shared_problems[];
extern const size_t sf_shared_problem_count;

typedef struct sf_problem_catalogue sf_problem_catalogue;

/* The shared ones and own (borrowed). */
sf_problem_catalogue *sf_problem_catalogue_new(const sf_problem *own, size_t count);
void sf_problem_catalogue_free(sf_problem_catalogue *catalogue);

/* Adds GET /problems and GET /problems/{slug}, open to all; catalogue must outlive the router. */
void sf_problem_catalogue_add_routes(sf_problem_catalogue *catalogue, sf_router *router);

#endif
