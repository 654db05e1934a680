/* journal_fixture.h - journals in directories that end with the test. */
#ifndef TESTS_SUPPORT_JOURNAL_FIXTURE_H
#define TESTS_SUPPORT_JOURNAL_FIXTURE_H

#include "journal/journal.h"

/* A new empty directory, removed when the program ends; valid until then. */
const char *journal_fixture_directory(void);

/* Opens the journal in that directory, or fails the test. */
sf_broker *journal_fixture_open(const char *directory, const sf_journal_options *options);

/* Makes a topic, or fails the test. */
void journal_fixture_topic(sf_broker *broker, const char *name, int32_t partitions);

#endif
