// SPDX-License-Identifier: Apache-2.0
// Tasks that a server still has when we come back, as text for a small file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "remote/acestep/order_book.hpp"

namespace infinara::remote {

/// `wall` is now, in seconds since 1970.
std::string print_saved_tasks(const std::vector<SavedTask>& kept, double wall);
/// What can be read of it; a damaged file is an empty one.
std::vector<SavedTask> parse_saved_tasks(std::string_view text, double wall);

}  // namespace infinara::remote
