// SPDX-License-Identifier: Apache-2.0
// What must be done at the end of a scope, also when an exception leaves it.
#pragma once

#include <utility>

namespace gstpp {

/// Calls `act` when it is destroyed. `act` must not throw.
template <class Act>
class [[nodiscard]] Finally {
 public:
  explicit Finally(Act act) : act_(std::move(act)) {}
  ~Finally() { act_(); }
  Finally(const Finally&) = delete;
  Finally& operator=(const Finally&) = delete;

 private:
  Act act_;
};

}  // namespace gstpp
