/* simulate.c - make simulate: seeded histories of every subject. See sf_simulation_main for its options. */
#include "simulation/subjects.h"

int main(int argc, char **argv)
{
    sf_simulation_subject subjects[SUBJECTS_COUNT];
    int code;

    subjects_open(subjects);
    code = sf_simulation_main(argc, argv, subjects, SUBJECTS_COUNT);
    subjects_close(subjects);
    return code;
}
