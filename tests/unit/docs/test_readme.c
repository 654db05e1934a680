/* The programs in stateful/README.md build against the public headers and do what it says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "check.h"
#include "support/sanitizer.h"

static char folder[] = "/tmp/stateful-readme-XXXXXX";

/* Writes the program that begins after the heading to <folder>/program.c. */
static void extract_program(const char *heading)
{
    sf_buffer readme = SF_BUFFER_EMPTY;
    char *path = sf_text_printf("%s/program.c", folder);
    const char *from;
    const char *to;
    FILE *file;

    assert_ok(sf_file_read("stateful/README.md", &readme, err));
    from = strstr(sf_buffer_text(&readme), heading);
    assert_non_null(from);
    from = strstr(from, "```c\n");
    assert_non_null(from);
    to = strstr(from, "\n```\n");
    assert_non_null(to);
    file = fopen(path, "w");
    assert_non_null(file);
    fwrite(from + 5, 1, (size_t)(to - from - 4), file);
    fclose(file);
    free(path);
    sf_buffer_done(&readme);
}

/* The library that this test is linked with. */
static char *find_library(void)
{
    char self[4096];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *end;

    assert_true(length > 0);
    self[length] = 0;
    end = strstr(self, "/tests/unit/docs/");
    assert_non_null(end);
    *end = 0;
    return sf_text_printf("%s/libstateful.a", self);
}

/* In a sanitizer's build the library wants what only its compiler links. */
static void build_program(void)
{
    char *library = find_library();
    char *command = sf_text_printf("cc -std=c11 -Wall -Istateful/include %s/program.c %s "
                                   "$(pkg-config --libs rdkafka rocksdb libxxhash) -lm -pthread "
                                   "-o %s/program",
                                   folder, library, folder);

    assert_int_equal(system(command), 0);
    free(command);
    free(library);
}

static int run_program(const char *arguments)
{
    char *command = sf_text_printf("cd %s && ./program %s 2>&1", folder, arguments);
    int status = system(command);

    free(command);
    return status;
}

static void skip_under_sanitizers(void)
{
    if (UNDER_SANITIZER) {
        puts("skip: the library of a sanitizer's build does not link into a plain program");
        skip();
    }
}

static void the_word_count_builds_and_starts(void **state)
{
    (void)state;
    skip_under_sanitizers();
    extract_program("## A word count");
    build_program();
    assert_int_equal(run_program("file:log < /dev/null"), 0);
}

static void the_test_of_a_topology_passes(void **state)
{
    (void)state;
    skip_under_sanitizers();
    extract_program("## Testing a topology");
    build_program();
    assert_int_equal(run_program(""), 0);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return sf_directory_remove(folder, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_word_count_builds_and_starts),
        cmocka_unit_test(the_test_of_a_topology_passes),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
