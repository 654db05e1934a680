/* print.h - records as lines on standard output. */
#ifndef SF_DSL_OPERATORS_PRINT_H
#define SF_DSL_OPERATORS_PRINT_H

#include <stateful/processor.h>
#include <stateful/serde.h>

typedef struct sf_print_step {
    const char *label;
    const sf_serde *key; /* what key and value are: NULL: bytes */
    const sf_serde *value;
} sf_print_step;

sf_processor sf_print_processor(sf_print_step *step); /* borrowed */

#endif
