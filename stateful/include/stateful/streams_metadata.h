/* streams_metadata.h - which instance of an application holds what: where a key of a store can be read.
 *
 * Instances know each other by the application_server of their configuration, which their group carries
 * for them. What is told is what was known last: an instance that is asked looks into its own state and
 * refuses what it does not hold. On the journal all is held here. Any thread; nothing here waits for the
 * broker.
 */
#ifndef STATEFUL_STREAMS_METADATA_H
#define STATEFUL_STREAMS_METADATA_H

#include <stateful/bytes.h>
#include <stateful/streams.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of an address, with its NUL. */
enum {
    SF_INSTANCE_ADDRESS_SIZE = 64,
};

/* Who holds a partition of a store. */
typedef struct sf_partition_metadata {
    int32_t partition;
    bool is_local;                          /* it can be read here, now */
    char address[SF_INSTANCE_ADDRESS_SIZE]; /* "host:port" of its holder; "": not known */
} sf_partition_metadata;

/* How many partitions a store has, 1 for a global table; 0 before the start. SF_NOT_FOUND if the topology
 * has no store of that name. */
sf_status sf_streams_store_partitions(sf_streams *streams, const char *store, int32_t *partitions,
                                      sf_error *err);

/* The partition that a key of the store belongs to (see sf_partition_of_key), and who holds it: Kafka
 * Streams' queryMetadataForKey. SF_RETRY before the start. */
sf_status sf_streams_key_metadata(sf_streams *streams, const char *store, sf_bytes key,
                                  sf_partition_metadata *metadata, sf_error *err);

/* The same for each partition of a store, in order (streamsMetadataForStore): one entry a partition, free()
 * them. SF_RETRY before the start. */
sf_status sf_streams_store_metadata(sf_streams *streams, const char *store,
                                    sf_partition_metadata **partitions, int32_t *count,
                                    sf_error *err);

/* An instance; borrowed for the call. */
typedef struct sf_instance_metadata {
    const char *address;
    bool is_local;     /* this one, by its address */
    size_t task_count; /* that it holds */
} sf_instance_metadata;

/* Calls fn for every instance that holds tasks and has told its address (metadataForAllStreamsClients). */
typedef void (*sf_instance_fn)(void *user, const sf_instance_metadata *instance);
void sf_streams_all_metadata(sf_streams *streams, sf_instance_fn fn, void *user);

/* Somebody was sent to the wrong place: the group is asked again, soon. */
void sf_streams_metadata_refresh(sf_streams *streams);

#ifdef __cplusplus
}
#endif

#endif
