// SPDX-License-Identifier: Apache-2.0
#include "onair/bulletin.hpp"

#include <type_traits>

namespace infinara::onair {
namespace {

// A bulletin's fields are listed once, in each() below; one visitor writes them, the other reads.

class Writer {
 public:
  explicit Writer(const char* name) : structure_(gst_structure_new_empty(name)) {}
  bool operator()(const char* name, const std::uint64_t& x) {
    return put(name, G_TYPE_UINT64, guint64{x});
  }
  bool operator()(const char* name, const std::uint32_t& x) {
    return put(name, G_TYPE_UINT, guint{x});
  }
  bool operator()(const char* name, const double& x) { return put(name, G_TYPE_DOUBLE, x); }
  bool operator()(const char* name, const bool& x) {
    return put(name, G_TYPE_BOOLEAN, gboolean{x});
  }
  bool operator()(const char* name, const std::string& x) {
    return put(name, G_TYPE_STRING, x.c_str());
  }
  gstpp::Structure take() { return std::move(structure_); }

 private:
  template <class T>
  bool put(const char* name, GType type, T x) {
    gst_structure_set(structure_.get(), name, type, x, nullptr);
    return true;
  }
  gstpp::Structure structure_;
};

class Reader {
 public:
  explicit Reader(const GstStructure* structure) : structure_(structure) {}
  bool operator()(const char* name, std::uint64_t& x) {
    guint64 value = 0;
    if (gst_structure_get_uint64(structure_, name, &value) == FALSE) return false;
    x = value;
    return true;
  }
  bool operator()(const char* name, std::uint32_t& x) {
    guint value = 0;
    if (gst_structure_get_uint(structure_, name, &value) == FALSE) return false;
    x = value;
    return true;
  }
  bool operator()(const char* name, double& x) {
    return gst_structure_get_double(structure_, name, &x) != FALSE;
  }
  bool operator()(const char* name, bool& x) {
    gboolean value = FALSE;
    if (gst_structure_get_boolean(structure_, name, &value) == FALSE) return false;
    x = value != FALSE;
    return true;
  }
  bool operator()(const char* name, std::string& x) {
    if (gst_structure_has_field_typed(structure_, name, G_TYPE_STRING) == FALSE) return false;
    const char* text = gst_structure_get_string(structure_, name);
    x = text != nullptr ? text : "";
    return true;
  }

 private:
  const GstStructure* structure_;
};

template <class Visit, class Order>
bool each_of_order(Visit& visit, Order& x) {
  return visit("id", x.id) && visit("genre", x.genre) && visit("title", x.title) &&
         visit("caption", x.caption) && visit("duration", x.duration) && visit("seed", x.seed);
}

template <class T, class Visit, class Bulletin>
bool each(Visit& visit, Bulletin& x) {
  if (!visit("position", x.position)) return false;
  if constexpr (std::is_same_v<T, OnAir>)
    return visit("start", x.start) && visit("generator", x.generator) &&
           each_of_order(visit, x.order);
  else if constexpr (std::is_same_v<T, Fade>)
    return visit("end", x.end) && visit("from", x.from) && visit("to", x.to);
  else if constexpr (std::is_same_v<T, GenreDecided>)
    return visit("genre", x.genre) && visit("reason", x.reason) && visit("dwell-end", x.dwell_end);
  else if constexpr (std::is_same_v<T, Next>)
    return visit("ready", x.ready) && each_of_order(visit, x.order);
  else
    return visit("name", x.name) && visit("up", x.up) && visit("reason", x.reason);
}

template <class T>
constexpr const char* kName = nullptr;
template <>
constexpr const char* kName<OnAir> = "infinara-on-air";
template <>
constexpr const char* kName<Fade> = "infinara-fade";
template <>
constexpr const char* kName<GenreDecided> = "infinara-genre-decided";
template <>
constexpr const char* kName<Next> = "infinara-next";
template <>
constexpr const char* kName<Generator> = "infinara-generator";

template <class T>
bool try_read(const GstStructure* structure, std::optional<Bulletin>& out) {
  if (gst_structure_has_name(structure, kName<T>) == FALSE) return false;
  T x;
  Reader reader(structure);
  if (each<T>(reader, x)) out = std::move(x);
  return true;
}

}  // namespace

gstpp::Structure to_structure(const Bulletin& bulletin) {
  return std::visit(
      []<class T>(const T& x) {
        Writer writer(kName<T>);
        each<T>(writer, x);
        return writer.take();
      },
      bulletin);
}

std::optional<Bulletin> from_structure(const GstStructure* structure) {
  std::optional<Bulletin> out;
  if (structure != nullptr)
    [&]<class... T>(std::variant<T...>*) {
      (try_read<T>(structure, out) || ...);
    }(static_cast<Bulletin*>(nullptr));
  return out;
}

void post(GstElement* source, const Bulletin& bulletin) {
  gst_element_post_message(
      source, gst_message_new_element(GST_OBJECT(source), to_structure(bulletin).release()));
}

std::optional<Bulletin> read(GstMessage* message) {
  if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ELEMENT) return std::nullopt;
  return from_structure(gst_message_get_structure(message));
}

}  // namespace infinara::onair
