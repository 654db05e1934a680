/* record_queue.h - the records of one input that wait for their turn: batches as the broker handed
 * them out, first in, first out. Only the head is deserialized, into the queue's own arena, and stays
 * until it is popped. Stream thread only. */
#ifndef SF_TASK_RECORD_QUEUE_H
#define SF_TASK_RECORD_QUEUE_H

#include <stateful/error.h>

#include "record/record_batch.h"
#include "topology/topology_implementation.h"

/* What stands at the head. */
typedef struct sf_queue_head {
    const sf_consumed_record *raw;
    sf_record record;  /* deserialized, unless status says otherwise */
    sf_status status;  /* SF_REJECT: its bytes or its time make no sense */
    int64_t timestamp; /* for choosing; of a refused record the broker's, at least 0 */
} sf_queue_head;

typedef struct sf_record_queue {
    const sf_node *source;
    bool is_repartition;
    int64_t position;       /* of the next record to process, past markers known to be behind it */
    int64_t partition_time; /* largest timestamp taken, -1: none */
    size_t record_count;
    bool head_is_ready;
    sf_queue_head head;
    sf_error head_error; /* why it is refused */

    sf_record_batch **batches; /* a ring */
    size_t batch_capacity;
    size_t batch_first;
    size_t batch_count;
    size_t next; /* record in the first batch */
    sf_arena *arena;
} sf_record_queue;

void sf_record_queue_init(sf_record_queue *queue, const sf_node *source, bool is_repartition);
void sf_record_queue_done(sf_record_queue *queue);

/* Takes the batch. */
void sf_record_queue_push(sf_record_queue *queue, sf_record_batch *batch);

/* The head, NULL if the queue is empty; valid until the pop. */
const sf_queue_head *sf_record_queue_prepare(sf_record_queue *queue);

static inline const sf_queue_head *sf_record_queue_head(sf_record_queue *queue)
{
    return queue->head_is_ready ? &queue->head : sf_record_queue_prepare(queue);
}

/* The head is done: the position moves behind it. */
void sf_record_queue_pop(sf_record_queue *queue);

/* Releases all batches. */
void sf_record_queue_clear(sf_record_queue *queue);

#endif
