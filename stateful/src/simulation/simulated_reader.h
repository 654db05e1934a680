/* simulated_reader.h - one partition as a consumer reads it; see simulated_consumer.h. One thread. */
#ifndef SF_SIMULATION_SIMULATED_READER_H
#define SF_SIMULATION_SIMULATED_READER_H

#include "broker/broker_implementation.h"
#include "simulation/simulated_host.h"

typedef struct sf_simulated_reader sf_simulated_reader;

typedef struct sf_simulated_reader_options {
    const sf_consumer_ops *ops;
    sf_simulated_host *host;
    const char *topic;
    int32_t partition;
    int64_t offset; /* or the name of one */
    bool read_uncommitted;
} sf_simulated_reader_options;

sf_status sf_simulated_reader_new(const sf_simulated_reader_options *options,
                                  sf_simulated_reader **reader, sf_error *err);
void sf_simulated_reader_free(sf_simulated_reader *reader);

bool sf_simulated_reader_is_of(const sf_simulated_reader *reader, const char *topic,
                               int32_t partition);

/* The calls of <stateful/broker.h>. */
sf_status sf_simulated_reader_read(sf_reader *reader, size_t max, sf_record_batch **batch,
                                   sf_error *err);
bool sf_simulated_reader_is_ready(const sf_reader *reader);
int64_t sf_simulated_reader_position(const sf_reader *reader);
sf_status sf_simulated_reader_seek(sf_reader *reader, int64_t offset, sf_error *err);

#endif
