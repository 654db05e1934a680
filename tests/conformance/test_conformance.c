/* test_conformance.c - every case below a folder is a test.
 *
 * test_conformance [FOLDER [WORD]] runs the cases whose path has the word; without a folder those of
 * this repository. Lines are those of cmocka, so that run-tests counts each case; a failed one shows
 * what it expected beside what came.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "conformance/spec_folder.h"
#include "conformance/spec_process.h"

static const char own_cases[] = "tests/conformance/cases";

static bool run_one(const spec_folder *folder, const char *path)
{
    char *whole = sf_text_printf("%s/%s", folder->root, path);
    char *report;
    bool passed = spec_process_run(whole, &report);

    if (passed)
        printf("[       OK ] %s\n", path);
    else
        printf("[  FAILED  ] %s\n%s", path, report);
    fflush(stdout);
    free(report);
    free(whole);
    return passed;
}

int main(int argc, char **argv)
{
    spec_folder folder;
    sf_error err = {0};
    size_t counts[2] = {0};

    if (spec_folder_read(&folder, argc > 1 ? argv[1] : own_cases, &err)) {
        printf("[  FAILED  ] %s\n", err.text);
        counts[0] = 1;
    }
    for (size_t i = 0; i < folder.count && !err.status; i++)
        if (argc < 3 || strstr(folder.paths[i], argv[2]))
            counts[run_one(&folder, folder.paths[i])]++;
    spec_folder_done(&folder);
    printf("%zu passed, %zu failed\n", counts[1], counts[0]);
    return counts[0] || !counts[1];
}
