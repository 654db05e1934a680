#include "support/refusing_broker.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/memory.h"
#include "broker/broker_implementation.h"

static const sf_broker_ops *usual;
static sf_broker_ops refusing;
static sf_consumer_ops refusing_consumer;
static const sf_consumer_ops *usual_consumer;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* around what follows */
static sf_map *refused;                                  /* "topic-partition" -> something */
static size_t refused_count;

static bool is_first_time(const char *topic, int32_t partition)
{
    char *name = sf_text_printf("%s-%" PRId32, topic, partition);
    bool is_first;

    pthread_mutex_lock(&lock);
    is_first = !sf_map_get(refused, sf_bytes_text(name));
    if (is_first)
        (void)sf_map_put(refused, sf_bytes_text(name), &lock); /* there was nothing */
    refused_count += is_first;
    pthread_mutex_unlock(&lock);
    free(name);
    return is_first;
}

static sf_status add(sf_consumer *consumer, const char *topic, int32_t partition, int64_t offset,
                     sf_reader **reader, sf_error *err)
{
    if (is_first_time(topic, partition))
        return sf_fail_with(err, SF_RETRY, SF_BROKER, "nobody leads %s-%" PRId32 " yet", topic,
                            partition);
    return usual_consumer->add(consumer, topic, partition, offset, reader, err);
}

static sf_status consumer_new(sf_broker *broker, const sf_consumer_options *options,
                              sf_consumer **consumer, sf_error *err)
{
    sf_status status = usual->consumer_new(broker, options, consumer, err);

    if (status)
        return status;
    pthread_mutex_lock(&lock);
    if (!usual_consumer) { /* all of a broker have the same */
        usual_consumer = (*consumer)->ops;
        refusing_consumer = *usual_consumer;
        refusing_consumer.add = add;
    }
    pthread_mutex_unlock(&lock);
    (*consumer)->ops = &refusing_consumer;
    return SF_OK;
}

void refusing_broker_begin(sf_broker *broker)
{
    usual = broker->ops;
    refusing = *usual;
    refusing.consumer_new = consumer_new;
    usual_consumer = NULL;
    refused = sf_map_new();
    refused_count = 0;
    broker->ops = &refusing;
}

size_t refusing_broker_end(sf_broker *broker)
{
    broker->ops = usual;
    sf_map_free(refused);
    return refused_count;
}
