/* open_transaction ADDRESS TOPIC - sends "open" inside a transaction, says so, and aborts it once a line (or
 * the end) of standard input comes. For tests that look at unfinished work. */
#include <stdio.h>

#include <stateful/connect.h>

static sf_status send_one(sf_producer *producer, const char *topic, sf_error *err)
{
    sf_outgoing out = {.record = {.value = sf_bytes_text("open"), .timestamp = 1}};
    size_t sent;
    sf_status status = sf_producer_topic_open(producer, topic, &out.topic, err);

    if (!status)
        status = sf_producer_begin(producer, err);
    if (!status)
        status = sf_producer_send(producer, &out, 1, &sent, err);
    return status ? status : sf_producer_flush(producer, 10000, err);
}

int main(int argc, char **argv)
{
    sf_broker *broker = NULL;
    sf_producer *producer = NULL;
    sf_error err = {0};
    sf_status status;

    if (argc != 3)
        return 2;
    status = sf_broker_connect(argv[1], NULL, &broker, &err);
    if (!status)
        status = sf_producer_new(broker, &(sf_producer_options){.transactional_id = argv[2]},
                                 &producer, &err);
    if (!status)
        status = send_one(producer, argv[2], &err);
    if (!status) {
        puts("open");
        fflush(stdout);
        (void)getchar(); /* a line or the end: both mean go on */
        status = sf_producer_abort(producer, 10000, &err);
    }
    if (status)
        fprintf(stderr, "open_transaction: %s\n", err.text);
    sf_producer_close(producer);
    sf_broker_close(broker);
    return status ? 1 : 0;
}
