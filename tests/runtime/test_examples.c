/* The examples do what they say, over restarts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"

/* The program built beside this one. */
static void find_example(const char *name, char *path, size_t size)
{
    char self[4096];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *end;

    assert_true(length > 0);
    self[length] = 0;
    end = strstr(self, "/tests/runtime/");
    assert_non_null(end);
    *end = 0;
    (void)snprintf(path, size, "%s/stateful/examples/%s", self, name);
    if (access(path, X_OK)) {
        puts("skip: the examples are not built");
        skip();
    }
}

/* What the example prints for that input. */
static void run(const char *command, char *output, size_t size)
{
    FILE *pipe = popen(command, "r");
    size_t length;

    assert_non_null(pipe);
    length = fread(output, 1, size - 1, pipe);
    output[length] = 0;
    assert_int_equal(pclose(pipe), 0);
}

static void words_are_counted_and_kept(void **state)
{
    char directory[] = "/tmp/stateful-example-XXXXXX";
    char program[4200], command[9000], output[256];

    (void)state;
    find_example("word_count", program, sizeof(program));
    assert_non_null(mkdtemp(directory));
    (void)snprintf(command, sizeof(command),
                   "printf 'hello kafka  hello\\nhello\\n' | %s file:%s/log %s/state 2>/dev/null",
                   program, directory, directory);
    run(command, output, sizeof(output));
    assert_string_equal(output, "hello 3\nkafka 1\n");
    (void)snprintf(command, sizeof(command),
                   "printf 'hello again\\n' | %s file:%s/log %s/state 2>/dev/null", program,
                   directory, directory);
    run(command, output, sizeof(output));
    assert_string_equal(output, "again 1\nhello 4\nkafka 1\n");
    assert_ok(sf_directory_remove(directory, err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_counted_and_kept),
    };

    return run_tests(tests);
}
