#include "simulation/simulated_transactions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

typedef enum state {
    EMPTY,
    OPEN,
    ENDING,
} state;

typedef struct part {
    sf_simulated_log *log;
    sf_simulated_piece *piece;
} part;

typedef struct producer {
    char *id;
    int32_t epoch;
    int64_t timeout_ms;
    state state;
    bool commits; /* how the last one was ended */
    bool was_ended;
    uint64_t number; /* of its transaction */
    int64_t began_ms;
    part *parts;
    size_t part_count;
    size_t parts_done;
    sf_simulated_positions *positions; /* NULL: it holds none */
    int64_t marker_ms;                 /* when the next one is due */
} producer;

struct sf_simulated_transactions {
    sf_trace *trace;
    sf_random *random;
    const int *marker_ms;
    producer **producers;
    size_t count;
    uint64_t last_number;
};

sf_simulated_transactions *sf_simulated_transactions_new(sf_trace *trace, sf_random *random,
                                                         const int *marker_ms)
{
    sf_simulated_transactions *transactions = sf_zalloc(sizeof(*transactions));

    transactions->trace = trace;
    transactions->random = random;
    transactions->marker_ms = marker_ms;
    return transactions;
}

void sf_simulated_transactions_free(sf_simulated_transactions *transactions)
{
    for (size_t i = 0; i < transactions->count; i++) {
        free(transactions->producers[i]->id);
        free(transactions->producers[i]->parts);
        free(transactions->producers[i]);
    }
    free(transactions->producers);
    free(transactions);
}

static producer *find(const sf_simulated_transactions *transactions, const char *id)
{
    for (size_t i = 0; i < transactions->count; i++) {
        if (!strcmp(transactions->producers[i]->id, id))
            return transactions->producers[i];
    }
    return NULL;
}

static producer *find_or_add(sf_simulated_transactions *transactions, const char *id)
{
    producer *found = find(transactions, id);

    if (found)
        return found;
    found = sf_zalloc(sizeof(*found));
    found->id = sf_text_copy(id);
    transactions->producers = sf_realloc_array(transactions->producers, transactions->count + 1,
                                               sizeof(transactions->producers[0]));
    transactions->producers[transactions->count++] = found;
    return found;
}

/* ---- the end of one ---- */

static int64_t until_next_marker(sf_simulated_transactions *transactions)
{
    return (int64_t)sf_random_below(transactions->random, (uint64_t)*transactions->marker_ms + 1);
}

static void decide(sf_simulated_transactions *transactions, producer *one, bool commit,
                   int64_t now_ms)
{
    sf_trace_add(transactions->trace, "%s of %s decided", commit ? "commit" : "abort", one->id);
    one->state = ENDING;
    one->commits = commit;
    one->was_ended = true;
    one->parts_done = 0;
    one->marker_ms = now_ms + until_next_marker(transactions);
    for (size_t i = 0; i < one->part_count; i++)
        sf_simulated_piece_decide(one->parts[i].piece, commit);
}

static void finish(producer *one)
{
    if (one->positions)
        sf_simulated_positions_end(one->positions, one->number, one->commits);
    one->positions = NULL;
    one->part_count = 0;
    one->state = EMPTY;
}

static void write_markers(sf_simulated_transactions *transactions, producer *one, int64_t now_ms)
{
    while (one->state == ENDING && one->marker_ms <= now_ms) {
        if (one->parts_done < one->part_count) {
            part *next = &one->parts[one->parts_done++];

            sf_simulated_log_end_piece(next->log, next->piece, one->commits);
            one->marker_ms += until_next_marker(transactions);
        } else {
            finish(one);
        }
    }
}

void sf_simulated_transactions_tick(sf_simulated_transactions *transactions, int64_t now_ms)
{
    for (size_t i = 0; i < transactions->count; i++) {
        producer *one = transactions->producers[i];

        if (one->state == OPEN && now_ms - one->began_ms > one->timeout_ms) {
            sf_trace_add(transactions->trace, "the transaction of %s took too long", one->id);
            one->epoch++;
            decide(transactions, one, false, now_ms);
        }
        write_markers(transactions, one, now_ms);
    }
}

bool sf_simulated_transactions_are_over(const sf_simulated_transactions *transactions)
{
    for (size_t i = 0; i < transactions->count; i++) {
        if (transactions->producers[i]->state != EMPTY)
            return false;
    }
    return true;
}

/* ---- what producers ask ---- */

