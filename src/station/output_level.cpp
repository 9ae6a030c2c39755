// SPDX-License-Identifier: Apache-2.0
#include "station/output_level.hpp"

#include <algorithm>
#include <cmath>

namespace infinara::station {
namespace {

constexpr double kLeast = -100;   // dBFS: digital silence is minus infinity
constexpr double kSilence = -60;  // dBFS

/// The greatest of all channels.
double greatest_in(const GstStructure* structure, const char* field) {
  const GValue* value = gst_structure_get_value(structure, field);
  if (value == nullptr || !G_VALUE_HOLDS_BOXED(value)) return kLeast;
  const auto* channels = static_cast<const GValueArray*>(g_value_get_boxed(value));
  double greatest = kLeast;
  for (guint i = 0; channels != nullptr && i < channels->n_values; ++i)
    if (const GValue& channel = channels->values[i]; G_VALUE_HOLDS_DOUBLE(&channel))
      greatest = std::max(greatest, g_value_get_double(&channel));
  return greatest;
}

}  // namespace

bool OutputLevel::hear(const GstStructure* structure) {
  if (structure == nullptr || gst_structure_has_name(structure, "level") == FALSE) return false;
  rms_ = greatest_in(structure, "rms");
  peak_ = greatest_in(structure, "peak");
  guint64 duration = 0;
  gst_structure_get_uint64(structure, "duration", &duration);
  if (rms_ < kSilence) silence_ += static_cast<double>(duration) / 1e9;
  return true;
}

}  // namespace infinara::station
