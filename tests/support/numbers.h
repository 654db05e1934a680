/* numbers.h - topics of numbers by key, written and read back whole; each call fails the test when it
 * takes longer than half a minute. */
#ifndef TESTS_SUPPORT_NUMBERS_H
#define TESTS_SUPPORT_NUMBERS_H

#include <stateful/broker.h>

enum { NUMBER_KEY_SIZE = 32 };

typedef struct number {
    char key[NUMBER_KEY_SIZE];
    int64_t value;
    int64_t timestamp;
    int32_t partition;
    int64_t offset;
} number;

typedef struct number_list {
    number *items; /* partition by partition, in order */
    size_t count;
} number_list;

void numbers_topic(sf_broker *broker, const char *name, int32_t partitions);

typedef struct number_writer number_writer;

number_writer *number_writer_open(sf_broker *broker);
void number_write(number_writer *writer, const char *topic, const char *key, int64_t value,
                  int64_t timestamp);
void number_writer_flush(number_writer *writer);
void number_writer_close(number_writer *writer); /* after a flush */

/* All committed records of a topic. */
number_list numbers_read(sf_broker *broker, const char *topic);
void number_list_free(number_list list);

/* How many committed records a topic has. */
size_t numbers_count(sf_broker *broker, const char *topic);

/* The same with those of open and aborted transactions. */
size_t numbers_count_uncommitted(sf_broker *broker, const char *topic);

/* Waits until a topic has at least so many committed records. */
void numbers_wait(sf_broker *broker, const char *topic, size_t count);

#endif
