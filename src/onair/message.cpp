// SPDX-License-Identifier: Apache-2.0
#include "onair/message.hpp"

#include <type_traits>

#include "onair/track_tags.hpp"

namespace infinara::onair {
namespace {

// A message's fields are listed once, in each() below; one visitor writes them, the other reads.
// The fields of what comes in lists are listed by each_of().

template <class Visit, class T>
bool each_of(Visit& visit, T& x);

class Writer {
 public:
  explicit Writer(const char* name) : structure_(gst_structure_new_empty(name)) {}
  bool operator()(const char* name, const std::uint64_t& x) {
    return put(name, G_TYPE_UINT64, guint64{x});
  }
  bool operator()(const char* name, const std::uint32_t& x) {
    return put(name, G_TYPE_UINT, guint{x});
  }
  bool operator()(const char* name, const int& x) { return put(name, G_TYPE_INT, gint{x}); }
  bool operator()(const char* name, const double& x) { return put(name, G_TYPE_DOUBLE, x); }
  bool operator()(const char* name, const bool& x) {
    return put(name, G_TYPE_BOOLEAN, gboolean{x});
  }
  bool operator()(const char* name, const std::string& x) {
    return put(name, G_TYPE_STRING, x.c_str());
  }
  /// What was made of it: all of a track but its order.
  bool operator()(const char* name, const music::Track& x) {
    return put(name, GST_TYPE_TAG_LIST, to_tags(x).get());
  }
  /// For people who read the message: it follows from the rest.
  template <class T>
  bool shows(const char* name, const T& x) {
    return (*this)(name, x);
  }
  template <class T>
  bool operator()(const char* name, const std::vector<T>& all) {
    GValue list = G_VALUE_INIT;
    gst_value_list_init(&list, static_cast<guint>(all.size()));
    for (const T& x : all) {
      Writer one("item");
      each_of(one, x);
      GValue item = G_VALUE_INIT;
      g_value_init(&item, GST_TYPE_STRUCTURE);
      g_value_take_boxed(&item, one.take().release());
      gst_value_list_append_and_take_value(&list, &item);
    }
    gst_structure_take_value(structure_.get(), name, &list);
    return true;
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
  bool operator()(const char* name, int& x) {
    gint value = 0;
    if (gst_structure_get_int(structure_, name, &value) == FALSE) return false;
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
  bool operator()(const char* name, music::Track& x) {
    const GValue* tags = gst_structure_get_value(structure_, name);
    if (tags == nullptr || !G_VALUE_HOLDS(tags, GST_TYPE_TAG_LIST)) return false;
    read_tags(static_cast<const GstTagList*>(g_value_get_boxed(tags)), x);
    return true;
  }
  template <class T>
  bool shows(const char* name, const T&) {
    return gst_structure_has_field(structure_, name) != FALSE;
  }
  template <class T>
  bool operator()(const char* name, std::vector<T>& all) {
    const GValue* list = gst_structure_get_value(structure_, name);
    if (list == nullptr || !GST_VALUE_HOLDS_LIST(list)) return false;
    for (guint i = 0; i < gst_value_list_get_size(list); ++i) {
      const GValue* item = gst_value_list_get_value(list, i);
      if (!GST_VALUE_HOLDS_STRUCTURE(item)) return false;
      Reader one(gst_value_get_structure(item));
      if (!each_of(one, all.emplace_back())) return false;
    }
    return true;
  }

 private:
  const GstStructure* structure_;
};

template <class Visit, class Track>
bool each_of_track(Visit& visit, Track& x) {
  return visit("id", x.order.id) && visit("genre", x.order.genre) &&
         visit("ordered-title", x.order.title) && visit("caption", x.order.caption) &&
         visit("ordered-duration", x.order.duration) && visit("seed", x.order.seed) &&
         visit("ordered-bpm", x.order.bpm) && visit("ordered-key", x.order.key) &&
         visit("generator", x.generator) && visit("tags", x) && visit.shows("title", x.name()) &&
         visit.shows("artist", x.artist) && visit.shows("duration", x.duration());
}

template <class Visit, class T>
bool each_of(Visit& visit, T& x) {
  if constexpr (std::is_same_v<std::remove_const_t<T>, Job>)
    return visit("genre", x.genre) && visit("progress", x.progress) && visit("stage", x.stage) &&
           visit("age", x.age) && visit("wanted", x.wanted);
  else
    return visit("url", x.url) && visit("state", x.state) && visit("reason", x.reason) &&
           visit("model", x.model) && visit("running", x.running) && visit("waiting", x.waiting) &&
           visit("seconds-per-second", x.seconds_per_second) && visit("last-error", x.last_error) &&
           visit("note", x.note) && visit("delivery", x.delivery) && visit("jobs", x.jobs);
}

template <class T, class Visit, class Message>
bool each(Visit& visit, Message& x) {
  if (!visit("position", x.position)) return false;
  if constexpr (std::is_same_v<T, OnAir>)
    return visit("start", x.start) && each_of_track(visit, x.track);
  else if constexpr (std::is_same_v<T, Fade>)
    return visit("end", x.end) && visit("on-air", x.on_air) && visit("from", x.from) &&
           visit("to", x.to) && visit("plan", x.plan);
  else if constexpr (std::is_same_v<T, Join>)
    return visit("from", x.from) && visit("to", x.to) && visit("dip", x.dip) &&
           visit("rise", x.rise) && visit("basses", x.basses) &&
           visit("beats-apart", x.beats_apart) && visit("fifths", x.fifths);
  else if constexpr (std::is_same_v<T, GenreDecided>)
    return visit("genre", x.genre) && visit("reason", x.reason) && visit("dwell-end", x.dwell_end);
  else if constexpr (std::is_same_v<T, Next>)
    return visit("ready", x.ready) && each_of_track(visit, x.track);
  else if constexpr (std::is_same_v<T, Generator>)
    return visit("name", x.name) && visit("up", x.up) && visit("reason", x.reason);
  else if constexpr (std::is_same_v<T, Servers>)
    return visit("servers", x.servers);
  else
    return visit("text", x.text);
}

template <class T>
constexpr const char* kName = nullptr;
template <>
constexpr const char* kName<OnAir> = "infinara-on-air";
template <>
constexpr const char* kName<Fade> = "infinara-fade";
template <>
constexpr const char* kName<Join> = "infinara-join";
template <>
constexpr const char* kName<GenreDecided> = "infinara-genre-decided";
template <>
constexpr const char* kName<Next> = "infinara-next";
template <>
constexpr const char* kName<Generator> = "infinara-generator";
template <>
constexpr const char* kName<Servers> = "infinara-servers";
template <>
constexpr const char* kName<Remark> = "infinara-remark";

template <class T>
bool try_read(const GstStructure* structure, std::optional<Message>& out) {
  if (gst_structure_has_name(structure, kName<T>) == FALSE) return false;
  T x;
  Reader reader(structure);
  if (each<T>(reader, x)) out = std::move(x);
  return true;
}

}  // namespace

gstpp::Structure to_structure(const Message& message) {
  return std::visit(
      []<class T>(const T& x) {
        Writer writer(kName<T>);
        each<T>(writer, x);
        return writer.take();
      },
      message);
}

std::optional<Message> from_structure(const GstStructure* structure) {
  std::optional<Message> out;
  if (structure != nullptr)
    [&]<class... T>(std::variant<T...>*) {
      (try_read<T>(structure, out) || ...);
    }(static_cast<Message*>(nullptr));
  return out;
}

void post(GstElement* source, const Message& message) {
  gst_element_post_message(
      source, gst_message_new_element(GST_OBJECT(source), to_structure(message).release()));
}

std::optional<Message> read(GstMessage* message) {
  if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ELEMENT) return std::nullopt;
  return from_structure(gst_message_get_structure(message));
}

}  // namespace infinara::onair
