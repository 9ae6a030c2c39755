// SPDX-License-Identifier: Apache-2.0
#include "fade_properties.hpp"

#include "gstpp/properties.hpp"
#include "sound/fade.hpp"

namespace infinara {

using sound::Curve;

GType curve_type() {
  static const GEnumValue values[] = {
      {static_cast<int>(Curve::kSmoothstep), "3t²-2t³: the two gains sum to 1",
       sound::name_of(Curve::kSmoothstep)},
      {static_cast<int>(Curve::kEqualPower), "sin(πt/2): keeps the loudness of unlike tracks",
       sound::name_of(Curve::kEqualPower)},
      {static_cast<int>(Curve::kLinear), "t: the two gains sum to 1",
       sound::name_of(Curve::kLinear)},
      {0, nullptr, nullptr}};
  static const GType type = gstpp::enum_type("InfinaraFadeCurve", values);
  return type;
}

}  // namespace infinara
