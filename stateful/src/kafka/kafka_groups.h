/* kafka_groups.h - groups as the broker sees them: who is in one, what it committed. Any thread. */
#ifndef SF_KAFKA_KAFKA_GROUPS_H
#define SF_KAFKA_KAFKA_GROUPS_H

#include <librdkafka/rdkafka.h>

#include <stateful/broker_group.h>

/* As the calls of <stateful/broker_group.h>. */
sf_status sf_kafka_groups_list(rd_kafka_t *client, sf_group_fn fn, void *user, sf_error *err);
sf_status sf_kafka_group_describe(rd_kafka_t *client, const char *group, sf_arena *arena,
                                  sf_group_description *description, sf_error *err);
sf_status sf_kafka_group_offsets(rd_kafka_t *client, const char *group, sf_arena *arena,
                                 const sf_offset **offsets, size_t *count, sf_error *err);
sf_status sf_kafka_group_set_offsets(rd_kafka_t *client, const char *group,
                                     const sf_offset *offsets, size_t count, sf_error *err);

#endif
