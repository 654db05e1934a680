/* kafka_error.h - what to do about each of librdkafka's errors. One table decides; the flags that come
 * with errors of transactions refine it. Any thread. */
#ifndef SF_KAFKA_KAFKA_ERROR_H
#define SF_KAFKA_KAFKA_ERROR_H

#include <librdkafka/rdkafka.h>

#include <stateful/error.h>

typedef struct sf_kafka_reaction {
    sf_status status;
    sf_code code;
} sf_kafka_reaction;

/* What an error without flags asks for; what nobody has heard of is SF_STOP with SF_BROKER. */
sf_kafka_reaction sf_kafka_reaction_to(rd_kafka_resp_err_t code);

/* Whether sending a record again that was refused like this cannot help. */
bool sf_kafka_is_permanent(rd_kafka_resp_err_t code);

/* The error behind RD_KAFKA_RESP_ERR__FATAL; other codes as they are. */
rd_kafka_resp_err_t sf_kafka_cause(rd_kafka_t *client, rd_kafka_resp_err_t code);

/* Fills err with "sentence: what librdkafka calls it" and returns the reaction. */
sf_status sf_kafka_fail(sf_error *err, rd_kafka_resp_err_t code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for an error with flags, which is destroyed. */
sf_status sf_kafka_fail_take(sf_error *err, rd_kafka_error_t *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
