// SPDX-License-Identifier: Apache-2.0
#include "fade_properties.hpp"

#include "gstpp/properties.hpp"
#include "sound/fade.hpp"
#include "sound/join.hpp"

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

GType join_type() {
  using sound::JoinStyle;
  static const GEnumValue values[] = {
      {static_cast<int>(JoinStyle::kPlain), "As long as the crossfade",
       sound::name_of(JoinStyle::kPlain)},
      {static_cast<int>(JoinStyle::kPlanned), "On the bars of the music",
       sound::name_of(JoinStyle::kPlanned)},
      {0, nullptr, nullptr}};
  static const GType type = gstpp::enum_type("InfinaraJoinStyle", values);
  return type;
}

}  // namespace infinara
