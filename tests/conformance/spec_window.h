/* spec_window.h - the `window` and `emit` of an aggregate. */
#ifndef TESTS_CONFORMANCE_SPEC_WINDOW_H
#define TESTS_CONFORMANCE_SPEC_WINDOW_H

#include <cjson/cJSON.h>

#include <stateful/stateful.h>

typedef enum spec_window_kind {
    WINDOW_TIME,
    WINDOW_SLIDING,
    WINDOW_SESSION,
    WINDOW_UNLIMITED,
    WINDOW_NONE,
} spec_window_kind;

typedef struct spec_window {
    spec_window_kind kind;
    sf_window time;
    sf_sliding_window sliding;
    sf_session_window session;
    sf_unlimited_window unlimited;
    sf_emit emit;
} spec_window;

/* Of a node; WINDOW_NONE if it has none. */
sf_status spec_window_read(const cJSON *node, spec_window *window, sf_error *err);

/* The groups in those windows; cogroups have no unlimited ones. */
sf_grouped *spec_window_groups(const spec_window *window, sf_grouped *grouped);
sf_cogrouped *spec_window_cogroups(const spec_window *window, sf_cogrouped *cogrouped);

/* The kind of store that keeps results. */
sf_store_kind spec_window_store(const spec_window *window);

#endif
