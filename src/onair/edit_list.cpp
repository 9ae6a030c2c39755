// SPDX-License-Identifier: Apache-2.0
#include "onair/edit_list.hpp"

#include <algorithm>
#include <array>

#include "sound/frame.hpp"
#include "text/number.hpp"

namespace infinara::onair {
namespace {

using What = sound::Edit::What;

constexpr std::string_view kPad = "sink_";

struct Name {
  What what;
  const char* text;
};
constexpr std::array<Name, 8> kNames{{{What::kReady, "smoothstepmix-ready"},
                                      {What::kBegins, "smoothstepmix-started"},
                                      {What::kEnters, "smoothstepmix-on-air"},
                                      {What::kRetitled, "smoothstepmix-retitled"},
                                      {What::kLeaves, "smoothstepmix-fade"},
                                      {What::kEnds, "smoothstepmix-ended"},
                                      {What::kEmpty, "smoothstepmix-empty"},
                                      {What::kUnderrun, "smoothstepmix-starved"}}};

bool has_fade(What what) {
  return what == What::kBegins || what == What::kLeaves;
}

bool has_start(What what) {
  return what == What::kEnters || what == What::kRetitled;
}

/// A place or length, twice: in nanoseconds, as the timestamps of buffers, and in samples.
void set(GstStructure* out, const char* name, std::int64_t samples) {
  gst_structure_set(out, name, G_TYPE_UINT64, static_cast<guint64>(sound::ns_from_samples(samples)),
                    (std::string(name) + "-samples").c_str(), G_TYPE_INT64, gint64{samples},
                    nullptr);
}

bool get(const GstStructure* in, const char* name, std::int64_t& samples) {
  gint64 value = 0;
  if (gst_structure_get_int64(in, (std::string(name) + "-samples").c_str(), &value) == FALSE)
    return false;
  samples = value;
  return true;
}

/// A track; silence is an empty text.
void set(GstStructure* out, const char* name, std::optional<unsigned> track) {
  gst_structure_set(out, name, G_TYPE_STRING, track ? pad_name(*track).c_str() : "", nullptr);
}

bool get(const GstStructure* in, const char* name, std::optional<unsigned>& track) {
  const char* pad = gst_structure_get_string(in, name);
  if (pad == nullptr) return false;
  track = track_of(pad);
  return track.has_value() || *pad == '\0';
}

void set(GstStructure* out, const sound::GainMove& fade) {
  gst_structure_set(out, "curve", G_TYPE_STRING, sound::name_of(fade.curve), nullptr);
  set(out, "length", fade.length);
  set(out, "delay", fade.delay);
}

/// The low and the high band have the curve of the fade.
void set(GstStructure* out, const sound::BandMoves& bands) {
  set(out, "low-length", bands.low.length);
  set(out, "low-delay", bands.low.delay);
  set(out, "high-length", bands.high.length);
  set(out, "high-delay", bands.high.delay);
}

bool get(const GstStructure* in, sound::Edit& entry, std::optional<sound::BandMoves>& bands) {
  sound::BandMoves moves{{.curve = entry.fade.curve}, {.curve = entry.fade.curve}};
  const bool all[] = {
      get(in, "low-length", moves.low.length), get(in, "low-delay", moves.low.delay),
      get(in, "high-length", moves.high.length), get(in, "high-delay", moves.high.delay)};
  const auto found = std::ranges::count(all, true);
  if (found == std::ssize(all)) bands = moves;
  return found == 0 || bands.has_value();
}

/// What a join is made for.
bool get(const GstStructure* in, sound::Edit& entry) {
  const char* name = gst_structure_get_string(in, "fit");
  const auto fit = sound::fit_of(name != nullptr ? name : "");
  guint bars = 0;
  gdouble beat = 0;
  if (!fit || gst_structure_get_uint(in, "bars", &bars) == FALSE ||
      gst_structure_get_double(in, "beat", &beat) == FALSE)
    return false;
  entry.fit = *fit;
  entry.beat = beat;
  entry.bars = bars;
  return true;
}

bool get(const GstStructure* in, sound::GainMove& fade) {
  const char* name = gst_structure_get_string(in, "curve");
  const auto curve = sound::curve_of(name != nullptr ? name : "");
  if (!curve) return false;
  fade.curve = *curve;
  return get(in, "length", fade.length) && get(in, "delay", fade.delay);
}

}  // namespace

std::string pad_name(unsigned track) {
  return std::string(kPad) + std::to_string(track);
}

std::optional<unsigned> track_of(std::string_view pad) {
  if (!pad.starts_with(kPad)) return std::nullopt;
  return text::number<unsigned>(pad.substr(kPad.size()));
}

gstpp::Structure to_structure(const Edit& edit) {
  const sound::Edit& entry = edit.entry;
  gstpp::Structure structure(
      gst_structure_new_empty(std::ranges::find(kNames, entry.what, &Name::what)->text));
  GstStructure* out = structure.get();
  if (entry.what == What::kLeaves) {
    set(out, "from", entry.track);
    set(out, "to", entry.next);
  } else {
    set(out, "pad", entry.track);
  }
  if (entry.what != What::kEmpty) set(out, "position", entry.at);
  if (entry.what == What::kLeaves) {
    set(out, "end", entry.at + entry.fade.delay + entry.fade.length);
    if (entry.next) set(out, "on-air", entry.enters);
    gst_structure_set(out, "fit", G_TYPE_STRING, sound::name_of(entry.fit), "bars", G_TYPE_UINT,
                      guint{entry.bars}, "beat", G_TYPE_DOUBLE, entry.beat, nullptr);
  }
  if (has_fade(entry.what)) set(out, entry.fade);
  if (entry.what == What::kBegins) set(out, "cut", entry.cut);
  if (entry.bands) set(out, *entry.bands);
  if (has_start(entry.what)) set(out, "start", entry.began);
  if (entry.what == What::kEnds) {
    set(out, "played", entry.played);
    gst_structure_set(out, "complete", G_TYPE_BOOLEAN, gboolean{entry.complete}, nullptr);
  }
  if (edit.tags) gst_structure_set(out, "tags", GST_TYPE_TAG_LIST, edit.tags.get(), nullptr);
  return structure;
}

std::optional<Edit> edit_of(const GstStructure* in) {
  if (in == nullptr) return std::nullopt;
  const auto name = std::ranges::find_if(
      kNames, [in](const Name& one) { return gst_structure_has_name(in, one.text) != FALSE; });
  if (name == kNames.end()) return std::nullopt;
  Edit edit{.entry = {.what = name->what, .track = {}}};
  sound::Edit& entry = edit.entry;
  gboolean complete = TRUE;
  const bool is_whole =
      (entry.what == What::kLeaves
           ? get(in, "from", entry.track) && get(in, "to", entry.next) && get(in, entry) &&
                 (!entry.next || get(in, "on-air", entry.enters))
           : get(in, "pad", entry.track) && entry.track.has_value()) &&
      (entry.what == What::kEmpty || get(in, "position", entry.at)) &&
      (!has_fade(entry.what) || (get(in, entry.fade) && get(in, entry, entry.bands))) &&
      (entry.what != What::kBegins || get(in, "cut", entry.cut)) &&
      (!has_start(entry.what) || get(in, "start", entry.began)) &&
      (entry.what != What::kEnds ||
       (get(in, "played", entry.played) &&
        gst_structure_get_boolean(in, "complete", &complete) != FALSE));
  if (!is_whole) return std::nullopt;
  entry.complete = complete != FALSE;
  const GValue* tags = gst_structure_get_value(in, "tags");
  if (tags != nullptr && G_VALUE_HOLDS(tags, GST_TYPE_TAG_LIST))
    edit.tags = gstpp::Ref<GstTagList>::share(static_cast<GstTagList*>(g_value_get_boxed(tags)));
  return edit;
}

void post(GstElement* source, const Edit& edit) {
  gst_element_post_message(
      source, gst_message_new_element(GST_OBJECT(source), to_structure(edit).release()));
}

}  // namespace infinara::onair
