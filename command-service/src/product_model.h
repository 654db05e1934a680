/* product_model.h - the commands on products (see write_model.h). */
#ifndef COMMAND_SERVICE_PRODUCT_MODEL_H
#define COMMAND_SERVICE_PRODUCT_MODEL_H

#include "write_model.h"

void product_model_create(const struct write_model *model, struct write_command *command);
void product_model_update(const struct write_model *model, struct write_command *command);

#endif
