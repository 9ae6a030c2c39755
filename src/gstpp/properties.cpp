// SPDX-License-Identifier: Apache-2.0
#include "gstpp/properties.hpp"

namespace gstpp {

void store(GValue* value, bool x) {
  g_value_set_boolean(value, x ? TRUE : FALSE);
}
void store(GValue* value, gint x) {
  g_value_set_int(value, x);
}
void store(GValue* value, guint x) {
  g_value_set_uint(value, x);
}
void store(GValue* value, gint64 x) {
  g_value_set_int64(value, x);
}
void store(GValue* value, guint64 x) {
  g_value_set_uint64(value, x);
}
void store(GValue* value, double x) {
  g_value_set_double(value, x);
}
void store(GValue* value, const std::string& x) {
  g_value_set_string(value, x.c_str());
}
void store(GValue* value, const Structure& x) {
  g_value_set_boxed(value, x.get());
}

GType enum_type(const char* type_name, const GEnumValue* values) {
  const GType type = g_enum_register_static(type_name, values);
  gst_type_mark_as_plugin_api(type, GstPluginAPIFlags{});
  return type;
}

namespace detail {

GParamSpec* spec_of(const char* name, const char* nick, const char* blurb, GParamFlags flags,
                    gint low, gint high, gint initial) {
  return g_param_spec_int(name, nick, blurb, low, high, initial, flags);
}
GParamSpec* spec_of(const char* name, const char* nick, const char* blurb, GParamFlags flags,
                    guint low, guint high, guint initial) {
  return g_param_spec_uint(name, nick, blurb, low, high, initial, flags);
}
GParamSpec* spec_of(const char* name, const char* nick, const char* blurb, GParamFlags flags,
                    gint64 low, gint64 high, gint64 initial) {
  return g_param_spec_int64(name, nick, blurb, low, high, initial, flags);
}
GParamSpec* spec_of(const char* name, const char* nick, const char* blurb, GParamFlags flags,
                    guint64 low, guint64 high, guint64 initial) {
  return g_param_spec_uint64(name, nick, blurb, low, high, initial, flags);
}
GParamSpec* spec_of(const char* name, const char* nick, const char* blurb, GParamFlags flags,
                    double low, double high, double initial) {
  return g_param_spec_double(name, nick, blurb, low, high, initial, flags);
}

namespace {

/// As GParamSpecDouble, but that any value is taken.
GType judged_double_type() {
  static const GType type = [] {
    constexpr const char* kName = "GstppJudgedDouble";
    // This library may be in the process twice: in the plugin, and in the program that loads it.
    if (const GType known = g_type_from_name(kName); known != G_TYPE_INVALID) return known;
    GTypeQuery query;
    g_type_query(G_TYPE_PARAM_DOUBLE, &query);
    const auto class_init = [](gpointer klass, gpointer) {
      static_cast<GParamSpecClass*>(klass)->value_validate = [](GParamSpec*, GValue*) {
        return gboolean{FALSE};
      };
    };
    const GTypeInfo info = {
        static_cast<guint16>(query.class_size),    nullptr, nullptr, class_init, nullptr, nullptr,
        static_cast<guint16>(query.instance_size), 0,       nullptr, nullptr};
    return g_type_register_static(G_TYPE_PARAM_DOUBLE, kName, &info, GTypeFlags{});
  }();
  return type;
}

}  // namespace

GParamSpec* judged_spec_of(const char* name, const char* nick, const char* blurb, GParamFlags flags,
                           double low, double high, double initial) {
  auto* spec = static_cast<GParamSpecDouble*>(
      g_param_spec_internal(judged_double_type(), name, nick, blurb, flags));
  spec->minimum = low;
  spec->maximum = high;
  spec->default_value = initial;
  return G_PARAM_SPEC(spec);
}

void report_exception(gpointer instance, const char* what) {
  if (GST_IS_PAD(instance)) {
    const auto element = Ref<GstElement>::adopt(gst_pad_get_parent_element(GST_PAD(instance)));
    if (element) return report_exception(element.get(), what);
  }
  if (GST_IS_ELEMENT(instance)) {
    GST_ELEMENT_ERROR(GST_ELEMENT(instance), CORE, FAILED,
                      ("Something went wrong inside this element."), ("exception: %s", what));
  } else {
    g_critical("%s: exception: %s", G_OBJECT_TYPE_NAME(instance), what);
  }
}

}  // namespace detail
}  // namespace gstpp
