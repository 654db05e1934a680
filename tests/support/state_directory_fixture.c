#include "support/state_directory_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"

static char *make_below(const char *parent)
{
    char *directory = sf_text_printf("%s/stateful-test-XXXXXX", parent);

    if (!mkdtemp(directory)) {
        perror("mkdtemp");
        abort();
    }
    return directory;
}

char *sf_test_directory_make(void)
{
    return make_below("/tmp");
}

char *sf_test_directory_make_quick(void)
{
    return make_below(access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
}

void sf_test_directory_remove(char *directory)
{
    sf_error err;

    if (sf_directory_remove(directory, &err))
        (void)fprintf(stderr, "%s\n", err.text); /* the test itself is over */
    free(directory);
}

uint64_t sf_test_seed(void)
{
    const char *given = getenv("TEST_SEED");

    return given ? strtoull(given, NULL, 10) : sf_random_seed_from_system() % 1000000000;
}

int sf_test_rounds(int usual, int long_run)
{
    return getenv("TEST_LONG") ? long_run : usual;
}
