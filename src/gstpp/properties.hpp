// SPDX-License-Identifier: Apache-2.0
// GObject properties, one row each, kept in the plain struct `settings` of a C++ element.
//
//   struct Settings { double crossfade = 5; std::string genre; bool live = true; Curve curve{}; };
//   Settings settings;                                        // guarded by the object lock
//   Properties<Mix>(klass)
//       .number<&Settings::crossfade>("crossfade", "Crossfade", "…, in seconds", 0, 60, kPlaying)
//       .text<&Settings::genre>("genre", "Genre", "…", kReady)
//       .read<&Mix::underruns>("underruns", "Underruns", "Frames of silence …");
// The default is read from Settings{}, so it is said once. If Impl has `changed(const char* name)`,
// it is called after each set, outside of the lock, on the setter's thread.
#pragma once

#include <gst/gst.h>

#include <algorithm>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "gstpp/element.hpp"
#include "gstpp/ref.hpp"

namespace gstpp {

/// When a property may be set with effect; gst-inspect-1.0 prints it.
inline constexpr auto kReady =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
inline constexpr auto kPlaying = static_cast<GParamFlags>(
    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
inline constexpr auto kReadOnly =
    static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

/// A GValue is given a C++ value of the same kind.
void store(GValue* value, bool x);
void store(GValue* value, gint x);
void store(GValue* value, guint x);
void store(GValue* value, gint64 x);
void store(GValue* value, guint64 x);
void store(GValue* value, double x);
void store(GValue* value, const std::string& x);
void store(GValue* value, const Structure& x);

namespace detail {
template <class Member>
struct MemberTraits;
template <class Owner, class Value_>
struct MemberTraits<Value_ Owner::*> {
  using Value = Value_;
};
template <class T>
concept Notified = requires(T impl, const char* name) {
  impl.changed(name);
};

GParamSpec* spec_of(const char* name, const char* nick, const char* blurb, GParamFlags, gint low,
                    gint high, gint initial);
GParamSpec* spec_of(const char* name, const char* nick, const char* blurb, GParamFlags, guint low,
                    guint high, guint initial);
GParamSpec* spec_of(const char* name, const char* nick, const char* blurb, GParamFlags, gint64 low,
                    gint64 high, gint64 initial);
GParamSpec* spec_of(const char* name, const char* nick, const char* blurb, GParamFlags, guint64 low,
                    guint64 high, guint64 initial);
GParamSpec* spec_of(const char* name, const char* nick, const char* blurb, GParamFlags, double low,
                    double high, double initial);
GParamSpec* judged_spec_of(const char* name, const char* nick, const char* blurb, GParamFlags,
                           double low, double high, double initial);
template <class T>
T load(const GValue* value) {
  if constexpr (std::is_same_v<T, gint>) return g_value_get_int(value);
  if constexpr (std::is_same_v<T, guint>) return g_value_get_uint(value);
  if constexpr (std::is_same_v<T, gint64>) return g_value_get_int64(value);
  if constexpr (std::is_same_v<T, guint64>) return g_value_get_uint64(value);
  if constexpr (std::is_same_v<T, double>) return g_value_get_double(value);
}
}  // namespace detail

template <class Impl>
class Properties {
  using Settings = typename Impl::Settings;
  template <auto Getter>
  using Got = std::remove_cvref_t<decltype((std::declval<Impl&>().*Getter)())>;

 public:
  /// `klass` is the class struct in class_init; rows follow as calls.
  explicit Properties(gpointer klass) : class_(G_OBJECT_CLASS(klass)) {
    class_->set_property = set;
    class_->get_property = get;
  }

  /// gint, guint, gint64, guint64 or double, from `low` to `high`.
  template <auto Member>
  Properties& number(const char* name, const char* nick, const char* blurb,
                     typename detail::MemberTraits<decltype(Member)>::Value low,
                     typename detail::MemberTraits<decltype(Member)>::Value high,
                     GParamFlags flags) {
    using Value = typename detail::MemberTraits<decltype(Member)>::Value;
    return add(
        detail::spec_of(name, nick, blurb, flags, low, high, Settings{}.*Member),
        [](Impl& impl, const GValue* v) { impl.settings.*Member = detail::load<Value>(v); },
        [](Impl& impl, GValue* v) { store(v, impl.settings.*Member); });
  }

  /// A double from `low` to `high` that takes any other as well, for Impl to refuse with a reason
  /// when it starts: GObject would only warn, and leave what was set before.
  template <auto Member>
  Properties& judged_number(const char* name, const char* nick, const char* blurb, double low,
                            double high, GParamFlags flags) {
    return add(
        detail::judged_spec_of(name, nick, blurb, flags, low, high, Settings{}.*Member),
        [](Impl& impl, const GValue* v) { impl.settings.*Member = g_value_get_double(v); },
        [](Impl& impl, GValue* v) { store(v, double{impl.settings.*Member}); });
  }

  template <auto Member>
  Properties& flag(const char* name, const char* nick, const char* blurb, GParamFlags flags) {
    return add(
        g_param_spec_boolean(name, nick, blurb, Settings{}.*Member, flags),
        [](Impl& impl, const GValue* v) {
          impl.settings.*Member = g_value_get_boolean(v) != FALSE;
        },
        [](Impl& impl, GValue* v) { store(v, bool{impl.settings.*Member}); });
  }

  /// std::string; NULL is the empty text.
  template <auto Member>
  Properties& text(const char* name, const char* nick, const char* blurb, GParamFlags flags) {
    return add(
        g_param_spec_string(name, nick, blurb, (Settings{}.*Member).c_str(), flags),
        [](Impl& impl, const GValue* v) {
          const char* text = g_value_get_string(v);
          impl.settings.*Member = text != nullptr ? text : "";
        },
        [](Impl& impl, GValue* v) { store(v, impl.settings.*Member); });
  }

  /// An enum class registered with enum_type().
  template <auto Member>
  Properties& choice(const char* name, const char* nick, const char* blurb, GType type,
                     GParamFlags flags) {
    using Value = typename detail::MemberTraits<decltype(Member)>::Value;
    return add(
        g_param_spec_enum(name, nick, blurb, type, static_cast<gint>(Settings{}.*Member), flags),
        [](Impl& impl, const GValue* v) {
          impl.settings.*Member = static_cast<Value>(g_value_get_enum(v));
        },
        [](Impl& impl, GValue* v) {
          g_value_set_enum(v, static_cast<gint>(impl.settings.*Member));
        });
  }

  /// A read-only enum class registered with enum_type(): as read().
  template <auto Getter>
  Properties& read_choice(const char* name, const char* nick, const char* blurb, GType type) {
    add(g_param_spec_enum(name, nick, blurb, type, static_cast<gint>(Got<Getter>{}), kReadOnly),
        nullptr,
        [](Impl& impl, GValue* v) { g_value_set_enum(v, static_cast<gint>((impl.*Getter)())); });
    rows().back().computed = true;
    return *this;
  }

  /// A read-only figure: the member function computes it, called without the object lock.
  template <auto Getter>
  Properties& read(const char* name, const char* nick, const char* blurb) {
    using Value = Got<Getter>;
    GParamSpec* spec;
    if constexpr (std::is_same_v<Value, bool>)
      spec = g_param_spec_boolean(name, nick, blurb, FALSE, kReadOnly);
    else if constexpr (std::is_same_v<Value, std::string>)
      spec = g_param_spec_string(name, nick, blurb, nullptr, kReadOnly);
    else if constexpr (std::is_same_v<Value, Structure>)
      spec = g_param_spec_boxed(name, nick, blurb, GST_TYPE_STRUCTURE, kReadOnly);
    else
      return read<Getter>(name, nick, blurb, std::numeric_limits<Value>::lowest(),
                          std::numeric_limits<Value>::max());
    return compute<Getter>(spec);
  }

  /// A read-only number that is from `low` to `high`.
  template <auto Getter>
  Properties& read(const char* name, const char* nick, const char* blurb, Got<Getter> low,
                   Got<Getter> high) {
    const auto initial = std::clamp(Got<Getter>{}, low, high);
    return compute<Getter>(detail::spec_of(name, nick, blurb, kReadOnly, low, high, initial));
  }

 private:
  template <auto Getter>
  Properties& compute(GParamSpec* spec) {
    add(spec, nullptr, [](Impl& impl, GValue* v) { store(v, (impl.*Getter)()); });
    rows().back().computed = true;
    return *this;
  }

  using Setter = void (*)(Impl&, const GValue*);
  using Getter = void (*)(Impl&, GValue*);
  struct Row {
    Setter set;
    Getter get;
    bool computed = false;
  };

  static std::vector<Row>& rows() {
    static std::vector<Row> all;
    return all;
  }

  Properties& add(GParamSpec* spec, Setter setter, Getter getter) {
    rows().push_back({setter, getter});
    g_object_class_install_property(class_, static_cast<guint>(rows().size()), spec);
    return *this;
  }

  static void set(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
    auto& impl = impl_of<Impl>(object);
    {
      ObjectLock lock(object);
      rows()[id - 1].set(impl, value);
    }
    if constexpr (detail::Notified<Impl>) impl.changed(spec->name);
  }

  static void get(GObject* object, guint id, GValue* value, GParamSpec*) {
    auto& impl = impl_of<Impl>(object);
    const Row& row = rows()[id - 1];
    if (row.computed) return row.get(impl, value);
    ObjectLock lock(object);
    row.get(impl, value);
  }

  GObjectClass* class_;
};

/// The GType of an enum class whose values are described by a static, zero-ended table. Call it
/// once per type from a function-local static, which makes it thread-safe.
GType enum_type(const char* type_name, const GEnumValue* values);

}  // namespace gstpp
