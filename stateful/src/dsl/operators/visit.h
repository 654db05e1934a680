/* visit.h - shows each record to a function and hands it on. */
#ifndef SF_DSL_OPERATORS_VISIT_H
#define SF_DSL_OPERATORS_VISIT_H

#include <stateful/functions.h>

typedef struct sf_visit_step {
    sf_visit_fn visit;
    void *user;
} sf_visit_step;

sf_processor sf_visit_processor(sf_visit_step *step); /* borrowed */

#endif
