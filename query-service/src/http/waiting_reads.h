/* waiting_reads.h - reads that wait for what is not there yet (`wait=5s`): a thread asks again for them
 * after each commit, and now and then for what comes without one.
 */
#ifndef QUERY_SERVICE_HTTP_WAITING_READS_H
#define QUERY_SERVICE_HTTP_WAITING_READS_H

#include "service/request.h"

/* Longer waits are refused. The server must grant deferred replies more than that. */
#define WAITING_READ_MAX_MS INT64_C(30000)

typedef struct waiting_reads waiting_reads;

/* Replies and says true, or says false as long as it is worth to wait; the last time it must reply.
 * Any thread. */
typedef bool (*waiting_read_fn)(const sf_request *request, sf_reply *reply, void *user,
                                bool is_last);

/* Those that wait are asked again at least so often. */
waiting_reads *waiting_reads_new(int64_t ask_again_ms);

/* Something may be there now: all that wait are asked again, on the thread of these reads. Any thread. */
void waiting_reads_ask(waiting_reads *reads);

/* Answers all that wait with what there is, and returns when that is done; later ones do not wait any more.
 * Again: nothing happens. One thread. */
void waiting_reads_stop(waiting_reads *reads);

/* After the server has stopped, and when nobody tells of commits any more; stops. NULL is fine. */
void waiting_reads_free(waiting_reads *reads);

/* How many wait now. Any thread. */
size_t waiting_reads_count(waiting_reads *reads);

/* Reads the query parameter wait: "5s", "250ms"; absent: 0. False: a problem was replied. */
bool waiting_reads_time(const sf_request *request, sf_reply *reply, int64_t *wait_ms);

/* In a handler: answers now, or defers and answers within wait_ms. */
void waiting_reads_answer(waiting_reads *reads, const sf_request *request, sf_reply *reply,
                          waiting_read_fn answer, void *user, int64_t wait_ms);

#endif
