// SPDX-License-Identifier: Apache-2.0
// The bytes that the double's model makes of an order, whole or with a fault in their sound.
#pragma once

#include <cstdint>
#include <string>

#include "support/acestep_settings.hpp"

namespace support {

/// The file for an order. `seed` is the server's own choice, which it prefers to the order's.
std::string track_of(const Asked& asked, Fault fault, std::uint64_t seed,
                     const DoubleSettings& settings);
/// The seed that is used and told, if the order's own counts with this dialect.
bool heeds_seed(const Asked& asked, Dialect dialect);

}  // namespace support
