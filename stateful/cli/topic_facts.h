/* topic_facts.h - the questions about topics that several commands ask, asked again while the broker does
 * not answer. One thread. */
#ifndef STATEFUL_CLI_TOPIC_FACTS_H
#define STATEFUL_CLI_TOPIC_FACTS_H

#include "command.h"

/* *partitions = how many there are; SF_NOT_FOUND, with the nearest name there is, for no such topic. */
sf_status topic_facts_partitions(const command_call *call, const char *topic, int32_t *partitions,
                                 sf_error *err);

sf_status topic_facts_watermarks(const command_call *call, const char *topic, int32_t partition,
                                 sf_watermarks *marks, sf_error *err);

/* A name and a partition count. */
typedef struct topic_entry {
    char *name;
    int32_t partitions;
} topic_entry;

typedef struct topic_list {
    topic_entry *entries; /* by name */
    size_t count;
} topic_list;

sf_status topic_list_read(const command_call *call, topic_list *list, sf_error *err);
void topic_list_done(topic_list *list);
const topic_entry *topic_list_find(const topic_list *list, const char *name); /* NULL: none */

#endif
