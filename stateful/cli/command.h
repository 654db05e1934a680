/* command.h - what a sub-command is: its words, its help, its options, what it does. */
#ifndef STATEFUL_CLI_COMMAND_H
#define STATEFUL_CLI_COMMAND_H

#include <stateful/broker.h>

#include "arguments.h"

/* What a command works with. */
typedef struct command_call {
    const arguments *arguments;
    sf_broker *broker;   /* connected; NULL for commands that need none */
    const char *address; /* of the broker */
    bool as_json;        /* --json: a JSON object a line */
    int64_t patience_ms; /* how long a broker that does not answer is asked again */
} command_call;

typedef struct command {
    const char *words;    /* "groups describe" */
    const char *operands; /* "GROUP", for the help text; "" */
    size_t least;         /* operands there must be */
    size_t most;          /* and may be */
    const char *summary;  /* one line */
    const char *details;  /* whole paragraphs of the help text */
    const option *options;
    bool needs_no_broker;
    bool may_make_journal; /* else file:DIR must hold one */
    sf_status (*run)(const command_call *call, sf_error *err);
} command;

/* One file a family. */
extern const command groups_list_command, groups_describe_command;
extern const command topics_list_command, topics_describe_command, topics_create_command,
    topics_delete_command;
extern const command consume_command, produce_command;
extern const command describe_command, stores_command;
extern const command dlq_list_command, dlq_replay_command;
extern const command reset_command;

/* Waits a moment and says true if a call is to be made again; see runtime/retry.h:
 *
 *     sf_retry retry = command_retry(call);
 *     do
 *         status = sf_broker_…(call->broker, …, err);
 *     while (sf_retry_again(&retry, &status, err));
 */
struct sf_retry command_retry(const command_call *call);

#endif
