#pragma once

#include <string>

#include "store/plan.h"

namespace weir::store {

// What ParsePlan reads back.
std::string PlanWords(const schema::TableSpec& table, const Plan& plan);

}  // namespace weir::store
