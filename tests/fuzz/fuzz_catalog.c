/* fuzz_catalog.c - any facts as what frames say of topics, groups and producers: they are taken or refused
 * with a sentence, and a snapshot of what came of them gives the same catalog elsewhere. */
#include <stdlib.h>
#include <string.h>

#include "journal/catalog.h"
#include "journal/fact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* A snapshot that is read where nothing is known says the same again. */
static void there_and_back(const sf_catalog *catalog)
{
    sf_catalog *other = sf_catalog_new();
    sf_buffer first = SF_BUFFER_EMPTY;
    sf_buffer second = SF_BUFFER_EMPTY;
    sf_frame frame = {0};
    sf_error error = {0};

    sf_catalog_snapshot(catalog, &first);
    frame.facts = sf_buffer_bytes(&first);
    check(!sf_catalog_jump(other, &frame, &error));
    sf_catalog_snapshot(other, &second);
    check(first.size == second.size);
    sf_buffer_done(&first);
    sf_buffer_done(&second);
    sf_catalog_free(other);
}

/* Many topics of very many partitions take more time and memory than a fuzzer is given. */
static bool names_many_partitions(sf_bytes facts)
{
    sf_fact fact;

    while (sf_fact_next(&facts, &fact))
        if (fact.kind == SF_FACT_TOPIC && (fact.number > 10000 || fact.topic > 10000))
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sf_catalog *catalog = sf_catalog_new();
    sf_frame frame = {.facts = sf_bytes_of(data, size)};
    sf_error error = {0};

    if (names_many_partitions(frame.facts)) {
        sf_catalog_free(catalog);
        return 0;
    }
    if (sf_catalog_apply(catalog, &frame, &error))
        check(error.text[0]);
    else
        there_and_back(catalog);
    if (sf_catalog_jump(catalog, &frame, &error))
        check(error.text[0]);
    sf_catalog_free(catalog);
    return 0;
}
