/* broker_fixture.h - a real Kafka for tests: the one of KAFKA_BOOTSTRAP_SERVERS, else one started for this
 * program (from KAFKA_HOME or build/kafka) that ends with it. Where there is none, the test is skipped
 * with the reason; with KAFKA_REQUIRED=1 it fails. */
#ifndef TESTS_SUPPORT_BROKER_FIXTURE_H
#define TESTS_SUPPORT_BROKER_FIXTURE_H

#include <sys/types.h>

#include <stateful/connect.h>

/* Its address. Does not return when there is none: the test ends as skipped or failed. */
const char *kafka_fixture_servers(void);

/* A new connection to it, for sf_broker_close; as kafka_fixture_servers. */
sf_broker *kafka_fixture_open(void);

/* Makes a topic whose name begins with a word and nobody else has; valid to the end of the program. */
const char *kafka_fixture_topic(sf_broker *broker, const char *word, int32_t partitions);

/* A name of the same kind, for groups and ids; valid to the end of the program. */
const char *kafka_fixture_name(const char *word);

/* SIGKILL and a new start on the same port and data; the test is skipped if the broker is not ours. */
void kafka_fixture_kill(void);
void kafka_fixture_restart(void);

/* Both, by a process of its own after so long, while the test goes on; for waitpid, code 0 if well. */
pid_t kafka_fixture_crash_later(int seconds);

#endif
