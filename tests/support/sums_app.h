/* sums_app.h - the applications that the runtime tests run, and what must come out of them. */
#ifndef TESTS_SUPPORT_SUMS_APP_H
#define TESTS_SUPPORT_SUMS_APP_H

#include <stateful/streams.h>

#include "support/numbers.h"

/* One sub-topology: adds up the numbers of each key in the store "sums" and sends every running sum to
 * out (no caching). */
sf_topology *sums_topology(const char *in, const char *out);

/* The same with a second store in the same sub-topology, "counts": how many numbers each key has had. */
sf_topology *sums_and_counts_topology(const char *in, const char *out);

/* Two: a number's last decimal digit becomes its key, through the repartition topic "by-digit"; the
 * numbers of each digit are added up in "digit-sums" and every running sum is sent to out. */
sf_topology *digit_sums_topology(const char *in, const char *out);

/* Sums of each key and hour in the window store "hours", 5 minutes of grace, every change sent to out
 * under the bare key. */
sf_topology *hour_sums_topology(const char *in, const char *out);

/* Makes and starts it, waits until it is running. */
sf_streams *sums_app_start(const sf_topology *topology, const sf_config *config);

/* Closes it, which must go well, and frees it. */
void sums_app_stop(sf_streams *streams);

/* Waits until it has ended with an error, and frees it. */
void sums_app_wait_for_end(sf_streams *streams);

sf_streams_counters sums_app_counters(const sf_streams *streams);

/* Writes count numbers over some keys, the same for the same seed. */
void sums_app_feed(sf_broker *broker, const char *topic, uint64_t seed, size_t count);

/* Fails unless out has, for each key, exactly its running sums over the records of in, in order. */
void sums_app_check(sf_broker *broker, const char *in, const char *out);

/* Waits until the sums that the view gives are those of all records of in. */
void sums_app_check_view(sf_streams *streams, sf_broker *broker, const char *in);

#endif
