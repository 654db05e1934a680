/* query_problems.h - the problems that only query-service answers with (problem_catalogue.h). */
#ifndef QUERY_SERVICE_QUERY_PROBLEMS_H
#define QUERY_SERVICE_QUERY_PROBLEMS_H

#include "service/problem_catalogue.h"

extern const sf_problem query_problems[];
extern const size_t query_problem_count;

#endif