sf_transaction_answer sf_simulated_transactions_init(sf_simulated_transactions *transactions,
                                                     const char *id, int64_t timeout_ms,
                                                     int64_t now_ms, int32_t *epoch)
{
    producer *one = find_or_add(transactions, id);

    if (one->state == OPEN) {
        one->epoch++;
        decide(transactions, one, false, now_ms);
    }
    write_markers(transactions, one, now_ms);
    if (one->state == ENDING)
        return SF_TRANSACTION_BUSY;
    one->timeout_ms = timeout_ms;
    one->was_ended = false;
    *epoch = ++one->epoch;
    sf_trace_add(transactions->trace, "producer %s begins with epoch %" PRId32, id, *epoch);
    return SF_TRANSACTION_FINE;
}

static sf_transaction_answer open(sf_simulated_transactions *transactions,
                                  const sf_transaction_producer *asking, int64_t now_ms,
                                  producer **opened)
{
    producer *one = find(transactions, asking->id);

    if (one->epoch != asking->epoch)
        return SF_TRANSACTION_FENCED;
    write_markers(transactions, one, now_ms);
    if (one->state == ENDING)
        return SF_TRANSACTION_BUSY;
    if (one->state == EMPTY) {
        one->state = OPEN;
        one->was_ended = false;
        one->number = ++transactions->last_number;
        one->began_ms = now_ms;
    }
    *opened = one;
    return SF_TRANSACTION_FINE;
}

static sf_simulated_piece *piece_of(producer *one, sf_simulated_log *log)
{
    for (size_t i = 0; i < one->part_count; i++) {
        if (one->parts[i].log == log)
            return one->parts[i].piece;
    }
    one->parts = sf_realloc_array(one->parts, one->part_count + 1, sizeof(one->parts[0]));
    one->parts[one->part_count++] = (part){log, sf_simulated_log_open_piece(log)};
    return one->parts[one->part_count - 1].piece;
}

sf_transaction_answer sf_simulated_transactions_piece(sf_simulated_transactions *transactions,
                                                      const sf_transaction_producer *asking,
                                                      sf_simulated_log *log, int64_t now_ms,
                                                      sf_simulated_piece **piece)
{
    producer *one;
    sf_transaction_answer answer = open(transactions, asking, now_ms, &one);

    if (!answer)
        *piece = piece_of(one, log);
    return answer;
}

sf_transaction_answer sf_simulated_transactions_hold(sf_simulated_transactions *transactions,
                                                     const sf_transaction_producer *asking,
                                                     sf_simulated_positions *positions,
                                                     const sf_group_identity *who,
                                                     const sf_offset *offset, int64_t now_ms)
{
    producer *one;
    sf_transaction_answer answer = open(transactions, asking, now_ms, &one);

    if (answer)
        return answer;
    one->positions = positions;
    sf_simulated_positions_hold(positions, who, one->number, offset);
    return SF_TRANSACTION_FINE;
}

sf_transaction_answer sf_simulated_transactions_end(sf_simulated_transactions *transactions,
                                                    const sf_transaction_producer *asking,
                                                    bool commit, int64_t now_ms)
{
    producer *one = find(transactions, asking->id);

    if (one->epoch != asking->epoch)
        return SF_TRANSACTION_FENCED;
    if (one->state == OPEN)
        decide(transactions, one, commit, now_ms);
    else if (one->was_ended && one->commits != commit)
        return SF_TRANSACTION_FENCED; /* INVALID_TXN_STATE: as final */
    return SF_TRANSACTION_FINE;
}

/* ---- what arrives late ---- */

uint64_t sf_simulated_transactions_number(const sf_simulated_transactions *transactions,
                                          const sf_transaction_producer *asking)
{
    const producer *one = find(transactions, asking->id);

    return one->state == OPEN && one->epoch == asking->epoch ? one->number : 0;
}

static producer *find_open(const sf_simulated_transactions *transactions, uint64_t number)
{
    for (size_t i = 0; i < transactions->count; i++) {
        if (transactions->producers[i]->state == OPEN &&
            transactions->producers[i]->number == number)
            return transactions->producers[i];
    }
    return NULL;
}

sf_simulated_piece *sf_simulated_transactions_late_piece(sf_simulated_transactions *transactions,
                                                         uint64_t number, sf_simulated_log *log)
{
    producer *one = find_open(transactions, number);

    return one ? piece_of(one, log) : NULL;
}

void sf_simulated_transactions_late_end(sf_simulated_transactions *transactions, uint64_t number,
                                        bool commit, int64_t now_ms)
{
    producer *one = find_open(transactions, number);

    if (one)
        decide(transactions, one, commit, now_ms);
}
