/* command_problems.h - the problems that only command-service answers with (problem_catalogue.h). */
#ifndef COMMAND_SERVICE_COMMAND_PROBLEMS_H
#define COMMAND_SERVICE_COMMAND_PROBLEMS_H

#include "service/problem_catalogue.h"

extern const sf_problem command_problems[];
extern const size_t command_problem_count;

#endif
