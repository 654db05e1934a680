/* operator_words.h - the words of the command line that look after the database beside a running
 * service, or without one (program.h). Main thread. */
#ifndef COMMAND_SERVICE_OPERATOR_WORDS_H
#define COMMAND_SERVICE_OPERATOR_WORDS_H

#include "postgres.h"
#include "service/settings.h"

/* Where the settings say that the database is. */
postgres_address operator_words_address(const sf_settings *settings);

/* outbox [failed | retry [EVENT]]: how it stands; what could not be published; another try. */
sf_status operator_words_outbox(const sf_settings *settings, char **words, sf_error *err);

/* republish [product | customer | order]: all events to their topics once more. */
sf_status operator_words_republish(const sf_settings *settings, char **words, sf_error *err);

/* rebuild [--dry-run]: the tables of the state from the events. */
sf_status operator_words_rebuild(const sf_settings *settings, char **words, sf_error *err);

#endif
