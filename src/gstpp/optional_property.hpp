// SPDX-License-Identifier: Apache-2.0
// Properties of elements that another release may not have.
#pragma once

#include <gst/gst.h>

namespace gstpp {

inline bool has(GObject* object, const char* name, GType type) {
  const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(object), name);
  return spec != nullptr && g_type_is_a(spec->value_type, type);
}

/// The value of an enum or integer property; -1 if there is none of that name.
inline int number_of(GObject* object, const char* name) {
  const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(object), name);
  if (spec == nullptr) return -1;
  int value = -1;
  if (G_IS_PARAM_SPEC_ENUM(spec) || G_IS_PARAM_SPEC_UINT(spec) || G_IS_PARAM_SPEC_INT(spec))
    g_object_get(object, name, &value, nullptr);
  return value;
}

}  // namespace gstpp
