#include "support/example_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "check.h"

/* The program in the build that this one is of: <build>/tests/... beside <build>/stateful/examples. */
static char *find_example(const char *name)
{
    char self[4096];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *end;
    char *path;

    assert_true(length > 0);
    self[length] = 0;
    end = strstr(self, "/tests/");
    for (char *next; end && (next = strstr(end + 1, "/tests/"));)
        end = next;
    assert_non_null(end);
    *end = 0;
    path = sf_text_printf("%s/stateful/examples/%s", self, name);
    if (access(path, X_OK)) {
        puts("skip: the examples are not built");
        free(path);
        skip();
    }
    return path;
}

void example_run(const char *name, const char *arguments, const char *input, char *output,
                 size_t size)
{
    char *path = find_example(name);
    char *command = sf_text_printf("printf '%s' | '%s' %s", input ? input : "", path, arguments);
    FILE *pipe = popen(command, "r");
    size_t length;

    assert_non_null(pipe);
    length = fread(output, 1, size - 1, pipe);
    output[length] = 0;
    assert_int_equal(pclose(pipe), 0);
    free(command);
    free(path);
}
